/** One poll of a task, and what its status means. */
import {
  ApiError,
  ConnectionError,
  DatabarError,
  GoneError,
  NotFoundError,
  ResponseParseError,
  TimeoutError,
} from "../errors/classes.js";
import { printable } from "../errors/redact.js";
import { statusMeaning } from "../errors/status.js";
import { TaskCancelledError, TaskFailedError, TaskGoneError } from "../errors/task.js";
import type { Routes } from "../generated/routes.gen.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import { call, type Transport } from "../http/call.js";
import type { RequestOptions } from "../options.js";

const ROUTE = "GET /v1/tasks/{task_id}" satisfies Routes["tasks.get"];

/** The known states of a task. The set is open: expect others. */
export type TaskStatus =
  | "processing"
  | "completed"
  | "partially_completed"
  | "no_data"
  | "failed"
  | "cancelled"
  | "gone"
  | (string & {});

/** A task that has ended. */
export type FinishedTask<Data> = Omit<TaskResponse, "data" | "status" | "credits_spent"> & {
  status: TaskStatus;
  /** `null` if nothing was found. */
  data: Data | null;
  /** 0 if the server does not say. */
  credits_spent: number;
};

/** A task that is watched until it ends. */
export interface Watch {
  taskId: string;
  /** As the last successful poll returned it. */
  task: TaskResponse | undefined;
  /** Why the last poll failed, if the next may succeed. */
  failure: Error | undefined;
  /** Since when the status is `no_data`, in milliseconds of the client's clock. */
  noDataSince: number | undefined;
  /** Until when a 404 is retried: the server may not know a new task at once. */
  notFoundUntil: number;
  /** What must not be printed. */
  secrets: readonly string[];
}

export function watchTask(taskId: string, notFoundUntil = Number.NEGATIVE_INFINITY): Watch {
  return { taskId, task: undefined, failure: undefined, noDataSince: undefined, notFoundUntil, secrets: [] };
}

/** What a poll needs beside the task. */
export interface PollOptions extends Pick<RequestOptions, "signal" | "headers" | "timeoutMs"> {
  noDataGraceMs: number;
  onProgress?: ((task: TaskResponse) => unknown) | undefined;
}

/**
 * Polls a task once.
 *
 * @returns The task if it has ended with a result; `undefined` if it is still running, or if the poll failed and the
 *   next one may succeed.
 * @throws TaskFailedError, TaskCancelledError or TaskGoneError if it ended without a result.
 */
export async function pollTask<Data>(
  transport: Transport,
  watch: Watch,
  { noDataGraceMs, onProgress, ...options }: PollOptions,
): Promise<FinishedTask<Data> | undefined> {
  const { now } = transport.client.runtime;
  try {
    const path = { task_id: watch.taskId };
    const result = await call(transport, "tasks.get", ROUTE, { path }, { ...options, maxRetries: 0 });
    watch.secrets = result.secrets;
    if (!isTask(result.data)) {
      throw result.shapeError("the body is not a task");
    }
    watch.task = result.data;
    watch.failure = undefined;
  } catch (error) {
    watch.failure = passingFailure(error, watch, now());
    return undefined;
  }
  const { task } = watch;
  await report(task, onProgress);
  watch.noDataSince = task.status === "no_data" ? (watch.noDataSince ?? now()) : undefined;
  const isNoData = watch.noDataSince !== undefined && now() - watch.noDataSince >= noDataGraceMs;
  if (!isNoData && !hasEnded(task, watch)) {
    return undefined;
  }
  return { ...task, data: (task.data ?? null) as Data | null, credits_spent: task.credits_spent ?? 0 };
}

function isTask(value: unknown): value is TaskResponse {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a task ended with data; throws if it ended without. An unknown status counts as pending. */
function hasEnded(task: TaskResponse, { taskId, secrets }: Watch): boolean {
  const id = printable(String(taskId), secrets);
  switch (task.status) {
    case "completed":
    case "partially_completed":
    case "success":
      return true;
    case "failed":
    case "error": {
      const reason = printable([task.error ?? []].flat().join("; "), secrets) || "the server gave no reason";
      throw new TaskFailedError(`Task ${id} failed: ${reason}`, taskId, task);
    }
    case "cancelled":
      throw new TaskCancelledError(`Task ${id} was cancelled; its finished rows are in error.task.data`, taskId, task);
    case "gone":
      throw new TaskGoneError(`The data of task ${id} has expired`, taskId, task);
    default:
      return false;
  }
}

/** Returns the error if the next poll may succeed, and throws it otherwise. */
function passingFailure(error: unknown, { taskId, task, notFoundUntil, secrets }: Watch, now: number): Error {
  if (error instanceof GoneError) {
    const message = `The data of task ${printable(String(taskId), secrets)} has expired: ${error.message}`;
    throw new TaskGoneError(message, taskId, task, { cause: error });
  }
  if (error instanceof ApiError) {
    const isNew = error instanceof NotFoundError && now < notFoundUntil;
    if (isNew || statusMeaning(error.status).passes) {
      return error;
    }
  } else if (error instanceof ConnectionError || error instanceof TimeoutError || error instanceof ResponseParseError) {
    return error;
  }
  throw error;
}

async function report(task: TaskResponse, onProgress: PollOptions["onProgress"]): Promise<void> {
  try {
    await onProgress?.(task);
  } catch (cause) {
    throw new DatabarError("onProgress threw", { cause });
  }
}
