/** Simulated tasks: they progress with time, spend what was reserved, and expire. */
import { json, type PlainAnswer } from "../replay.js";
import { type Account, round } from "./credits.js";
import type { Schemas } from "./options.js";
import type { Outcome } from "./results.js";

/** How long the data of a task that ended is kept. */
const DATA_TTL_MS = 24 * 60 * 60 * 1000;

/** A task, as a run starts it. */
export interface TaskStart {
  readonly id: string;
  readonly isBulk: boolean;
  /** What each input reserved. */
  readonly reserved: readonly number[];
  readonly durationMs: number;
  /** Decides the outcome of an input. Called once per input, when its time has come. */
  readonly outcome: (index: number) => Outcome;
  /** A single waterfall run has a list of one result. */
  readonly wrap: boolean;
}

interface Task extends TaskStart {
  readonly startedAt: number;
  readonly outcomes: Outcome[];
  cancelledAt: number | undefined;
}

/** The tasks of a simulated workspace. */
export class Tasks {
  readonly #tasks = new Map<string, Task>();
  readonly #active = new Set<Task>();
  readonly #account: Account;
  readonly #now: () => number;
  readonly #expiredAs: 410 | "gone";

  constructor(account: Account, now: () => number, expiredAs: 410 | "gone") {
    this.#account = account;
    this.#now = now;
    this.#expiredAs = expiredAs;
  }

  /** Starts a task, whose credits have been reserved. */
  start(start: TaskStart): void {
    const task: Task = { ...start, startedAt: this.#now(), outcomes: [], cancelledAt: undefined };
    this.#tasks.set(task.id, task);
    this.#active.add(task);
  }

  /** Finishes the inputs whose time has come. Inputs of a task finish one after another, at an even pace. */
  settle(): void {
    const now = this.#now();
    for (const task of this.#active) {
      const total = task.reserved.length;
      const share = task.durationMs === 0 ? 1 : Math.min(1, (now - task.startedAt) / task.durationMs);
      const due = Math.floor(share * total);
      while (task.outcomes.length < due) {
        const index = task.outcomes.length;
        const outcome = task.outcome(index);
        task.outcomes.push(outcome);
        this.#account.settle(task.reserved[index] ?? 0, outcome.cost);
      }
      if (task.outcomes.length === total && share === 1) {
        this.#active.delete(task);
      }
    }
  }

  /** `GET /v1/tasks/{task_id}` */
  get(id: string, includePartial: boolean): PlainAnswer {
    const task = this.#tasks.get(id);
    if (!task) {
      return json(404, { detail: "Task not found" });
    }
    if (this.#now() >= this.#endOf(task) + DATA_TTL_MS) {
      return this.#expiredAs === 410
        ? json(410, { detail: "Task data has expired" })
        : json(200, { ...this.#body(task, false), status: "gone", data: null, progress: null });
    }
    return json(200, this.#body(task, includePartial));
  }

  /** `POST /v1/tasks/{task_id}/cancel` */
  cancel(id: string): PlainAnswer {
    const task = this.#tasks.get(id);
    if (!task) {
      return json(404, { detail: "Task not found" });
    }
    if (!this.#active.delete(task)) {
      return json(409, { detail: `Task is already ${this.#statusOf(task)}` });
    }
    task.cancelledAt = this.#now();
    for (const reserved of task.reserved.slice(task.outcomes.length)) {
      this.#account.settle(reserved, 0);
    }
    return json(200, { ...this.#body(task, false), data: null });
  }

  #endOf({ cancelledAt, startedAt, durationMs }: Task): number {
    return cancelledAt ?? startedAt + durationMs;
  }

  #statusOf(task: Task): string {
    if (task.cancelledAt !== undefined) {
      return "cancelled";
    }
    if (this.#active.has(task)) {
      return "processing";
    }
    const failed = task.outcomes.filter(({ kind }) => kind === "failed").length;
    if (failed > 0) {
      return failed === task.outcomes.length ? "failed" : "partially_completed";
    }
    return !task.isBulk && task.outcomes[0]?.kind === "nothing" ? "no_data" : "completed";
  }

  #body(task: Task, includePartial: boolean): Schemas["TaskResponse"] {
    const { id, outcomes, isBulk } = task;
    const status = this.#statusOf(task);
    const errors = outcomes.flatMap(({ error }) => error ?? []);
    return {
      task_id: id,
      status,
      request_id: id,
      data: status === "processing" && !includePartial ? null : dataOf(task, status),
      error: errors.length === 0 || status === "processing" ? null : isBulk ? errors : (errors[0] ?? null),
      credits_spent: round(outcomes.reduce((sum, { cost }) => sum + cost, 0)),
      progress: isBulk ? progressOf(task) : null,
    };
  }
}

function dataOf(
  { outcomes, reserved, isBulk, wrap }: Task,
  status: string,
): unknown[] | Record<string, unknown> | null {
  if (status === "failed") {
    return null;
  }
  if (!isBulk) {
    const data = outcomes[0]?.data ?? null;
    return wrap && data !== null ? [data] : (data as Record<string, unknown> | null);
  }
  const finished = outcomes.map(({ data }) => data);
  if (status === "cancelled") {
    return finished.filter((data) => data !== null);
  }
  return [...finished, ...Array.from({ length: reserved.length - finished.length }, () => null)];
}

function progressOf({ outcomes, reserved, cancelledAt }: Task): Schemas["TaskProgress"] {
  const countOf = (kind: Outcome["kind"]): number => outcomes.filter((outcome) => outcome.kind === kind).length;
  return {
    total: reserved.length,
    completed: countOf("found"),
    no_data: countOf("nothing"),
    failed: countOf("failed"),
    processing: cancelledAt === undefined ? reserved.length - outcomes.length : 0,
  };
}
