import type {
  AddEnrichmentRequest,
  AddEnrichmentResponse,
  RunTableEnrichmentRequest,
  RunTableEnrichmentResponse,
  TableEnrichment,
} from "../../generated/schema.gen.js";
import type { ApiPromise } from "../../http/api-promise.js";
import type { RequestOptions } from "../../options.js";
import { Resource } from "../resource.js";

/** Enrichments installed on a table. Their ids differ from those of the catalogue. */
export class TableEnrichments extends Resource {
  /**
   * Lists the enrichments on a table.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableEnrichment[]> {
    return this.call(
      "tables.enrichments.list",
      "GET /v1/table/{table_uuid}/enrichments",
      { path: { table_uuid: tableId } },
      options,
    );
  }

  /**
   * Installs an enrichment on a table.
   *
   * @param body - `enrichment`: its id in the catalogue; `mapping`: parameter to a column (`type: "mapping"`) or to a
   *   fixed value (`type: "simple"`).
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-enrichment
   */
  add(tableId: string, body: AddEnrichmentRequest, options?: RequestOptions): ApiPromise<AddEnrichmentResponse> {
    return this.call(
      "tables.enrichments.add",
      "POST /v1/table/{table_uuid}/add-enrichment",
      { path: { table_uuid: tableId }, body },
      options,
    );
  }

  /**
   * Runs an enrichment, waterfall or exporter that is installed on a table. Spends credits. There is no task to wait
   * for: the results appear in the rows.
   *
   * @param installedId - The id from `list` or `add`.
   * @param body - `run_strategy` (default `run_all`), `row_ids` (default all rows).
   * @see https://docs.databar.ai/api-reference/endpoint/tables-run-enrichment
   */
  run(
    tableId: string,
    installedId: TableEnrichment["id"],
    body: RunTableEnrichmentRequest = {},
    options?: RequestOptions,
  ): ApiPromise<RunTableEnrichmentResponse> {
    return this.call(
      "tables.enrichments.run",
      "POST /v1/table/{table_uuid}/run-enrichment/{enrichment_id}",
      { path: { table_uuid: tableId, enrichment_id: installedId }, body },
      options,
    );
  }
}
