import type { ApiPromise } from "../core/api-promise.js";
import type { Core } from "../core/core.js";
import type { RequestOptions } from "../core/options.js";
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
export class TableEnrichments {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Lists the enrichments on a table. No page documents it: it is known from Databar's own clients. */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableEnrichment[]> {
    return this.#core.call(
      "get",
      "/v1/table/{table_uuid}/enrichments",
      { params: { path: { table_uuid: tableId } } },
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
    return this.#core.call(
      "post",
      "/v1/table/{table_uuid}/add-enrichment",
      { params: { path: { table_uuid: tableId } }, body },
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
    return this.#core.call(
      "post",
      "/v1/table/{table_uuid}/run-enrichment/{enrichment_id}",
      { params: { path: { table_uuid: tableId, enrichment_id: installedId } }, body },
      options,
    );
  }
}

/** Waterfalls installed on a table. They are run by `tables.enrichments.run`. */
export class TableWaterfalls {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Lists the waterfalls on a table. No page documents it: it is known from Databar's own clients. */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableWaterfall[]> {
    return this.#core.call(
      "get",
      "/v1/table/{table_uuid}/waterfalls",
      { params: { path: { table_uuid: tableId } } },
      options,
    );
  }

  /**
   * Installs a waterfall on a table.
   *
   * @param body - `mapping`: parameter to column; without `enrichments`, or with an empty list, the default cascade.
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-waterfall
   */
  add(tableId: string, body: AddWaterfallRequest, options?: RequestOptions): ApiPromise<AddWaterfallResponse> {
    return this.#core.call(
      "post",
      "/v1/table/{table_uuid}/add-waterfall",
      { params: { path: { table_uuid: tableId } }, body: withoutEmptyProviders(body) },
      options,
    );
  }
}

/** Exporters installed on a table. They are run by `tables.enrichments.run`. */
export class TableExporters {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Lists the exporters on a table. No page documents it: it is known from Databar's own clients. */
  list(tableId: string, options?: RequestOptions): ApiPromise<TableExporter[]> {
    return this.#core.call(
      "get",
      "/v1/table/{table_uuid}/exporters",
      { params: { path: { table_uuid: tableId } } },
      options,
    );
  }

  /**
   * Installs an exporter on a table.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/tables-add-exporter
   */
  add(tableId: string, body: AddExporterRequest, options?: RequestOptions): ApiPromise<AddExporterResponse> {
    return this.#core.call(
      "post",
      "/v1/table/{table_uuid}/add-exporter",
      { params: { path: { table_uuid: tableId } }, body },
      options,
    );
  }
}
