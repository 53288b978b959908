import type { TaskResponse } from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { Query } from "../http/contract.js";
import type { RequestOptions } from "../options.js";
import type { FinishedTask } from "../workflows/poll.js";
import { type WaitOptions, waitForTask } from "../workflows/wait.js";
import { type EndedTask, type WaitEachOptions, waitForAll, waitForEach } from "../workflows/wait-each.js";
import { Resource } from "./resource.js";

/** Tasks: the runs in progress, and their results. */
export class Tasks extends Resource {
  /**
   * Gets a task's state and, once it has ended, its result. Results are kept for 24 hours.
   *
   * @param query - `include_partial`: also return the finished rows of a running bulk task; costly for the server.
   * @throws GoneError once the data has expired.
   * @see https://docs.databar.ai/api-reference/endpoint/tasks-get-status
   */
  get(
    taskId: string,
    query: Query<"GET /v1/tasks/{task_id}"> = {},
    options?: RequestOptions,
  ): ApiPromise<TaskResponse> {
    return this.call("tasks.get", "GET /v1/tasks/{task_id}", { path: { task_id: taskId }, query }, options);
  }

  /**
   * Cancels a running task. Credits reserved for unfinished rows are refunded; finished rows keep their results.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   * @throws ConflictError for a task that has ended.
   */
  cancel(taskId: string, options?: RequestOptions): ApiPromise<TaskResponse> {
    return this.call("tasks.cancel", "POST /v1/tasks/{task_id}/cancel", { path: { task_id: taskId } }, options);
  }

  /**
   * Waits for a task to end: polls at once, then every 2 s, growing to 10 s. Network and server errors are retried until
   * `timeoutMs` has passed.
   *
   * @typeParam Data - The type of the task's data. It is not checked. For a bulk run: `(T | null)[]`, aligned to its inputs.
   * @returns The task: `data` (`null` if nothing was found), `status`, `credits_spent`, `progress`.
   * @throws TaskFailedError, TaskCancelledError, TaskGoneError or TaskTimeoutError. Every error carries `taskId`.
   */
  wait<Data = unknown>(taskId: string, options: WaitOptions = {}): Promise<FinishedTask<Data>> {
    return waitForTask(this.transport, taskId, options);
  }

  /**
   * Waits for many tasks, with one schedule for all polls: at most 300 a minute, however many tasks there are.
   *
   * @typeParam Data - The type of each task's data. It is not checked.
   * @returns One entry for each task, in the order of the ids: its `task`, or the `error` that `wait` would have thrown.
   * @throws UsageError for invalid arguments; AbortError if `signal` is aborted; DatabarError if `onProgress` throws.
   */
  waitAll<Data = unknown>(taskIds: Iterable<string>, options?: WaitEachOptions): Promise<EndedTask<Data>[]> {
    return waitForAll(this.transport, taskIds, options);
  }

  /** Like {@link waitAll}, but yields each task as soon as it has ended. */
  waitEach<Data = unknown>(
    taskIds: Iterable<string>,
    options?: WaitEachOptions,
  ): AsyncGenerator<EndedTask<Data>, void, undefined> {
    return waitForEach(this.transport, taskIds, options);
  }
}
