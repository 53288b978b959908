/** Gives each run a task of its own, and lets the task end: otherwise a client that polls would wait forever. */

import { createUuid } from "./random.js";
import { exampleAnswer, json, type Match, type PlainAnswer } from "./replay.js";
import type { PlainRequest } from "./request.js";

/** How many tasks are remembered. The oldest are forgotten first. */
const MAX_TASKS = 10_000;

interface Task {
  /** The example of the completed task. */
  readonly example: CompletedExample;
  /** How many inputs a bulk run has; undefined for a single run. */
  readonly inputs: number | undefined;
  polls: number;
  cancelled: boolean;
}

type CompletedExample = "completed-single" | "completed-bulk" | "completed-waterfall" | "completed-waterfall-bulk";

interface TaskBody {
  readonly task_id: string;
  readonly status: string;
  readonly data?: unknown;
}

/** Options of {@link ReplayTasks}. */
export interface ReplayTasksOptions {
  /**
   * Whether a task that no run started completes, too. Otherwise each poll answers the documented example, a task under
   * way. Default: false.
   */
  completeUnknown?: boolean | undefined;
}

/** Answers requests with examples, and keeps track of the tasks that were started. */
export class ReplayTasks {
  readonly #tasks = new Map<string, Task>();
  readonly #completeUnknown: boolean;

  constructor({ completeUnknown = false }: ReplayTasksOptions = {}) {
    this.#completeUnknown = completeUnknown;
  }

  /** The answer to a valid request. */
  answer(match: Match, request: PlainRequest): PlainAnswer {
    const answer = exampleAnswer(match, request);
    const [, resource, method] = /^(enrichments|waterfalls|flows)\.(run|bulkRun)$/.exec(match.name) ?? [];
    if (resource && method) {
      return this.#start(answer, resource, method === "bulkRun" ? inputCount(request.body ?? "") : undefined);
    }
    const id = match.values.task_id ?? "";
    if (match.name === "tasks.get") {
      return this.#poll(answer, id, match, request);
    }
    const task = this.#tasks.get(id);
    if (match.name === "tasks.cancel" && task) {
      task.cancelled = true;
    }
    return answer;
  }

  #start(answer: PlainAnswer, resource: string, inputs: number | undefined): PlainAnswer {
    const id = createUuid(Math.random);
    const kind = resource === "waterfalls" ? "completed-waterfall" : "completed-single";
    const bulkKind = resource === "waterfalls" ? "completed-waterfall-bulk" : "completed-bulk";
    this.#remember(id, { example: inputs === undefined ? kind : bulkKind, inputs, polls: 0, cancelled: false });
    return { ...answer, body: JSON.stringify({ ...parsed(answer), task_id: id }) };
  }

  #poll(answer: PlainAnswer, id: string, match: Match, request: PlainRequest): PlainAnswer {
    let task = this.#tasks.get(id);
    if (!task) {
      if (!this.#completeUnknown || parsed(answer).status !== "processing") {
        return answer;
      }
      task = { example: "completed-single", inputs: undefined, polls: 0, cancelled: false };
      this.#remember(id, task);
    }
    const isFirst = task.polls++ === 0;
    if (isFirst && task.inputs === undefined && !task.cancelled) {
      return answer;
    }
    const example = task.cancelled ? "cancelled" : isFirst ? "processing-bulk" : task.example;
    const body = parsed(exampleAnswer(match, request, { example }));
    const fitted = task.inputs === undefined || task.cancelled ? body : fitBulk(body, task.inputs);
    return json(200, { ...fitted, task_id: id, request_id: id });
  }

  #remember(id: string, task: Task): void {
    if (this.#tasks.size >= MAX_TASKS) {
      this.#tasks.delete(this.#tasks.keys().next().value ?? "");
    }
    this.#tasks.set(id, task);
  }
}

/** A bulk run's data has one entry per input: the example's entries are repeated. */
function fitBulk(body: TaskBody, total: number): TaskBody & { progress: unknown } {
  if (!Array.isArray(body.data)) {
    return { ...body, progress: { total, completed: 0, no_data: 0, failed: 0, processing: total } };
  }
  const own: unknown[] = body.data;
  const data = Array.from({ length: total }, (_, index) => own[index % own.length]);
  const completed = data.filter((result) => result !== null).length;
  return { ...body, data, progress: { total, completed, no_data: total - completed, failed: 0, processing: 0 } };
}

function inputCount(body: string): number {
  const { params, inputs } = JSON.parse(body) as { params?: unknown[]; inputs?: unknown[] };
  return (params ?? inputs ?? []).length;
}

function parsed({ body }: PlainAnswer): TaskBody {
  return JSON.parse(body ?? "{}");
}
