/** Waits for many tasks with one schedule for all polls. */
import { DatabarError, UsageError } from "../errors/classes.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import type { Transport } from "../http/call.js";
import { type RequestOptions, SIGNAL } from "../options.js";
import { type Check, checkOptions, FUNCTION, wholeNumber } from "../validate.js";
import { type FinishedTask, type PollOptions, pollTask, type Watch, watchTask } from "./poll.js";
import { MILLISECONDS, pauseBefore, pauseMs, timeoutError } from "./wait.js";

/** Options of waiting for many tasks. */
export interface WaitEachOptions extends Pick<RequestOptions, "signal" | "headers"> {
  /** How long to wait for all tasks in total, in milliseconds. Default: 3 600 000 (an hour). */
  timeoutMs?: number | undefined;
  /** How long to wait after the first poll of a task, in milliseconds, at least 50. Later waits grow to 10 000. Default: 2 000. */
  pollIntervalMs?: number | undefined;
  /** The most polls in a minute, however many tasks there are. Default: 300. */
  maxPollsPerMinute?: number | undefined;
  /** How long a status must be `no_data` before it counts as the end, in milliseconds. Default: 10 000. */
  noDataGraceMs?: number | undefined;
  /** Called after each poll with the task and the counts, and awaited. If it throws, the wait ends. */
  onProgress?: ((task: TaskResponse, counts: { ended: number; total: number }) => unknown) | undefined;
}

const OPTIONS = {
  signal: SIGNAL,
  headers: undefined,
  timeoutMs: MILLISECONDS,
  pollIntervalMs: MILLISECONDS,
  maxPollsPerMinute: wholeNumber(1, 60_000),
  noDataGraceMs: MILLISECONDS,
  onProgress: FUNCTION,
} satisfies Record<keyof WaitEachOptions, Check | undefined>;

/** How one of several tasks ended: with its result, or with the error that `tasks.wait` would have thrown. */
export type EndedTask<Data> =
  | { taskId: string; task: FinishedTask<Data>; error?: undefined }
  | { taskId: string; task?: undefined; error: DatabarError };

/** A task with its place in the schedule. */
interface Scheduled {
  watch: Watch;
  polls: number;
  dueAt: number;
}

/**
 * Yields tasks in the order in which they end. A task that fails is yielded with its error, and the others continue.
 *
 * @throws UsageError for invalid arguments; AbortError if the caller aborts; DatabarError if `onProgress` throws.
 */
export async function* waitForEach<Data>(
  transport: Transport,
  taskIds: Iterable<string>,
  options: WaitEachOptions = {},
): AsyncGenerator<EndedTask<Data>, void, undefined> {
  checkOptions(options, OPTIONS);
  if (typeof taskIds !== "object" || taskIds === null || !(Symbol.iterator in taskIds)) {
    throw new UsageError("taskIds must be a list of task ids");
  }
  const { timeoutMs = 3_600_000, maxPollsPerMinute = 300, noDataGraceMs = 10_000, signal, headers } = options;
  const { runtime } = transport.client;
  const deadline = runtime.now() + timeoutMs;
  const waiting: Scheduled[] = [...new Set(taskIds)].map((id) => ({ watch: watchTask(id), polls: 0, dueAt: 0 }));
  const total = waiting.length;
  let ended = 0;
  const onProgress = (task: TaskResponse) => options.onProgress?.(task, { ended, total });
  let nextPollAt = Number.NEGATIVE_INFINITY;
  for (let next = takeFirst(waiting); next; next = takeFirst(waiting)) {
    const { watch } = next;
    const startAt = Math.min(Math.max(next.dueAt, nextPollAt), deadline);
    await pauseBefore(transport, watch, startAt - runtime.now(), signal);
    nextPollAt = runtime.now() + 60_000 / maxPollsPerMinute;
    const outcome = await endOf<Data>(transport, watch, { signal, headers, noDataGraceMs, onProgress });
    if (outcome) {
      ended++;
      yield outcome;
    } else if (runtime.now() >= deadline) {
      const { taskId } = watch;
      yield { taskId, error: Object.assign(timeoutError(watch, timeoutMs), { taskId }) };
    } else {
      next.dueAt = runtime.now() + pauseMs(watch, next.polls++, options.pollIntervalMs);
      waiting.push(next);
    }
  }
}

/** Takes the task that is due first. */
function takeFirst(waiting: Scheduled[]): Scheduled | undefined {
  waiting.sort((a, b) => a.dueAt - b.dueAt);
  return waiting.shift();
}

/** Polls a task once. Its own failure is a result; an abort, or an error of `onProgress`, ends the whole wait. */
async function endOf<Data>(
  transport: Transport,
  watch: Watch,
  { onProgress, ...options }: PollOptions,
): Promise<EndedTask<Data> | undefined> {
  const { taskId } = watch;
  let callbackError: unknown;
  const report = async (task: TaskResponse): Promise<void> => {
    try {
      await onProgress?.(task);
    } catch (error) {
      callbackError = error;
      throw error;
    }
  };
  try {
    const task = await pollTask<Data>(transport, watch, { ...options, onProgress: report });
    return task && { taskId, task };
  } catch (error) {
    if (!(error instanceof DatabarError) || callbackError !== undefined || options.signal?.aborted) {
      throw error;
    }
    return { taskId, error: Object.assign(error, { taskId }) };
  }
}

/**
 * Waits for many tasks.
 *
 * @returns How each task ended, in the order of `taskIds`.
 */
export async function waitForAll<Data>(
  transport: Transport,
  taskIds: Iterable<string>,
  options?: WaitEachOptions,
): Promise<EndedTask<Data>[]> {
  const ids = typeof taskIds === "object" && taskIds !== null && Symbol.iterator in taskIds ? [...taskIds] : taskIds;
  const ended = new Map<string, EndedTask<Data>>();
  for await (const each of waitForEach<Data>(transport, ids, options)) {
    ended.set(each.taskId, each);
  }
  return [...ids].flatMap((id) => ended.get(id) ?? []);
}
