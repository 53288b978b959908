/** `tasks.waitAll` and `tasks.waitEach`: one schedule for the polls of many tasks. */
import { describe, expect, test } from "vitest";
import { rejection, scripted } from "../support/scripted.js";

/** A server whose tasks end after the given number of polls. */
function tasks(
  polls: Readonly<Record<string, number>>,
  ending: (id: string) => object = () => ({ status: "completed" }),
) {
  const seen: Record<string, number> = {};
  return scripted(({ target }) => {
    const id = target.split("/").at(-1) ?? "";
    seen[id] = (seen[id] ?? 0) + 1;
    const isDone = seen[id] >= (polls[id] ?? 1);
    return { task_id: id, ...(isDone ? ending(id) : { status: "processing" }) };
  });
}

describe("tasks.waitEach", () => {
  test("yields tasks in the order in which they end", async () => {
    const { databar } = tasks({ a: 3, b: 1, c: 2 });
    const ended: string[] = [];
    for await (const { taskId, task } of databar.tasks.waitEach(["a", "b", "c"])) {
      ended.push(`${taskId} ${task?.status}`);
    }
    expect(ended).toEqual(["b completed", "c completed", "a completed"]);
  });

  test.each([
    [1, []],
    [2, [2_000]],
    [3, [2_000, 2_400]],
  ])("polls a task that ends with poll %i after pauses of %j ms", async (polls, pauses) => {
    const { databar, clock } = tasks({ a: polls });
    for await (const { taskId } of databar.tasks.waitEach(["a"])) {
      expect(taskId).toBe("a");
    }
    expect(clock.sleeps).toEqual(pauses);
  });

  test.each([
    [0, "rejected"],
    [1, "fulfilled"],
    [60_000, "fulfilled"],
    [60_001, "rejected"],
    [1.5, "rejected"],
  ])("with %d polls per minute is %s", async (maxPollsPerMinute, status) => {
    const { databar } = tasks({ a: 1 });
    const [outcome] = await Promise.allSettled([databar.tasks.waitAll(["a"], { maxPollsPerMinute })]);
    expect(outcome).toMatchObject({ status });
  });

  test("polls the task that is due first, not the one that has waited longest", async () => {
    const seen: string[] = [];
    const { databar, clock } = scripted(({ target }) => {
      seen.push(target);
      const isFirst = seen.length === 1;
      return isFirst
        ? Response.json({}, { status: 500, headers: { "retry-after": "60" } })
        : { task_id: "t", status: seen.length < 4 ? "processing" : "completed" };
    });
    const ended: [string, number][] = [];
    for await (const { taskId } of databar.tasks.waitEach(["slow", "fast"])) {
      ended.push([taskId, clock.time]);
    }
    expect(ended.map(([id]) => id)).toEqual(["fast", "slow"]);
    expect(ended[0]?.[1]).toBeLessThan(30_000);
  });

  test("yields the error of a failed task and continues to wait for the others", async () => {
    const { databar } = tasks({ a: 1, b: 2 }, (id) =>
      id === "a" ? { status: "failed", error: "no" } : { status: "completed" },
    );
    const ended = [];
    for await (const each of databar.tasks.waitEach(["a", "b"])) {
      ended.push(each);
    }
    expect(ended[0]).toMatchObject({ taskId: "a", error: { name: "TaskFailedError", taskId: "a" } });
    expect(ended[1]).toMatchObject({ taskId: "b", task: { status: "completed" } });
  });

  test("sends at most maxPollsPerMinute polls for any number of tasks", async () => {
    const ids = Array.from({ length: 100 }, (_, n) => `t${n}`);
    const { databar, requests, clock } = tasks(Object.fromEntries(ids.map((id) => [id, 3])));
    for await (const _ of databar.tasks.waitEach(ids, { maxPollsPerMinute: 60 })) {
      // Every task ends.
    }
    expect(requests).toHaveLength(300);
    expect(clock.time).toBeGreaterThanOrEqual(299_000 * 0.99);
  });

  test("throws an AbortError when the caller aborts", async () => {
    const controller = new AbortController();
    const { databar } = tasks({ a: 99 });
    const onProgress = () => controller.abort(new Error("the user left"));
    const walk = async () => {
      for await (const _ of databar.tasks.waitEach(["a"], { signal: controller.signal, onProgress })) {
        // Nothing ends.
      }
    };
    expect(await rejection(walk())).toMatchObject({ name: "AbortError", cause: { message: "the user left" } });
  });

  test("calls onProgress with the number of ended tasks", async () => {
    const { databar } = tasks({ a: 1, b: 1 });
    const counts: string[] = [];
    const onProgress = (task: { task_id: string }, { ended, total }: { ended: number; total: number }) =>
      counts.push(`${task.task_id} ${ended}/${total}`);
    for await (const _ of databar.tasks.waitEach(["a", "b"], { onProgress })) {
      // Both end.
    }
    expect(counts).toEqual(["a 0/2", "b 1/2"]);
  });

  test.each([5, null, "t", {}])("rejects %j as a list of task ids", async (ids) => {
    const { databar } = tasks({});
    const next = databar.tasks.waitEach(ids as never).next();
    const error = await next.then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error?.message).toBe("taskIds must be a list of task ids");
  });
});

describe("tasks.waitAll", () => {
  test("returns the outcome of each task in the order of the ids, also for a repeated id", async () => {
    const { databar } = tasks({ a: 3, b: 1 });
    const ended = await databar.tasks.waitAll(["a", "b", "a"]);
    expect(ended.map(({ taskId }) => taskId)).toEqual(["a", "b", "a"]);
  });

  test("returns a TaskTimeoutError for each task that does not end", async () => {
    const { databar } = tasks({ a: 1, b: 10_000 });
    const [a, b] = await databar.tasks.waitAll(["a", "b"], { timeoutMs: 60_000 });
    expect(a).toMatchObject({ task: { status: "completed" } });
    expect(b).toMatchObject({ error: { name: "TaskTimeoutError", taskId: "b" } });
  });
});
