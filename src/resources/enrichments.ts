import type {
  Choice,
  ChoicesPage,
  Enrichment,
  EnrichmentBulkRunRequest,
  EnrichmentPage,
  EnrichmentRunRequest,
  EnrichmentSummary,
  RunResponse,
} from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { Query } from "../http/contract.js";
import type { RequestOptions } from "../options.js";
import { type Estimate, enrichmentPrices, estimateRun } from "../workflows/estimate.js";
import { paginate } from "../workflows/paginate.js";
import type { FinishedTask } from "../workflows/poll.js";
import { type RunAndWaitOptions, runAndWait } from "../workflows/run.js";
import { checkPage } from "./limits.js";
import { Resource } from "./resource.js";

/** Filters of a list of enrichments, and its page. */
export type EnrichmentsQuery = Query<"GET /v1/enrichments/">;
/** Filters of a list of choices, and its page. */
export type ChoicesQuery = Query<"GET /v1/enrichments/{enrichment_id}/params/{param_slug}/choices">;

/** What changes the price of an enrichment, and the options of the call. */
export type EnrichmentEstimateOptions = Pick<EnrichmentBulkRunRequest, "pagination"> & RequestOptions;

/** The catalogue of enrichments, and their runs. A run spends credits. */
export class Enrichments extends Resource {
  /**
   * Lists all enrichments at once.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   * @param query - `q` to search, `category` by name, `authorized_only` (default true).
   */
  list(
    query: Omit<EnrichmentsQuery, "page" | "limit"> = {},
    options?: RequestOptions,
  ): ApiPromise<EnrichmentSummary[]> {
    // Without a page the server sends the plain list.
    return this.call("enrichments.list", "GET /v1/enrichments/", { query }, options) as ApiPromise<EnrichmentSummary[]>;
  }

  /**
   * Lists one page of enrichments.
   *
   * @param query - As for {@link list}, with `page` from 1 (default 1) and `limit` from 1 to 500.
   * @throws UsageError for a page or a limit outside these ranges.
   */
  listPage(query: EnrichmentsQuery = {}, options?: RequestOptions): ApiPromise<EnrichmentPage> {
    const init = () => ({ query: checkPage({ ...query, page: query.page ?? 1 }) });
    return this.call("enrichments.list", "GET /v1/enrichments/", init, options) as ApiPromise<EnrichmentPage>;
  }

  /** Iterates over all enrichments. Pages are requested as they are needed. */
  iterate(
    query: Omit<EnrichmentsQuery, "page"> = {},
    options?: RequestOptions,
  ): AsyncGenerator<EnrichmentSummary, void, undefined> {
    return paginate(
      (page) => this.listPage({ ...query, page }, options),
      (page) => page.items,
      options?.signal,
    );
  }

  /**
   * Gets one enrichment with its parameters.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  get(enrichmentId: number, options?: RequestOptions): ApiPromise<Enrichment> {
    return this.call(
      "enrichments.get",
      "GET /v1/enrichments/{enrichment_id}",
      { path: { enrichment_id: enrichmentId } },
      options,
    );
  }

  /**
   * Lists one page of the values that a parameter accepts. A run expects their `id`.
   *
   * @param paramSlug - The parameter's `name`.
   * @param query - `q` to search, `page` from 1, `limit` from 1 to 500.
   * @throws UsageError for a page or a limit outside these ranges.
   */
  choices(
    enrichmentId: number,
    paramSlug: string,
    query: ChoicesQuery = {},
    options?: RequestOptions,
  ): ApiPromise<ChoicesPage> {
    return this.call(
      "enrichments.choices",
      "GET /v1/enrichments/{enrichment_id}/params/{param_slug}/choices",
      () => ({ path: { enrichment_id: enrichmentId, param_slug: paramSlug }, query: checkPage(query) }),
      options,
    );
  }

  /** Iterates over all values that a parameter accepts. Pages are requested as they are needed. */
  iterateChoices(
    enrichmentId: number,
    paramSlug: string,
    query: Omit<ChoicesQuery, "page"> = {},
    options?: RequestOptions,
  ): AsyncGenerator<Choice, void, undefined> {
    return paginate(
      (page) => this.choices(enrichmentId, paramSlug, { ...query, page }, options),
      (page) => page.items,
      options?.signal,
    );
  }

  /**
   * Starts an enrichment. Spends credits. Pass the `task_id` to `tasks.wait` to get the result.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/enrichments-run
   */
  run(enrichmentId: number, body: EnrichmentRunRequest, options?: RequestOptions): ApiPromise<RunResponse> {
    return this.call(
      "enrichments.run",
      "POST /v1/enrichments/{enrichment_id}/run",
      { path: { enrichment_id: enrichmentId }, body },
      options,
    );
  }

  /**
   * Starts an enrichment for many inputs. Spends credits. Pass the `task_id` to `tasks.wait` to get the result.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/enrichments-bulk-run
   */
  bulkRun(enrichmentId: number, body: EnrichmentBulkRunRequest, options?: RequestOptions): ApiPromise<RunResponse> {
    return this.call(
      "enrichments.bulkRun",
      "POST /v1/enrichments/{enrichment_id}/bulk-run",
      { path: { enrichment_id: enrichmentId }, body },
      options,
    );
  }

  /**
   * Estimates what {@link bulkRun} costs, and finds inputs that lack a required parameter. Spends no credits.
   *
   * @param inputs - The `params` of the bulk run.
   * @param options - `pagination` of the bulk run: the price is for each page.
   * @returns Credits at list prices: `price`, times the value of the parameter that `pricing` names, for each page.
   * @see https://docs.databar.ai/product-guide/credits-and-billing
   */
  estimate(
    enrichmentId: number,
    inputs: EnrichmentBulkRunRequest["params"],
    options?: EnrichmentEstimateOptions,
  ): Promise<Estimate> {
    return estimateRun(inputs, async () => {
      const { pagination, ...request } = { ...options };
      return enrichmentPrices(await this.get(enrichmentId, request), pagination?.pages);
    });
  }

  /**
   * Runs an enrichment and waits for its result. Spends credits.
   *
   * @typeParam T - The type of the data. It is not checked.
   * @throws Every error of `run` and `tasks.wait`. Errors after the run was accepted carry `taskId`.
   */
  runAndWait<T = unknown>(
    enrichmentId: number,
    body: EnrichmentRunRequest,
    options?: RunAndWaitOptions,
  ): Promise<FinishedTask<T>> {
    return runAndWait(this.transport, (init) => this.run(enrichmentId, body, init), options);
  }

  /**
   * Runs an enrichment for many inputs and waits for the results. Spends credits.
   *
   * @returns The task. `data[i]` belongs to `params[i]`; it is `null` if nothing was found.
   * @throws Every error of `bulkRun` and `tasks.wait`. Errors after the run was accepted carry `taskId`.
   */
  bulkRunAndWait<T = unknown>(
    enrichmentId: number,
    body: EnrichmentBulkRunRequest,
    options?: RunAndWaitOptions,
  ): Promise<FinishedTask<(T | null)[]>> {
    return runAndWait(this.transport, (init) => this.bulkRun(enrichmentId, body, init), options, body?.params);
  }
}
