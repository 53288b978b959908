/**
 * Tables and their parts: columns, rows, and the enrichments, waterfalls and exporters installed on a table.
 * May import what other resources may.
 */
import type { StatusResponse, Table, TableCreate, TableRename } from "../../generated/schema.gen.js";
import type { ApiPromise } from "../../http/api-promise.js";
import type { Transport } from "../../http/call.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../resource.js";
import { TableColumns } from "./columns.js";
import { TableEnrichments } from "./enrichments.js";
import { TableExporters } from "./exporters.js";
import { TableRows } from "./rows.js";
import { TableWaterfalls } from "./waterfalls.js";

/** Tables. A table's id is its `identifier`. */
export class Tables extends Resource {
  readonly columns: TableColumns;
  readonly rows: TableRows;
  readonly enrichments: TableEnrichments;
  readonly waterfalls: TableWaterfalls;
  readonly exporters: TableExporters;

  /** @internal */
  constructor(transport: Transport) {
    super(transport);
    this.columns = new TableColumns(transport);
    this.rows = new TableRows(transport);
    this.enrichments = new TableEnrichments(transport);
    this.waterfalls = new TableWaterfalls(transport);
    this.exporters = new TableExporters(transport);
  }

  /**
   * Lists all tables.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  list(options?: RequestOptions): ApiPromise<Table[]> {
    return this.call("tables.list", "GET /v1/table/", {}, options);
  }

  /**
   * Creates a table.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   * @param body - `name`, `columns` (names; default three, `[]` for none), `rows` (number of empty rows).
   */
  create(body: TableCreate = {}, options?: RequestOptions): ApiPromise<Table> {
    return this.call("tables.create", "POST /v1/table/create", { body }, options);
  }

  /**
   * Renames a table.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  rename(tableId: string, body: TableRename, options?: RequestOptions): ApiPromise<Table> {
    return this.call("tables.rename", "PATCH /v1/table/{table_uuid}", { path: { table_uuid: tableId }, body }, options);
  }

  /**
   * Deletes a table. Assume that this cannot be undone.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  delete(tableId: string, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.call("tables.delete", "DELETE /v1/table/{table_uuid}", { path: { table_uuid: tableId } }, options);
  }
}
