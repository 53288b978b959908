/** Lets a task come to its end: a client that polls the replay server would otherwise wait for as long as it can. */

import { contract } from "./contract.js";
import type { Choice, Match, PlainAnswer } from "./replay.js";

/** How many tasks are remembered. */
const MAX_TASKS = 10_000;

/** Chooses the example of each request for a task: the first finds it under way, later ones completed. */
export class TaskCourse {
  readonly #asked = new Set<string>();
  readonly #bulk = new Set<string>();

  /** What a request is to be answered; nothing in particular for one that asks for no task, or for the first time. */
  choice({ name, values }: Match): Choice | undefined {
    const id = values.task_id;
    if (name !== "tasks.get" || id === undefined) {
      return undefined;
    }
    if (!this.#asked.has(id)) {
      remember(this.#asked, id);
      return undefined;
    }
    const examples = Object.entries(contract.examples[name]?.["200"]?.["application/json"] ?? {});
    // Asked for by an example's own id, the task is that example's, whatever its state.
    const own = examples.map(([, { value }]) => value as TaskLike).find(({ task_id }) => task_id === id);
    if (own && own.status !== "processing") {
      return undefined;
    }
    const completed = examples.filter(([, { value }]) => (value as TaskLike).status === "completed");
    const fitting = completed.find(([, { value }]) => Array.isArray((value as TaskLike).data) === this.#bulk.has(id));
    return { example: (fitting ?? completed[0])?.[0] };
  }

  /** Takes note of a bulk run that has been started: its result is a list. */
  note(path: string, { status, body }: PlainAnswer): void {
    if (status === 200 && path.endsWith("/bulk-run")) {
      remember(this.#bulk, String((JSON.parse(body ?? "{}") as Partial<TaskLike>).task_id));
    }
  }
}

interface TaskLike {
  readonly task_id: string;
  readonly status: string;
  readonly data?: unknown;
}

function remember(ids: Set<string>, id: string): void {
  if (ids.size >= MAX_TASKS) {
    ids.clear();
  }
  ids.add(id);
}
