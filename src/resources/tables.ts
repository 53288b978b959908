import type { ApiPromise } from "../core/api-promise.js";
import type { Core } from "../core/core.js";
import type { RequestOptions } from "../core/options.js";
import type { StatusResponse, Table, TableCreate, TableRename } from "../generated/schema.gen.js";
import { TableColumns } from "./table-columns.js";
import { TableEnrichments, TableExporters, TableWaterfalls } from "./table-parts.js";
import { TableRows } from "./table-rows.js";

/** Tables, their columns and rows, and what is installed on them. A table's id is its `identifier`. */
export class Tables {
  readonly columns: TableColumns;
  readonly rows: TableRows;
  readonly enrichments: TableEnrichments;
  readonly waterfalls: TableWaterfalls;
  readonly exporters: TableExporters;
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
    this.columns = new TableColumns(core);
    this.rows = new TableRows(core);
    this.enrichments = new TableEnrichments(core);
    this.waterfalls = new TableWaterfalls(core);
    this.exporters = new TableExporters(core);
  }

  /** Lists all tables. No page documents it: it is known from Databar's own clients. */
  list(options?: RequestOptions): ApiPromise<Table[]> {
    return this.#core.call("get", "/v1/table/", {}, options);
  }

  /**
   * Creates a table. No page documents it: it is known from Databar's own clients.
   *
   * @param body - `name`, `columns` (names; default three, `[]` for none), `rows` (number of empty rows).
   */
  create(body: TableCreate = {}, options?: RequestOptions): ApiPromise<Table> {
    return this.#core.call("post", "/v1/table/create", { body }, options);
  }

  /** Gives a table another name. No page documents it: it is known from Databar's own clients. */
  rename(tableId: string, body: TableRename, options?: RequestOptions): ApiPromise<Table> {
    return this.#core.call(
      "patch",
      "/v1/table/{table_uuid}",
      { params: { path: { table_uuid: tableId } }, body },
      options,
    );
  }

  /** Deletes a table; take it for permanent. No page documents it: it is known from Databar's own clients. */
  delete(tableId: string, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.#core.call("delete", "/v1/table/{table_uuid}", { params: { path: { table_uuid: tableId } } }, options);
  }
}
