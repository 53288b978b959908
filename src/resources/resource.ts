import { DatabarError } from "../errors/classes.js";
import type { Routes } from "../generated/routes.gen.js";
import type { RunResponse } from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { Core } from "../http/call.js";
import type { CallInit, Success } from "../http/contract.js";
import type { RequestOptions } from "../options.js";
import {
  checkWaitOptions,
  type FinishedTask,
  type RunAndWaitOptions,
  type WaitOptions,
  waitForTask,
} from "../workflows/wait.js";

/** What the resources have in common: calling their operations, and waiting for tasks. */
export abstract class Resource<Name extends keyof Routes> {
  readonly #core: Core;
  readonly #name: Name;

  /** @param name - The resource's name, with which the names of its operations start. */
  constructor(core: Core, name: Name) {
    this.#core = core;
    this.#name = name;
  }

  /**
   * Calls an operation of this resource.
   *
   * @param init - Path values, query and body; a function, where checking them may fail: it is called as part of the call.
   * @internal
   */
  protected call<Method extends keyof Routes[Name] & string, Route extends Routes[Name][Method]>(
    method: Method,
    route: Route & string,
    init: CallInit<Route> | (() => CallInit<Route>),
    options: RequestOptions | undefined,
  ): ApiPromise<Success<Route>> {
    return this.#core.call(`${this.#name}.${method}`, route, init as never, options) as ApiPromise<Success<Route>>;
  }

  /**
   * Waits for a task.
   *
   * @internal
   */
  protected waitFor<Data>(taskId: string, options: WaitOptions): Promise<FinishedTask<Data>> {
    return waitForTask(this.#core, taskId, options);
  }

  /**
   * Starts a run and waits for its task. The options are checked first: the run may cost credits.
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
      throw new DatabarError("The run was accepted, but its answer names no task to wait for");
    }
    return this.waitFor(started.task_id, options);
  }
}
