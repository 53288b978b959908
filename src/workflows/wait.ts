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
import { TaskCancelledError, TaskFailedError, TaskGoneError, TaskTimeoutError } from "../errors/task.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import type { Core } from "../http/call.js";
import { type RequestOptions, SIGNAL } from "../options.js";
import { type Check, type Checks, checkOptions, FUNCTION } from "../validate.js";

/** Options of waiting for a task. */
export interface WaitOptions {
  /** How long to wait after the first look, in milliseconds; later waits grow to 10 000. Default: 2 000. */
  pollIntervalMs?: number | undefined;
  /** How long to wait in all, in milliseconds. Default: 300 000. */
  timeoutMs?: number | undefined;
  /** How long `no_data` must last to be believed, in milliseconds: the task may still find something. Default: 10 000. */
  noDataGraceMs?: number | undefined;
  /** Ends the waiting at once. The task goes on. */
  signal?: AbortSignal | undefined;
  /** Called with the task after each look. What it throws ends the waiting, as the `cause`. */
  onProgress?: ((task: TaskResponse) => void) | undefined;
}

/** Options of running something and waiting for it: `timeoutMs` is for the waiting. */
export type RunAndWaitOptions = WaitOptions & Pick<RequestOptions, "headers">;

/** A task that has ended. */
export type FinishedTask<Data> = Omit<TaskResponse, "data"> & {
  /** `null` where nothing was found. */
  data: Data | null;
};

const LONGEST_PAUSE_MS = 10_000;
/** The last look gets at least this long, even past the deadline. */
const SHORTEST_LOOK_MS = 1_000;
const PAUSE_GROWTH = 1.2;
const HAS_DATA = ["completed", "partially_completed", "success"];

const PAUSE: Check = [
  (value: unknown) => typeof value === "number" && value >= 0 && value < 2 ** 31,
  "a number of milliseconds, 0 or more",
];
const WAIT_OPTIONS: Checks = {
  pollIntervalMs: PAUSE,
  timeoutMs: PAUSE,
  noDataGraceMs: PAUSE,
  signal: SIGNAL,
  onProgress: FUNCTION,
  headers: undefined,
};

/** @throws UsageError for a wrong option. */
export function checkWaitOptions(options: RunAndWaitOptions): void {
  checkOptions(options, WAIT_OPTIONS);
}

/** Looks at a task until it has ended. Whatever goes wrong carries the task's id. */
export async function waitForTask<Data>(
  core: Core,
  taskId: string,
  options: RunAndWaitOptions,
): Promise<FinishedTask<Data>> {
  try {
    checkWaitOptions(options);
    return await poll(core, taskId, options);
  } catch (error) {
    throw error instanceof DatabarError ? Object.assign(error, { taskId }) : error;
  }
}

async function poll<Data>(core: Core, taskId: string, options: RunAndWaitOptions): Promise<FinishedTask<Data>> {
  const { pollIntervalMs = 2_000, timeoutMs = 300_000, noDataGraceMs = 10_000, signal, headers } = options;
  const { runtime } = core;
  const deadline = runtime.now() + timeoutMs;
  let pauseMs = pollIntervalMs;
  let task: TaskResponse | undefined;
  let noDataSince: number | undefined;
  for (;;) {
    let fault: unknown;
    try {
      const lookMs = Math.min(Math.max(deadline - runtime.now(), SHORTEST_LOOK_MS), core.timeoutMs);
      const look = { signal, headers, timeoutMs: lookMs, maxRetries: 0 };
      task = await core.call("tasks.get", "GET /v1/tasks/{task_id}", { path: { task_id: taskId } }, look);
      report(task, options);
    } catch (error) {
      fault = passingFault(error, taskId, task);
    }
    const now = runtime.now();
    if (task && !fault) {
      noDataSince = task.status === "no_data" ? (noDataSince ?? now) : undefined;
      const isBelieved = noDataSince !== undefined && now - noDataSince >= noDataGraceMs;
      if (isBelieved || hasEnded(task, taskId)) {
        return { ...task, data: (task.data ?? null) as Data | null };
      }
    }
    if (now >= deadline) {
      const seen = task ? `its last status was ${printable(String(task.status), [])}` : "it was never seen";
      const message = `Task ${taskId} had not ended after ${timeoutMs} ms (${seen}); tasks.wait("${taskId}") goes on waiting`;
      throw new TaskTimeoutError(message, taskId, task, fault === undefined ? {} : { cause: fault });
    }
    const { retryAfterMs = 0 } = (fault ?? {}) as Partial<ApiError>;
    try {
      await runtime.sleep(Math.min(Math.max(pauseMs, retryAfterMs), deadline - now), signal);
    } catch (cause) {
      const details = { operation: "tasks.get", method: "GET", path: "/v1/tasks/{task_id}", attempts: 0 };
      const message = `Waiting for task ${taskId} was aborted; the task goes on`;
      throw new AbortError(message, { ...details, mayHaveBeenProcessed: false }, { cause });
    }
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, Math.max(pollIntervalMs, LONGEST_PAUSE_MS));
  }
}

/** Whether a task ended with data; throws where it ended otherwise. A status that nobody knows is taken for pending. */
function hasEnded(task: TaskResponse, taskId: string): boolean {
  const { status } = task;
  if (status === "failed" || status === "error") {
    const words = printable([task.error ?? []].flat().join("; "), []) || "the server gave no reason";
    throw new TaskFailedError(`Task ${taskId} failed: ${words}`, taskId, task);
  }
  if (status === "cancelled") {
    throw new TaskCancelledError(`Task ${taskId} was cancelled; what was finished is in error.task.data`, taskId, task);
  }
  if (status === "gone") {
    throw goneError(taskId, task);
  }
  return HAS_DATA.includes(status);
}

/** A fault that the next look may not meet is given back; any other is thrown. */
function passingFault(error: unknown, taskId: string, task: TaskResponse | undefined): unknown {
  if (error instanceof GoneError) {
    throw goneError(taskId, task, error);
  }
  const passes =
    error instanceof ApiError
      ? error.status >= 500 || error.status === 408 || error.status === 429
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

function report(task: TaskResponse, { onProgress }: WaitOptions): void {
  try {
    onProgress?.(task);
  } catch (cause) {
    throw new DatabarError("onProgress threw", { cause });
  }
}
