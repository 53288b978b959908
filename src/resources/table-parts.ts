import type { ApiPromise } from "../core/api-promise.js";
import type { RequestOptions } from "../core/options.js";
import { Resource } from "../core/resource.js";
import type {
  AddEnrichmentRequest,
  AddEnrichmentResponse,
  AddExporterRequest,
  AddExporterResponse,
  AddWaterfallRequest,
  AddWaterfallResponse,
  RunTableEnrichmentRequest,
  RunTableEnrichmentResponse,
  TableEnrichment,
  TableExporter,
  TableWaterfall,
} from "../generated/schema.gen.js";
import { withoutEmptyProviders } from "./waterfalls.js";

/** Enrichments installed on a table. The ids here are those of the installations, not of the catalogue. */
export class TableEnrichments extends Resource<"tables.enrichments"> {
  /** Lists the enrichments on a table. No page documents it: it is known from Databar's own clients. */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableEnrichment[]> {
    return this.call("list", "GET /v1/table/{table_uuid}/enrichments", { path: { table_uuid: tableId } }, options);
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
      "add",
      "POST /v1/table/{table_uuid}/add-enrichment",
      { path: { table_uuid: tableId }, body },
      options,
    );
  }

  /**
   * Runs an enrichment, waterfall or exporter that is installed on a table. Spends credits. There is no task to wait
   * for: the results appear in the rows.
   *
   * @param installedId - The id that `list` or `add` gave.
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
      "run",
      "POST /v1/table/{table_uuid}/run-enrichment/{enrichment_id}",
      { path: { table_uuid: tableId, enrichment_id: installedId }, body },
      options,
    );
  }
}

/** Waterfalls installed on a table. They are run by `tables.enrichments.run`. */
export class TableWaterfalls extends Resource<"tables.waterfalls"> {
  /** Lists the waterfalls on a table. No page documents it: it is known from Databar's own clients. */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableWaterfall[]> {
    return this.call("list", "GET /v1/table/{table_uuid}/waterfalls", { path: { table_uuid: tableId } }, options);
  }

  /**
   * Installs a waterfall on a table.
   *
   * @param body - `mapping`: parameter to column; without `enrichments`, or with an empty list, the default cascade.
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-waterfall
   */
  add(tableId: string, body: AddWaterfallRequest, options?: RequestOptions): ApiPromise<AddWaterfallResponse> {
    return this.call(
      "add",
      "POST /v1/table/{table_uuid}/add-waterfall",
      { path: { table_uuid: tableId }, body: withoutEmptyProviders(body) },
      options,
    );
  }
}

/** Exporters installed on a table. They are run by `tables.enrichments.run`. */
export class TableExporters extends Resource<"tables.exporters"> {
  /** Lists the exporters on a table. No page documents it: it is known from Databar's own clients. */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableExporter[]> {
    return this.call("list", "GET /v1/table/{table_uuid}/exporters", { path: { table_uuid: tableId } }, options);
  }

  /**
   * Installs an exporter on a table.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-exporter
   */
  add(tableId: string, body: AddExporterRequest, options?: RequestOptions): ApiPromise<AddExporterResponse> {
    return this.call(
      "add",
      "POST /v1/table/{table_uuid}/add-exporter",
      { path: { table_uuid: tableId }, body },
      options,
    );
  }
}
