import type { TaskResponse } from "../generated/schema.gen.js";
import { DatabarError } from "./classes.js";

/** A task ended without the result that was waited for, or was not waited for any longer. */
export class TaskError extends DatabarError {
  override readonly name: string = "TaskError";
  override readonly taskId: string;
  /** The task as it was last seen; `undefined` if it never was. */
  readonly task: TaskResponse | undefined;

  constructor(message: string, taskId: string, task: TaskResponse | undefined, options?: ErrorOptions) {
    super(message, options);
    this.taskId = taskId;
    this.task = task;
  }
}

/** The task failed; the message holds the server's words. */
export class TaskFailedError extends TaskError {
  override readonly name = "TaskFailedError";
}

/** The task was cancelled; `task.data` holds the rows that were finished, not aligned to the inputs. */
export class TaskCancelledError extends TaskError {
  override readonly name = "TaskCancelledError";
}

/** The task's data has expired: results are kept for 24 hours. */
export class TaskGoneError extends TaskError {
  override readonly name = "TaskGoneError";
}

/** The task had not ended when `timeoutMs` was over. It goes on: wait again with `tasks.wait(taskId)`. */
export class TaskTimeoutError extends TaskError {
  override readonly name = "TaskTimeoutError";
}
