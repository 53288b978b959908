/**
 * Waits for tasks. This folder has everything that takes several requests.
 * It may import http, errors, options and generated code, but no resource.
 */
import { AbortError, type ApiError, DatabarError } from "../errors/classes.js";
import { printable } from "../errors/redact.js";
import { TaskResultMismatchError, TaskTimeoutError } from "../errors/task.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import type { Transport } from "../http/call.js";
import { type RequestOptions, SIGNAL } from "../options.js";
import { type Check, checkOptions, FUNCTION } from "../validate.js";
import { type FinishedTask, pollTask, type Watch, watchTask } from "./poll.js";

/** Options of waiting for a task. */
export interface WaitOptions {
  /** How long to wait after the first poll, in milliseconds, at least 50. Later waits grow to 10 000. Default: 2 000. */
  pollIntervalMs?: number | undefined;
  /** How long to wait in total, in milliseconds. Default: 300 000. */
  timeoutMs?: number | undefined;
  /** How long the status `no_data` must last to end the wait, in milliseconds: the task may still find data. Default: 10 000. */
  noDataGraceMs?: number | undefined;
  /** Ends the wait at once. The task continues. */
  signal?: AbortSignal | undefined;
  /** Called with the task after each poll, and awaited. If it throws, the wait ends with that error as the `cause`. */
  onProgress?: ((task: TaskResponse) => unknown) | undefined;
}

/** Options of waiting, and the headers of the polls. */
export type PollingOptions = WaitOptions & Pick<RequestOptions, "headers">;

const LONGEST_PAUSE_MS = 10_000;
const SHORTEST_PAUSE_MS = 50;
/** The last poll gets at least this long, even past the deadline. */
const SHORTEST_POLL_MS = 1_000;
const PAUSE_GROWTH = 1.2;

export const MILLISECONDS: Check = [
  (value: unknown) => typeof value === "number" && value >= 0 && value < 2 ** 31,
  "a number of milliseconds, 0 or more",
];

export const WAIT_OPTIONS = {
  pollIntervalMs: MILLISECONDS,
  timeoutMs: MILLISECONDS,
  noDataGraceMs: MILLISECONDS,
  signal: SIGNAL,
  onProgress: FUNCTION,
  headers: undefined,
} satisfies Record<keyof PollingOptions, Check | undefined>;

/** What the client knows about a run that the server has just accepted. */
export interface AcceptedRun {
  /** For how long a 404 is retried, in milliseconds: the server may not know a new task at once. */
  notFoundGraceMs?: number;
  /** The inputs of a bulk run: the result must have one entry for each. */
  inputs?: unknown;
}

/** Polls a task until it has ended. Every error carries the task's id. */
export async function waitForTask<Data>(
  transport: Transport,
  taskId: string,
  options: PollingOptions,
  run: AcceptedRun = {},
): Promise<FinishedTask<Data>> {
  try {
    checkOptions(options, WAIT_OPTIONS);
    return await pollUntilEnd(transport, taskId, options, run);
  } catch (error) {
    throw error instanceof DatabarError ? Object.assign(error, { taskId }) : error;
  }
}

async function pollUntilEnd<Data>(
  transport: Transport,
  taskId: string,
  options: PollingOptions,
  { notFoundGraceMs = 0, inputs }: AcceptedRun,
): Promise<FinishedTask<Data>> {
  const { runtime, timeoutMs: attemptMs } = transport.client;
  const { timeoutMs = 300_000, noDataGraceMs = 10_000, signal, headers, onProgress } = options;
  const deadline = runtime.now() + timeoutMs;
  const watch = watchTask(taskId, runtime.now() + notFoundGraceMs);
  for (let polls = 0; ; polls++) {
    const pollMs = Math.min(Math.max(deadline - runtime.now(), SHORTEST_POLL_MS), attemptMs);
    const poll = { signal, headers, timeoutMs: pollMs, noDataGraceMs, onProgress };
    const ended = await pollTask<Data>(transport, watch, poll);
    if (ended) {
      checkAligned(watch, inputs);
      return ended;
    }
    const restMs = deadline - runtime.now();
    if (restMs <= 0) {
      throw timeoutError(watch, timeoutMs);
    }
    await pauseBefore(transport, watch, Math.min(pauseMs(watch, polls, options.pollIntervalMs), restMs), signal);
  }
}

/** Throws if a bulk result does not have one entry per input: nobody could say which result belongs to which input. */
function checkAligned({ task, taskId, secrets }: Watch, inputs: unknown): void {
  const data = task?.data;
  if (!Array.isArray(inputs) || task?.status === "no_data" || (Array.isArray(data) && data.length === inputs.length)) {
    return;
  }
  const found = Array.isArray(data) ? `${data.length} results` : "no list of results";
  const message = `Task ${printable(String(taskId), secrets)} has ${found} for ${inputs.length} inputs; see error.task.data`;
  throw new TaskResultMismatchError(message, taskId, task);
}

/** How long to wait after a poll: longer with each, and at least as long as the server asked. */
export function pauseMs({ failure }: Watch, polls: number, pollIntervalMs = 2_000): number {
  const firstMs = Math.max(pollIntervalMs, SHORTEST_PAUSE_MS);
  const usualMs = Math.min(Math.round(firstMs * PAUSE_GROWTH ** polls), Math.max(firstMs, LONGEST_PAUSE_MS));
  const { retryAfterMs = 0 } = (failure ?? {}) as Partial<ApiError>;
  return Math.max(usualMs, retryAfterMs);
}

/** Sleeps before the next poll. */
export async function pauseBefore(
  { client }: Transport,
  watch: Watch,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (ms > 0) {
    try {
      await client.runtime.sleep(ms, signal);
    } catch (cause) {
      throw abortError(watch, cause);
    }
  }
}

export function timeoutError({ taskId, task, failure, secrets }: Watch, timeoutMs: number): TaskTimeoutError {
  const id = printable(String(taskId), secrets);
  const seen = task ? `its last status was ${printable(String(task.status), secrets)}` : "no poll succeeded";
  const message = `Task ${id} had not ended after ${timeoutMs} ms (${seen}); continue with tasks.wait("${id}")`;
  return new TaskTimeoutError(message, taskId, task, failure && { cause: failure });
}

function abortError({ taskId, secrets }: Watch, cause: unknown): AbortError {
  const details = { operation: "tasks.get", method: "GET", path: "/v1/tasks/{task_id}", attempts: 0 };
  const message = `Waiting for task ${printable(String(taskId), secrets)} was aborted; the task continues`;
  return new AbortError(message, { ...details, mayHaveBeenProcessed: false }, { cause });
}
