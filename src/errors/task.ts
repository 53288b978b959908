import type { TaskResponse } from "../generated/schema.gen.js";
import { DatabarError } from "./classes.js";

/** A task ended without a result, or waiting for it ended first. */
export class TaskError extends DatabarError {
  override readonly name: string = "TaskError";
  override readonly taskId: string;
  // Private, so that a printed error does not show the task's data.
  readonly #task: TaskResponse | undefined;

  constructor(message: string, taskId: string, task: TaskResponse | undefined, options?: ErrorOptions) {
    super(message, options);
    this.taskId = taskId;
    this.#task = task;
  }

  /** The task as the last poll returned it; `undefined` if no poll succeeded. */
  get task(): TaskResponse | undefined {
    return this.#task;
  }
}

/** The task failed. The message contains the server's reason. */
export class TaskFailedError extends TaskError {
  override readonly name = "TaskFailedError";
}

/** The task was cancelled. `task.data` holds the rows that had finished, not aligned to the inputs. */
export class TaskCancelledError extends TaskError {
  override readonly name = "TaskCancelledError";
}

/** The task's data has expired: results are kept for 24 hours. */
export class TaskGoneError extends TaskError {
  override readonly name = "TaskGoneError";
}

/** The task had not ended after `timeoutMs`. It continues: wait again with `tasks.wait(taskId)`. */
export class TaskTimeoutError extends TaskError {
  override readonly name = "TaskTimeoutError";
}

/** The task ended, but its data is not a list as long as the inputs, so that results cannot be matched. See `task.data`. */
export class TaskResultMismatchError extends TaskError {
  override readonly name = "TaskResultMismatchError";
}
