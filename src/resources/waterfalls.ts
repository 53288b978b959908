import type { RunResponse, Waterfall, WaterfallBulkRunRequest, WaterfallRunRequest } from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { RequestOptions } from "../options.js";
import { type Estimate, estimateRun, waterfallPrices } from "../workflows/estimate.js";
import type { FinishedTask } from "../workflows/poll.js";
import { type RunAndWaitOptions, runAndWait } from "../workflows/run.js";
import { Resource } from "./resource.js";

/** What changes the price of a waterfall, and the options of the call. */
export type WaterfallEstimateOptions = Pick<WaterfallBulkRunRequest, "enrichments" | "email_verifier"> & RequestOptions;

/** Waterfalls: providers that are tried in turn. A run spends credits. */
export class Waterfalls extends Resource {
  /**
   * Lists all waterfalls.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/waterfalls-list
   */
  list(options?: RequestOptions): ApiPromise<Waterfall[]> {
    return this.call("waterfalls.list", "GET /v1/waterfalls/", {}, options);
  }

  /**
   * Gets one waterfall.
   *
   * @param identifier - Its slug, such as `email_getter`.
   * @see https://docs.databar.ai/api-reference/endpoint/waterfalls-get
   */
  get(identifier: string, options?: RequestOptions): ApiPromise<Waterfall> {
    return this.call(
      "waterfalls.get",
      "GET /v1/waterfalls/{waterfall_identifier}",
      { path: { waterfall_identifier: identifier } },
      options,
    );
  }

  /**
   * Starts a waterfall. Spends credits. Pass the `task_id` to `tasks.wait` to get the result.
   *
   * @param body - Without `enrichments`, or with an empty list, the server runs its default providers.
   * @see https://docs.databar.ai/api-reference/endpoint/waterfalls-run
   */
  run(identifier: string, body: WaterfallRunRequest, options?: RequestOptions): ApiPromise<RunResponse> {
    return this.call(
      "waterfalls.run",
      "POST /v1/waterfalls/{waterfall_identifier}/run",
      () => ({ path: { waterfall_identifier: identifier }, body: withoutEmptyProviders(body) }),
      options,
    );
  }

  /**
   * Starts a waterfall for many inputs. Spends credits. Pass the `task_id` to `tasks.wait` to get the result.
   *
   * @param body - Without `enrichments`, or with an empty list, the server runs its default providers.
   * @see https://docs.databar.ai/api-reference/endpoint/waterfalls-bulk-run
   */
  bulkRun(identifier: string, body: WaterfallBulkRunRequest, options?: RequestOptions): ApiPromise<RunResponse> {
    return this.call(
      "waterfalls.bulkRun",
      "POST /v1/waterfalls/{waterfall_identifier}/bulk-run",
      () => ({ path: { waterfall_identifier: identifier }, body: withoutEmptyProviders(body) }),
      options,
    );
  }

  /**
   * Estimates what {@link bulkRun} costs, and finds inputs that lack a required parameter. Spends no credits.
   *
   * @param inputs - The `params` of the bulk run.
   * @param options - `enrichments` and `email_verifier` of the bulk run.
   * @returns Credits at list prices. `max`: every provider is used for every input, and the address is verified. `min` is
   *   0: no provider finds anything, and an input without a result is not billed.
   */
  estimate(
    identifier: string,
    inputs: WaterfallBulkRunRequest["params"],
    options?: WaterfallEstimateOptions,
  ): Promise<Estimate> {
    return estimateRun(inputs, async () => {
      const { enrichments, email_verifier, ...request } = { ...options };
      const providers = { ...(enrichments && { enrichments }), ...(email_verifier != null && { email_verifier }) };
      return waterfallPrices(await this.get(identifier, request), providers);
    });
  }

  /**
   * Runs a waterfall and waits for its result. Spends credits.
   *
   * @typeParam T - The type of the data. It is not checked.
   * @throws Every error of `run` and `tasks.wait`. Errors after the run was accepted carry `taskId`.
   */
  runAndWait<T = unknown>(
    identifier: string,
    body: WaterfallRunRequest,
    options?: RunAndWaitOptions,
  ): Promise<FinishedTask<T>> {
    return runAndWait(this.transport, (init) => this.run(identifier, body, init), options);
  }

  /**
   * Runs a waterfall for many inputs and waits for the results. Spends credits.
   *
   * @returns The task. `data[i]` belongs to `params[i]`; it is `null` if nothing was found.
   * @throws Every error of `bulkRun` and `tasks.wait`. Errors after the run was accepted carry `taskId`.
   */
  bulkRunAndWait<T = unknown>(
    identifier: string,
    body: WaterfallBulkRunRequest,
    options?: RunAndWaitOptions,
  ): Promise<FinishedTask<(T | null)[]>> {
    return runAndWait(this.transport, (init) => this.bulkRun(identifier, body, init), options, body?.params);
  }
}

/** The server rejects an empty list of providers. Without the field it runs its default providers. */
export function withoutEmptyProviders<Body extends { enrichments?: number[] }>(body: Body): Body {
  const { enrichments, ...rest } = body;
  return enrichments?.length === 0 ? (rest as Body) : body;
}
