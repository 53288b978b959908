/** Waits for tasks. */
import {
  AbortError,
  ApiError,
  ConnectionError,
  DatabarError,
  GoneError,
  ResponseParseError,
  TimeoutError,
} from "../errors/classes.js";
import { printable } from "../errors/redact.js";
import { statusMeaning } from "../errors/status.js";
import { TaskCancelledError, TaskFailedError, TaskGoneError, TaskTimeoutError } from "../errors/task.js";
import type { Routes } from "../generated/routes.gen.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import { call, type Transport } from "../http/call.js";
import { type RequestOptions, SIGNAL } from "../options.js";
import { type Check, checkOptions, FUNCTION } from "../validate.js";

/** Options of waiting for a task. */
export interface WaitOptions {
  /** How long to wait after the first poll, in milliseconds. Later waits grow to 10 000. Default: 2 000. */
  pollIntervalMs?: number | undefined;
  /** How long to wait in total, in milliseconds. Default: 300 000. */
  timeoutMs?: number | undefined;
  /** How long the status must be `no_data` before it counts as the end, in milliseconds: the task may still find data. Default: 10 000. */
  noDataGraceMs?: number | undefined;
  /** Ends the wait at once. The task goes on. */
  signal?: AbortSignal | undefined;
  /** Called with the task after each poll. If it throws, the wait ends with that error as the `cause`. */
  onProgress?: ((task: TaskResponse) => void) | undefined;
}

/** Options of a run and the wait for its result. `timeoutMs` is for the wait. */
export type RunAndWaitOptions = WaitOptions & Pick<RequestOptions, "headers">;

/** A task that has ended. */
export type FinishedTask<Data> = Omit<TaskResponse, "data"> & {
  /** `null` if nothing was found. */
  data: Data | null;
};

const LONGEST_PAUSE_MS = 10_000;
/** The last poll gets at least this long, even past the deadline. */
const SHORTEST_POLL_MS = 1_000;
const PAUSE_GROWTH = 1.2;

const MILLISECONDS: Check = [
  (value: unknown) => typeof value === "number" && value >= 0 && value < 2 ** 31,
  "a number of milliseconds, 0 or more",
];
const WAIT_OPTIONS = {
  pollIntervalMs: MILLISECONDS,
  timeoutMs: MILLISECONDS,
  noDataGraceMs: MILLISECONDS,
  signal: SIGNAL,
  onProgress: FUNCTION,
  headers: undefined,
} satisfies Record<keyof RunAndWaitOptions, Check | undefined>;

/** @throws UsageError for an invalid option. */
export function checkWaitOptions(options: RunAndWaitOptions): void {
  checkOptions(options, WAIT_OPTIONS);
}

/** Polls a task until it has ended. Every error carries the task's id. */
export async function waitForTask<Data>(
  transport: Transport,
  taskId: string,
  options: RunAndWaitOptions,
): Promise<FinishedTask<Data>> {
  try {
    checkWaitOptions(options);
    return await pollUntilEnd(transport, taskId, options);
  } catch (error) {
    throw error instanceof DatabarError ? Object.assign(error, { taskId }) : error;
  }
}

async function pollUntilEnd<Data>(
  transport: Transport,
  taskId: string,
  options: RunAndWaitOptions,
): Promise<FinishedTask<Data>> {
  const { pollIntervalMs = 2_000, timeoutMs = 300_000, noDataGraceMs = 10_000, signal } = options;
  const { runtime } = transport.client;
  const deadline = runtime.now() + timeoutMs;
  let pauseMs = pollIntervalMs;
  let task: TaskResponse | undefined;
  let noDataSince: number | undefined;
  for (;;) {
    let failure: unknown;
    try {
      task = await poll(transport, taskId, deadline - runtime.now(), options);
      report(task, options);
    } catch (error) {
      failure = passingFailure(error, taskId, task);
    }
    const now = runtime.now();
    if (task && !failure) {
      noDataSince = task.status === "no_data" ? (noDataSince ?? now) : undefined;
      const isNoData = noDataSince !== undefined && now - noDataSince >= noDataGraceMs;
      if (isNoData || hasEnded(task, taskId)) {
        return { ...task, data: (task.data ?? null) as Data | null };
      }
    }
    if (now >= deadline) {
      throw timeoutError(taskId, task, timeoutMs, failure);
    }
    const { retryAfterMs = 0 } = (failure ?? {}) as Partial<ApiError>;
    try {
      await runtime.sleep(Math.min(Math.max(pauseMs, retryAfterMs), deadline - now), signal);
    } catch (cause) {
      throw abortError(taskId, cause);
    }
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, Math.max(pollIntervalMs, LONGEST_PAUSE_MS));
  }
}

async function poll(
  transport: Transport,
  taskId: string,
  restMs: number,
  { signal, headers }: RunAndWaitOptions,
): Promise<TaskResponse> {
  const timeoutMs = Math.min(Math.max(restMs, SHORTEST_POLL_MS), transport.client.timeoutMs);
  const options = { signal, headers, timeoutMs, maxRetries: 0 };
  const { data } = await call(transport, "tasks.get", ROUTE, { path: { task_id: taskId } }, options);
  return data as TaskResponse;
}

const ROUTE = "GET /v1/tasks/{task_id}" satisfies Routes["tasks.get"];

/** Whether a task ended with data; throws if it ended without. An unknown status counts as pending. */
function hasEnded(task: TaskResponse, taskId: string): boolean {
  const { status } = task;
  switch (status) {
    case "completed":
    case "partially_completed":
    case "success":
      return true;
    case "failed":
    case "error": {
      const reason = printable([task.error ?? []].flat().join("; "), []) || "the server gave no reason";
      throw new TaskFailedError(`Task ${taskId} failed: ${reason}`, taskId, task);
    }
    case "cancelled":
      throw new TaskCancelledError(
        `Task ${taskId} was cancelled; its finished rows are in error.task.data`,
        taskId,
        task,
      );
    case "gone":
      throw goneError(taskId, task);
    default:
      return false;
  }
}

/** Returns a failure that the next poll may not meet; throws any other. */
function passingFailure(error: unknown, taskId: string, task: TaskResponse | undefined): unknown {
  if (error instanceof GoneError) {
    throw goneError(taskId, task, error);
  }
  const passes =
    error instanceof ApiError
      ? statusMeaning(error.status).passes
      : error instanceof ConnectionError || error instanceof TimeoutError || error instanceof ResponseParseError;
  if (!passes) {
    throw error;
  }
  return error;
}

function goneError(taskId: string, task: TaskResponse | undefined, cause?: Error): TaskGoneError {
  const message = `The data of task ${taskId} has expired${cause ? `: ${cause.message}` : ""}`;
  return new TaskGoneError(message, taskId, task, cause && { cause });
}

function timeoutError(
  taskId: string,
  task: TaskResponse | undefined,
  timeoutMs: number,
  failure: unknown,
): TaskTimeoutError {
  const seen = task ? `its last status was ${printable(String(task.status), [])}` : "no poll succeeded";
  const message = `Task ${taskId} had not ended after ${timeoutMs} ms (${seen}); tasks.wait("${taskId}") waits on`;
  return new TaskTimeoutError(message, taskId, task, failure === undefined ? {} : { cause: failure });
}

function abortError(taskId: string, cause: unknown): AbortError {
  const details = { operation: "tasks.get", method: "GET", path: "/v1/tasks/{task_id}", attempts: 0 };
  const message = `Waiting for task ${taskId} was aborted; the task goes on`;
  return new AbortError(message, { ...details, mayHaveBeenProcessed: false }, { cause });
}

function report(task: TaskResponse, { onProgress }: WaitOptions): void {
  try {
    onProgress?.(task);
  } catch (cause) {
    throw new DatabarError("onProgress threw", { cause });
  }
}
