import type {
  Flow,
  FlowBulkRunRequest,
  FlowConfigEdit,
  FlowConfigEditResult,
  FlowConfigRequest,
  FlowConfigValidation,
  FlowCostEstimate,
  FlowCreate,
  FlowDetail,
  FlowReplace,
  FlowRestoreRequest,
  FlowRestoreResult,
  FlowRunRequest,
  FlowUpdate,
  FlowVersion,
  FlowVersionDetail,
  RunResponse,
  StatusResponse,
} from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { Query } from "../http/contract.js";
import type { RequestOptions } from "../options.js";
import { type Estimate, estimateRun, flowPrices } from "../workflows/estimate.js";
import type { FinishedTask } from "../workflows/poll.js";
import { type RunAndWaitOptions, runAndWait } from "../workflows/run.js";
import { checkPage } from "./limits.js";
import { Resource } from "./resource.js";

/** A flow's id. Its page says integer; Databar's official clients use UUIDs. */
export type FlowId = Flow["id"];

/**
 * Flows: graphs of enrichments. A run spends credits.
 *
 * @remarks Only `run` is documented; the rest is taken from Databar's official clients.
 *
 * `internal_version` guards changes: send the version that you read. A stale version is a `ConflictError`.
 */
export class Flows extends Resource {
  /** Lists all flows. */
  list(options?: RequestOptions): ApiPromise<Flow[]> {
    return this.call("flows.list", "GET /v1/flows", {}, options);
  }

  /** Gets one flow with its graph and its `internal_version`. */
  get(flowId: FlowId, options?: RequestOptions): ApiPromise<FlowDetail> {
    return this.call("flows.get", "GET /v1/flows/{flow_id}", { path: { flow_id: flowId } }, options);
  }

  /**
   * Creates a flow.
   *
   * @throws InsufficientCreditsError if the plan allows no further flow.
   */
  create(body: FlowCreate, options?: RequestOptions): ApiPromise<FlowDetail> {
    return this.call("flows.create", "POST /v1/flows", { body }, options);
  }

  /**
   * Replaces a whole flow.
   *
   * @throws ConflictError for a stale `internal_version`.
   */
  replace(flowId: FlowId, body: FlowReplace, options?: RequestOptions): ApiPromise<FlowDetail> {
    return this.call("flows.replace", "PUT /v1/flows/{flow_id}", { path: { flow_id: flowId }, body }, options);
  }

  /**
   * Changes some fields of a flow. A change of `config` needs `internal_version`.
   *
   * @throws ConflictError for a stale `internal_version`.
   */
  update(flowId: FlowId, body: FlowUpdate, options?: RequestOptions): ApiPromise<FlowDetail> {
    return this.call("flows.update", "PATCH /v1/flows/{flow_id}", { path: { flow_id: flowId }, body }, options);
  }

  /**
   * Applies a list of operations to a flow's graph, all or none. With `validate_only` nothing is stored.
   *
   * @throws ConflictError for a stale `internal_version`.
   */
  editConfig(flowId: FlowId, body: FlowConfigEdit, options?: RequestOptions): ApiPromise<FlowConfigEditResult> {
    return this.call(
      "flows.editConfig",
      "PATCH /v1/flows/{flow_id}/config",
      { path: { flow_id: flowId }, body },
      options,
    );
  }

  /** Checks a graph. For an invalid graph the result has `valid: false`; it is not an error. */
  validateConfig(body: FlowConfigRequest, options?: RequestOptions): ApiPromise<FlowConfigValidation> {
    return this.call("flows.validateConfig", "POST /v1/flows/validate-config", { body }, options);
  }

  /** Estimates what one run of a graph costs, in credits. */
  estimateCost(body: FlowConfigRequest, options?: RequestOptions): ApiPromise<FlowCostEstimate> {
    return this.call("flows.estimateCost", "POST /v1/flows/cost-estimate", { body }, options);
  }

  /**
   * Estimates what {@link bulkRun} costs, and finds inputs that lack a required one. Spends no credits.
   *
   * @param inputs - The `inputs` of the bulk run.
   * @returns Credits: the server's estimate for one run, see {@link estimateCost}, times the number of inputs.
   */
  estimate(flowId: FlowId, inputs: FlowBulkRunRequest["inputs"], options?: RequestOptions): Promise<Estimate> {
    return estimateRun(inputs, async () => {
      const flow = await this.get(flowId, options);
      return flowPrices(flow, await this.estimateCost({ config: flow.config ?? {} }, options));
    });
  }

  /**
   * Deletes a flow.
   *
   * @throws ConflictError while a table column uses it.
   */
  delete(flowId: FlowId, options?: RequestOptions): ApiPromise<StatusResponse> {
    return this.call("flows.delete", "DELETE /v1/flows/{flow_id}", { path: { flow_id: flowId } }, options);
  }

  /**
   * Starts a flow. Spends credits. Pass the `task_id` to `tasks.wait` to get the result.
   *
   * @param body - `inputs`: input id to value.
   * @see https://docs.databar.ai/api-reference/endpoint/flows-run
   */
  run(flowId: FlowId, body: FlowRunRequest = {}, options?: RequestOptions): ApiPromise<RunResponse> {
    return this.call("flows.run", "POST /v1/flows/{flow_id}/run", { path: { flow_id: flowId }, body }, options);
  }

  /** Starts a flow for many inputs. Spends credits. Pass the `task_id` to `tasks.wait` to get the result. */
  bulkRun(flowId: FlowId, body: FlowBulkRunRequest, options?: RequestOptions): ApiPromise<RunResponse> {
    return this.call(
      "flows.bulkRun",
      "POST /v1/flows/{flow_id}/bulk-run",
      { path: { flow_id: flowId }, body },
      options,
    );
  }

  /**
   * Runs a flow and waits for its result. Spends credits.
   *
   * @typeParam T - The type of the data. It is not checked.
   * @throws Every error of `run` and `tasks.wait`. Errors after the run was accepted carry `taskId`.
   */
  runAndWait<T = unknown>(
    flowId: FlowId,
    body: FlowRunRequest = {},
    options?: RunAndWaitOptions,
  ): Promise<FinishedTask<T>> {
    return runAndWait(this.transport, (init) => this.run(flowId, body, init), options);
  }

  /**
   * Runs a flow for many inputs and waits for the results. Spends credits.
   *
   * @returns The task. `data[i]` belongs to `inputs[i]`; it is `null` if nothing was found.
   * @throws Every error of `bulkRun` and `tasks.wait`. Errors after the run was accepted carry `taskId`.
   */
  bulkRunAndWait<T = unknown>(
    flowId: FlowId,
    body: FlowBulkRunRequest,
    options?: RunAndWaitOptions,
  ): Promise<FinishedTask<(T | null)[]>> {
    return runAndWait(this.transport, (init) => this.bulkRun(flowId, body, init), options, body?.inputs);
  }

  /**
   * Lists one page of a flow's versions, newest first.
   *
   * @param query - `page` from 1, `limit` from 1 to 500 (default 50).
   * @throws UsageError for a page or a limit outside these ranges.
   */
  listVersions(
    flowId: FlowId,
    query: Query<"GET /v1/flows/{flow_id}/versions"> = {},
    options?: RequestOptions,
  ): ApiPromise<FlowVersion[]> {
    const init = () => ({ path: { flow_id: flowId }, query: checkPage(query) });
    return this.call("flows.listVersions", "GET /v1/flows/{flow_id}/versions", init, options);
  }

  /** Gets one version of a flow with its graph. */
  getVersion(flowId: FlowId, number: number, options?: RequestOptions): ApiPromise<FlowVersionDetail> {
    return this.call(
      "flows.getVersion",
      "GET /v1/flows/{flow_id}/versions/{number}",
      { path: { flow_id: flowId, number } },
      options,
    );
  }

  /**
   * Makes an old version the newest.
   *
   * @throws ConflictError for a stale `internal_version`.
   */
  restoreVersion(
    flowId: FlowId,
    number: number,
    body: FlowRestoreRequest = {},
    options?: RequestOptions,
  ): ApiPromise<FlowRestoreResult> {
    return this.call(
      "flows.restoreVersion",
      "POST /v1/flows/{flow_id}/versions/{number}/restore",
      { path: { flow_id: flowId, number }, body },
      options,
    );
  }
}
