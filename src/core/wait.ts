/** Waits for tasks. */
import type { RunResponse, TaskResponse } from "../generated/schema.gen.js";
import {
  AbortError,
  ApiError,
  ConnectionError,
  DatabarError,
  GoneError,
  ResponseParseError,
  TimeoutError,
  UsageError,
} from "./errors.js";
import type { RequestOptions } from "./options.js";
import { printable } from "./redact.js";
import type { Runtime } from "./retry.js";
import { TaskCancelledError, TaskFailedError, TaskGoneError, TaskTimeoutError } from "./task-errors.js";

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

/** What waiting depends on. */
export interface WaitContext {
  runtime: Runtime;
  /** Gets the task once, within so many milliseconds and without a second try. */
  look: (taskId: string, timeoutMs: number) => Promise<TaskResponse>;
}

const LONGEST_PAUSE_MS = 10_000;
/** The last look gets at least this long, even past the deadline. */
const SHORTEST_LOOK_MS = 1_000;
const PAUSE_GROWTH = 1.2;
const HAS_DATA: ReadonlySet<string> = new Set(["completed", "partially_completed", "success"]);
const FAILED: ReadonlySet<string> = new Set(["failed", "error"]);

const NUMBERS = ["pollIntervalMs", "timeoutMs", "noDataGraceMs"] as const;
const OPTIONS: readonly string[] = [...NUMBERS, "signal", "onProgress", "headers"];

/** @throws UsageError for a wrong option. */
export function checkWaitOptions(options: RunAndWaitOptions): void {
  const unknown = Object.keys(options).find((key) => !OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown option "${unknown}": accepted are ${OPTIONS.join(", ")}`);
  }
  for (const name of NUMBERS) {
    const value = options[name];
    if (value !== undefined && !(typeof value === "number" && value >= 0 && value < 2 ** 31)) {
      throw new UsageError(`${name} must be a number of milliseconds, 0 or more: got ${String(value)}`);
    }
  }
}

/** Starts a run and waits for its task. The options are checked first: the run may cost credits. */
export async function runAndWait<Data>(
  run: () => Promise<RunResponse>,
  options: RunAndWaitOptions,
  context: WaitContext,
): Promise<FinishedTask<Data>> {
  checkWaitOptions(options);
  const { task_id } = await run();
  return waitForTask(task_id, options, context);
}

/** Looks at a task until it has ended. Whatever goes wrong carries the task's id. */
export async function waitForTask<Data>(
  taskId: string,
  options: WaitOptions,
  context: WaitContext,
): Promise<FinishedTask<Data>> {
  try {
    checkWaitOptions(options);
    return await poll(taskId, options, context);
  } catch (error) {
    throw error instanceof DatabarError ? Object.assign(error, { taskId }) : error;
  }
}

async function poll<Data>(
  taskId: string,
  options: WaitOptions,
  { runtime, look }: WaitContext,
): Promise<FinishedTask<Data>> {
  const { pollIntervalMs = 2_000, timeoutMs = 300_000, noDataGraceMs = 10_000, signal } = options;
  const deadline = runtime.now() + timeoutMs;
  let pauseMs = pollIntervalMs;
  let task: TaskResponse | undefined;
  let noDataSince: number | undefined;
  for (;;) {
    let fault: unknown;
    try {
      task = await look(taskId, Math.max(deadline - runtime.now(), SHORTEST_LOOK_MS));
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
      const seen = task ? `its last status was ${printable(task.status, [])}` : "it was never seen";
      const message = `Task ${taskId} had not ended after ${timeoutMs} ms (${seen}); tasks.wait("${taskId}") goes on waiting`;
      throw new TaskTimeoutError(message, taskId, task, fault === undefined ? {} : { cause: fault });
    }
    const askedMs = fault instanceof ApiError ? (fault.retryAfterMs ?? 0) : 0;
    await sleep(runtime, Math.min(Math.max(pauseMs, askedMs), deadline - now), signal, taskId);
    pauseMs = Math.min(pauseMs * PAUSE_GROWTH, Math.max(pollIntervalMs, LONGEST_PAUSE_MS));
  }
}

/** Whether a task ended with data; throws where it ended otherwise. A status that nobody knows is taken for pending. */
function hasEnded(task: TaskResponse, taskId: string): boolean {
  if (FAILED.has(task.status)) {
    const words = [task.error ?? []].flat().join("; ");
    throw new TaskFailedError(
      `Task ${taskId} failed: ${printable(words, []) || "the server gave no reason"}`,
      taskId,
      task,
    );
  }
  if (task.status === "cancelled") {
    throw new TaskCancelledError(`Task ${taskId} was cancelled; what was finished is in error.task.data`, taskId, task);
  }
  if (task.status === "gone") {
    throw new TaskGoneError(`The data of task ${taskId} has expired`, taskId, task);
  }
  return HAS_DATA.has(task.status);
}

/** A fault that the next look may not meet is given back; any other is thrown. */
function passingFault(error: unknown, taskId: string, task: TaskResponse | undefined): unknown {
  if (error instanceof GoneError) {
    throw new TaskGoneError(`The data of task ${taskId} has expired: ${error.message}`, taskId, task, { cause: error });
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

function report(task: TaskResponse, { onProgress }: WaitOptions): void {
  try {
    onProgress?.(task);
  } catch (cause) {
    throw new DatabarError("onProgress threw", { cause });
  }
}

async function sleep(runtime: Runtime, ms: number, signal: AbortSignal | undefined, taskId: string): Promise<void> {
  try {
    await runtime.sleep(ms, signal);
  } catch (cause) {
    const details = { operation: "tasks.get", method: "GET", path: "/v1/tasks/{task_id}", attempts: 0 };
    const message = `Waiting for task ${taskId} was aborted; the task goes on`;
    throw new AbortError(message, { ...details, mayHaveBeenProcessed: false }, { cause });
  }
}
