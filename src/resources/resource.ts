/**
 * The facade: one class for each resource, one expression for each method. A method names its operation and its route.
 * May import everything below it: http, workflows, errors, generated.
 */

import { DatabarError } from "../errors/classes.js";
import type { Routes } from "../generated/routes.gen.js";
import type { RunResponse } from "../generated/schema.gen.js";
import { type ApiPromise, apiPromise, type WithResponse } from "../http/api-promise.js";
import { call, type Transport } from "../http/call.js";
import type { CallInit, Success } from "../http/contract.js";
import type { RequestOptions } from "../options.js";
import { checkWaitOptions, type FinishedTask, type RunAndWaitOptions, waitForTask } from "../workflows/wait.js";

/** What the resources share: calling an operation, and waiting for a task. */
export abstract class Resource {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Calls an operation.
   *
   * @param operation - The operation's name in the facade.
   * @param route - The operation's method and path template.
   * @param init - Path values, query and body; a function if checking them may fail: it is called as part of the call.
   * @internal
   */
  protected call<Name extends keyof Routes>(
    operation: Name,
    route: Routes[Name],
    init: CallInit<Routes[Name]> | (() => CallInit<Routes[Name]>),
    options: RequestOptions | undefined,
  ): ApiPromise<Success<Routes[Name]>> {
    const result = call(this.#transport, operation, route, init, options ?? {});
    return apiPromise(result as Promise<WithResponse<Success<Routes[Name]>>>);
  }

  /**
   * Waits for a task.
   *
   * @internal
   */
  protected waitFor<Data>(taskId: string, options: RunAndWaitOptions): Promise<FinishedTask<Data>> {
    return waitForTask(this.#transport, taskId, options);
  }

  /**
   * Starts a run and waits for its task. The options are checked first, because the run may cost credits.
   *
   * @internal
   */
  protected async runTask<Data>(
    run: (options: RequestOptions) => Promise<RunResponse>,
    options: RunAndWaitOptions = {},
  ): Promise<FinishedTask<Data>> {
    checkWaitOptions(options);
    const { signal, headers } = options;
    const started = await run({ signal, headers });
    if (!started?.task_id) {
      throw new DatabarError("The run was accepted, but the response has no task_id");
    }
    return this.waitFor(started.task_id, options);
  }
}
