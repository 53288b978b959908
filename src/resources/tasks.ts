import type { ApiPromise } from "../core/api-promise.js";
import type { Core } from "../core/core.js";
import type { RequestOptions } from "../core/options.js";
import type { Query } from "../core/types.js";
import { type FinishedTask, type RunAndWaitOptions, runAndWait, type WaitOptions, waitForTask } from "../core/wait.js";
import type { RunResponse, TaskResponse } from "../generated/schema.gen.js";

/** Runs under way, and their results. */
export class Tasks {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Gets a task's state and, once it has ended, its result. Results are kept for 24 hours.
   *
   * @param query - `include_partial`: also the rows that a running bulk task has finished; costly for the server.
   * @throws GoneError once the data has expired.
   * @see https://docs.databar.ai/api-reference/endpoint/tasks-get-status
   */
  get(
    taskId: string,
    query: Query<"/v1/tasks/{task_id}", "get"> = {},
    options?: RequestOptions,
  ): ApiPromise<TaskResponse> {
    return this.#core.call("get", "/v1/tasks/{task_id}", { params: { path: { task_id: taskId }, query } }, options);
  }

  /**
   * Cancels a running task: credits reserved for what is unfinished come back, finished rows keep their results.
   * No page documents it: it is known from Databar's own clients.
   *
   * @throws ConflictError for a task that has ended.
   */
  cancel(taskId: string, options?: RequestOptions): ApiPromise<TaskResponse> {
    return this.#core.call("post", "/v1/tasks/{task_id}/cancel", { params: { path: { task_id: taskId } } }, options);
  }

  /**
   * Waits for a task to end: looks at once, then every 2 s, growing to 10 s. Faults of the network and of the server are
   * lived through until `timeoutMs` is over.
   *
   * @typeParam Data - What the task's data is; not checked. For a bulk run `(T | null)[]`, aligned to its inputs.
   * @returns The whole task: `data` (`null` where nothing was found), `status`, `credits_spent`, `progress`.
   * @throws TaskFailedError, TaskCancelledError, TaskGoneError or TaskTimeoutError. These and all others carry `taskId`.
   */
  wait<Data = unknown>(taskId: string, options: WaitOptions = {}): Promise<FinishedTask<Data>> {
    return waitForTask(taskId, options, this.#waiting(options));
  }

  /**
   * Starts a run and waits for its task: what the `runAndWait` methods are made of.
   *
   * @param run - Starts the run with the given options.
   * @internal
   */
  runAndWait<Data>(
    run: (options: RequestOptions) => Promise<RunResponse>,
    options: RunAndWaitOptions = {},
  ): Promise<FinishedTask<Data>> {
    const { signal, headers } = options;
    return runAndWait(() => run({ signal, headers }), options, this.#waiting(options));
  }

  #waiting({ signal, headers }: RunAndWaitOptions) {
    return {
      runtime: this.#core.runtime,
      look: (taskId: string, remainingMs: number) => {
        const timeoutMs = Math.min(remainingMs, this.#core.timeoutMs);
        return this.get(taskId, {}, { signal, headers, timeoutMs, maxRetries: 0 });
      },
    };
  }
}
