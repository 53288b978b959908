import type { AddExporterRequest, AddExporterResponse, TableExporter } from "../../generated/schema.gen.js";
import type { ApiPromise } from "../../http/api-promise.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../resource.js";

/** Exporters installed on a table. `tables.enrichments.run` runs them. */
export class TableExporters extends Resource {
  /**
   * Lists the exporters on a table.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableExporter[]> {
    return this.call(
      "tables.exporters.list",
      "GET /v1/table/{table_uuid}/exporters",
      { path: { table_uuid: tableId } },
      options,
    );
  }

  /**
   * Installs an exporter on a table.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-exporter
   */
  add(tableId: string, body: AddExporterRequest, options?: RequestOptions): ApiPromise<AddExporterResponse> {
    return this.call(
      "tables.exporters.add",
      "POST /v1/table/{table_uuid}/add-exporter",
      { path: { table_uuid: tableId }, body },
      options,
    );
  }
}
