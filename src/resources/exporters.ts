import type { Exporter, ExporterDetail, ExporterPage } from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { Query } from "../http/contract.js";
import type { RequestOptions } from "../options.js";
import { paginate } from "../workflows/paginate.js";
import { checkPage } from "./limits.js";
import { Resource } from "./resource.js";

/** Filters of a list of exporters, and its page. */
export type ExportersQuery = Query<"GET /v1/exporters/">;

/**
 * The catalogue of exporters.
 *
 * @remarks Undocumented; taken from Databar's official clients.
 */
export class Exporters extends Resource {
  /** Lists all exporters at once. */
  list(query: Omit<ExportersQuery, "page" | "limit"> = {}, options?: RequestOptions): ApiPromise<Exporter[]> {
    // Without a page the server sends the plain list.
    return this.call("exporters.list", "GET /v1/exporters/", { query }, options) as ApiPromise<Exporter[]>;
  }

  /**
   * Lists one page of exporters.
   *
   * @param query - `page` from 1 (default 1), `limit` from 1 to 500, `q` to search.
   * @throws UsageError for a page or a limit outside these ranges.
   */
  listPage(query: ExportersQuery = {}, options?: RequestOptions): ApiPromise<ExporterPage> {
    const init = () => ({ query: checkPage({ ...query, page: query.page ?? 1 }) });
    return this.call("exporters.list", "GET /v1/exporters/", init, options) as ApiPromise<ExporterPage>;
  }

  /** Iterates over all exporters. Pages are requested as they are needed. */
  iterate(
    query: Omit<ExportersQuery, "page"> = {},
    options?: RequestOptions,
  ): AsyncGenerator<Exporter, void, undefined> {
    return paginate(
      (page) => this.listPage({ ...query, page }, options),
      (page) => page.items,
      options?.signal,
    );
  }

  /**
   * Gets one exporter with its parameters.
   *
   * @param query - `authorization`: the id of the connection whose dynamic fields to fetch.
   */
  get(
    exporterId: number,
    query: Query<"GET /v1/exporters/{exporter_id}"> = {},
    options?: RequestOptions,
  ): ApiPromise<ExporterDetail> {
    return this.call(
      "exporters.get",
      "GET /v1/exporters/{exporter_id}",
      { path: { exporter_id: exporterId }, query },
      options,
    );
  }
}
