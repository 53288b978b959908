/** What the end of a task means for each of its inputs. Pure. */
import { DatabarError, GoneError, NotFoundError } from "../errors/classes.js";
import {
  TaskCancelledError,
  TaskError,
  TaskFailedError,
  TaskGoneError,
  TaskResultMismatchError,
} from "../errors/task.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import { ON_ACCEPTED_THREW } from "../workflows/run.js";
import type { EndedRecord, JobTarget, ResultRecord, ResultStatus } from "./records.js";
import type { Chunk } from "./state.js";
import { valuesOf } from "./target.js";

/** How a chunk ended: records of its results, and of its end. */
export interface Outcome {
  results: ResultRecord[];
  ended: Omit<EndedRecord, "at">;
}

/** A task, with data of any shape. */
type SeenTask = Partial<Omit<TaskResponse, "data">> & { data?: unknown };

/** How long the server keeps results. */
export const RESULTS_KEPT_MS = 24 * 60 * 60 * 1000;

/** The results of a task that ended with data. */
export function outcomeOf(target: JobTarget, chunk: Chunk, task: SeenTask): Outcome {
  const { data } = task;
  const isNoData = task.status === "no_data" && data === null;
  if (!isNoData && (!Array.isArray(data) || data.length !== chunk.entries.length)) {
    const found = Array.isArray(data) ? `${data.length} results` : "no list of results";
    return lost(chunk, task, `task ${task.task_id} has ${found} for ${chunk.entries.length} inputs`);
  }
  const list = isNoData ? chunk.entries.map(() => null) : (data as unknown[]);
  const empty = list.filter((each) => valuesOf(target, each) === undefined).length;
  const missing = describeMissing(task, empty);
  return {
    ended: ended(chunk, task),
    results: chunk.entries.map(({ key }, index): ResultRecord => {
      const base = { type: "result", chunk: chunk.number, key } as const;
      return valuesOf(target, list[index]) === undefined
        ? { ...base, ...missing }
        : { ...base, status: "done", data: list[index] };
    }),
  };
}

/** A task does not say why an element is null. Its counts may: nothing found, failed, or some of each. */
function describeMissing(
  { status, progress, error }: SeenTask,
  empty: number,
): { status: ResultStatus; error?: string } {
  const failed = Math.max(0, progress?.failed ?? 0);
  if (status !== "partially_completed" && failed === 0) {
    return { status: "empty" };
  }
  const reasons = [...new Set([error ?? []].flat())].slice(0, 3).join("; ");
  if (failed >= empty) {
    return { status: "failed", error: reasons || "the run failed, the server gave no reason" };
  }
  const counts = failed > 0 ? `${failed} of ${empty} inputs without a result failed` : "some inputs failed";
  return {
    status: "failed",
    error: `nothing found, or failed: the server reports only that ${counts}${reasons && ` (${reasons})`}`,
  };
}

/**
 * The outcome of a task that ended without usable data.
 *
 * @returns `undefined` if the error does not mean that the task has ended.
 */
export function outcomeOfError(chunk: Chunk, error: unknown, now: number): Outcome | undefined {
  const id = chunk.taskId ?? "";
  if (error instanceof TaskFailedError) {
    const reason = error.message.replace(`Task ${id} failed: `, "");
    return without(chunk, error.task, "failed", reason);
  }
  if (error instanceof TaskCancelledError) {
    return lost(chunk, error.task, `task ${id} was cancelled; the results of its finished inputs cannot be matched`);
  }
  if (error instanceof TaskResultMismatchError) {
    return lost(chunk, error.task, error.message);
  }
  const age = now - (chunk.acceptedAt ?? now);
  const isExpired = error instanceof NotFoundError && age > RESULTS_KEPT_MS;
  if (error instanceof TaskGoneError || error instanceof GoneError || isExpired) {
    const task = error instanceof TaskError ? error.task : undefined;
    // A task that has expired reports nothing that can be relied on.
    return {
      ...without(chunk, task, "lost", `the results of task ${id} have expired`),
      ended: ended(chunk, undefined),
    };
  }
  return undefined;
}

/** The inputs were paid, and nobody can tell which result is whose. The data is kept with the chunk. */
function lost(chunk: Chunk, task: SeenTask | undefined, reason: string): Outcome {
  const outcome = without(chunk, task, "lost", reason);
  return task?.data == null ? outcome : { ...outcome, ended: { ...outcome.ended, unmatched: task.data } };
}

function without(chunk: Chunk, task: SeenTask | undefined, status: ResultStatus, error: string): Outcome {
  return {
    ended: ended(chunk, task),
    results: chunk.entries.map(({ key }) => ({ type: "result", chunk: chunk.number, key, status, error })),
  };
}

function ended({ number }: Chunk, task: SeenTask | undefined): Outcome["ended"] {
  const { credits_spent: credits } = task ?? {};
  return {
    type: "ended",
    chunk: number,
    status: task?.status ?? "gone",
    credits: typeof credits === "number" && Number.isFinite(credits) ? credits : null,
  };
}

/** The message of any thrown value. */
export function messageOf(error: unknown): string {
  const { cause } = error instanceof DatabarError ? error : { cause: undefined };
  const wraps = error instanceof DatabarError && error.message === ON_ACCEPTED_THREW;
  const shown = wraps ? cause : error;
  return shown instanceof Error ? shown.message : String(shown);
}
