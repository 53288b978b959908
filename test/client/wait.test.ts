import { describe, expect, test } from "vitest";
import {
  AbortError,
  Databar,
  type FinishedTask,
  TaskCancelledError,
  TaskFailedError,
  TaskGoneError,
  TaskTimeoutError,
  UsageError,
} from "../../src/index.js";
import { rejection, type ScriptedResponse, scripted } from "../support/scripted.js";

const ID = "5f0d8a4e-2c1b-4f7a-9d36-8e1c7b20a9f4";

/** A server that returns one of the responses to each poll of a task, and repeats the last one. It accepts every run. */
function task(...responses: ScriptedResponse[]) {
  let polls = 0;
  return scripted(({ method }) =>
    method === "POST" ? { task_id: ID, status: "processing" } : responses[Math.min(polls++, responses.length - 1)],
  );
}

const state = (status: string, more: object = {}) => ({ task_id: ID, status, credits_spent: 2, ...more });
const http = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ detail: `status ${status}` }, { status, headers });
const reset = () => Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });

describe("a task that ends", () => {
  test.each(["completed", "partially_completed", "success"])("with status %s is returned unchanged", async (status) => {
    const finished = state(status, { data: { email: "a@b.c" }, progress: { total: 1, completed: 1 } });
    const { databar, clock } = task(finished);
    expect(await databar.tasks.wait(ID)).toEqual(finished);
    expect(clock.sleeps).toEqual([]);
  });

  test("without data is returned with null as its data", async () => {
    const { databar } = task({ task_id: ID, status: "completed" });
    expect(await databar.tasks.wait(ID)).toEqual({ task_id: ID, status: "completed", data: null, credits_spent: 0 });
  });

  test("has its bulk results in the order of the inputs, with null for an input without a result", async () => {
    const { databar } = task(state("completed", { data: [{ n: 1 }, null, { n: 3 }] }));
    const { data } = await databar.enrichments.bulkRunAndWait<{ n: number }>(833, { params: [{}, {}, {}] });
    expect(data?.map((each) => each?.n)).toEqual([1, undefined, 3]);
  });
});

const failures: [status: string, more: object, errorClass: new (...args: never[]) => Error, message: RegExp][] = [
  ["failed", { error: "no such person" }, TaskFailedError, /^Task 5f0d\S+ failed: no such person$/],
  ["failed", { error: ["a is empty", "b\nis wrong"] }, TaskFailedError, /failed: a is empty; b is wrong$/],
  ["failed", { error: null }, TaskFailedError, /failed: the server gave no reason$/],
  ["error", { error: "old servers" }, TaskFailedError, /failed: old servers$/],
  ["gone", {}, TaskGoneError, /^The data of task 5f0d\S+ has expired$/],
  ["cancelled", { data: [{ n: 1 }] }, TaskCancelledError, /was cancelled; its finished rows are in error\.task\.data$/],
];

test.each(failures)(
  "a task with the status %s and %j throws an error that contains the task",
  async (status, more, errorClass, message) => {
    const { databar } = task(state(status, more));
    const error = await rejection(databar.tasks.wait(ID));
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ taskId: ID, task: state(status, more), message: expect.stringMatching(message) });
  },
);

test("a 410 throws a TaskGoneError with the server's error as its cause", async () => {
  const { databar } = task(state("processing"), http(410));
  const error = await rejection(databar.tasks.wait(ID));
  expect(error).toBeInstanceOf(TaskGoneError);
  expect(error).toMatchObject({ taskId: ID, task: { status: "processing" }, cause: { name: "GoneError" } });
});

describe("tasks.wait", () => {
  test("polls at once, then after 2 s, and increases the interval up to 10 s", async () => {
    const { databar, clock } = task(...Array.from({ length: 14 }, () => state("processing")), state("completed"));
    await databar.tasks.wait(ID);
    expect(clock.sleeps.slice(0, 4)).toEqual([2_000, 2_400, 2_880, 3_456]);
    expect(clock.sleeps.slice(-3)).toEqual([10_000, 10_000, 10_000]);
  });

  test("does not increase an interval that is above 10 s", async () => {
    const { databar, clock } = task(state("processing"), state("processing"), state("completed"));
    await databar.tasks.wait(ID, { pollIntervalMs: 20_000 });
    expect(clock.sleeps).toEqual([20_000, 20_000]);
  });

  test("treats an unknown status as pending", async () => {
    const { databar, requests } = task(state("created"), state("queued"), state("completed"));
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "completed" });
    expect(requests).toHaveLength(3);
  });

  test("calls onProgress after each poll", async () => {
    const { databar } = task(state("processing", { progress: { completed: 1 } }), state("completed"));
    const seen: string[] = [];
    await databar.tasks.wait(ID, {
      onProgress: ({ status, progress }) => seen.push(`${status} ${progress?.completed}`),
    });
    expect(seen).toEqual(["processing 1", "completed undefined"]);
  });

  test("polls a last time at its deadline, then throws a TaskTimeoutError with the latest task", async () => {
    const { databar, clock } = task(state("processing", { progress: { completed: 3 } }));
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 5_000 }));
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ taskId: ID, task: { progress: { completed: 3 } } });
    expect((error as Error).message).toContain(
      `not ended after 5000 ms (its last status was processing); continue with tasks.wait("${ID}")`,
    );
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(5_000);
  });

  test("waits for five minutes by default", async () => {
    const { databar, clock } = task(state("processing"));
    expect(await rejection(databar.tasks.wait(ID))).toMatchObject({ name: "TaskTimeoutError" });
    expect(clock.time).toBe(300_000);
  });

  test("accepts intervals up to what timers support", async () => {
    const { databar } = task(state("completed"));
    await databar.tasks.wait(ID, { pollIntervalMs: 2 ** 31 - 1 });
    expect(await rejection(databar.tasks.wait(ID, { pollIntervalMs: 2 ** 31 }))).toBeInstanceOf(UsageError);
  });

  test.each([[undefined], [5]])("throws a TaskTimeoutError if the status is always %s", async (status) => {
    const { databar } = task({ task_id: ID, status });
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 5 }));
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect((error as Error).message).toContain(`its last status was ${status}`);
  });

  test("polls once with timeoutMs 0", async () => {
    const { databar, requests } = task(state("processing"));
    expect(await rejection(databar.tasks.wait(ID, { timeoutMs: 0 }))).toBeInstanceOf(TaskTimeoutError);
    expect(requests).toHaveLength(1);
  });
});

describe("the status no_data", () => {
  test("ends the wait with null if it lasts for 10 s", async () => {
    const { databar, clock } = task(state("no_data"));
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "no_data", data: null });
    expect(clock.time).toBeGreaterThanOrEqual(10_000);
    expect(clock.time).toBeLessThan(20_000);
    const polled = task(state("no_data"));
    await polled.databar.tasks.wait(ID, { pollIntervalMs: 10_000 });
    expect(polled.clock.time).toBe(10_000);
  });

  test("does not end the wait if a result follows", async () => {
    const { databar } = task(state("no_data"), state("no_data"), state("completed", { data: { a: 1 } }));
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "completed", data: { a: 1 } });
  });

  test("has a new grace period after another status", async () => {
    const { databar } = task(state("no_data"), state("processing"), state("no_data"), state("completed"));
    expect(await databar.tasks.wait(ID, { pollIntervalMs: 6_000 })).toMatchObject({ status: "completed" });
  });

  test("ends the wait at once if noDataGraceMs is 0", async () => {
    const { databar, requests } = task(state("no_data"));
    await databar.tasks.wait(ID, { noDataGraceMs: 0 });
    expect(requests).toHaveLength(1);
  });
});

describe("a failure while waiting", () => {
  test.each([null, 5, "completed", [state("completed")], true])(
    "such as a response of %j, which is no task, is retried and is not reported as progress",
    async (response) => {
      const { databar } = task(Response.json(response), state("completed", { data: 1 }));
      const seen: unknown[] = [];
      const onProgress = (progress: unknown): void => void seen.push(progress);
      expect(await databar.tasks.wait(ID, { onProgress })).toMatchObject({ data: 1 });
      expect(seen).toEqual([expect.objectContaining({ status: "completed" })]);
    },
  );

  test("of the network or the server is retried until the task ends", async () => {
    const { databar, requests } = task(
      reset(),
      http(502),
      http(429),
      new Response("<html>"),
      state("completed", { data: {} }),
    );
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "completed" });
    expect(requests).toHaveLength(5);
  });

  test("with Retry-After is retried after that delay", async () => {
    const { databar, clock } = task(http(429, { "retry-after": "30" }), state("completed"));
    await databar.tasks.wait(ID);
    expect(clock.sleeps).toEqual([30_000]);
  });

  test("that lasts until the deadline is the cause of the TaskTimeoutError", async () => {
    const { databar } = task(state("processing"), reset());
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 20_000 }));
    expect(error).toMatchObject({ name: "TaskTimeoutError", taskId: ID, task: { status: "processing" } });
    expect((error as Error).cause).toMatchObject({ name: "ConnectionError", code: "ECONNRESET" });
  });

  test("by a response that never arrives ends after the client's timeoutMs", async () => {
    const fetch = () => new Promise<Response>(() => {});
    const databar = new Databar({ apiKey: "test-key-5f2d", fetch, timeoutMs: 20 });
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 1 }));
    expect(error).toMatchObject({ name: "TaskTimeoutError", taskId: ID, cause: { name: "TimeoutError" } });
  });

  test.each([401, 403, 404, 422])("of status %i ends the wait, and the error has the task's id", async (status) => {
    const { databar, requests } = task(http(status));
    expect(await rejection(databar.tasks.wait(ID))).toMatchObject({ status, taskId: ID });
    expect(requests).toHaveLength(1);
  });

  test("of onProgress ends the wait, and the error has the task's id", async () => {
    const { databar } = task(state("processing"));
    const onProgress = () => {
      throw new Error("oops");
    };
    const error = await rejection(databar.tasks.wait(ID, { onProgress }));
    expect(error).toMatchObject({ message: "onProgress threw", taskId: ID, cause: new Error("oops") });
  });
});

describe("an aborted signal", () => {
  test("ends the wait between polls, and the error has the reason and the task's id", async () => {
    const controller = new AbortController();
    const { databar, requests } = task(state("processing"));
    const onProgress = () => controller.abort(new Error("user left"));
    const error = await rejection(databar.tasks.wait(ID, { signal: controller.signal, onProgress }));
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({
      taskId: ID,
      cause: new Error("user left"),
      attempts: 0,
      mayHaveBeenProcessed: false,
    });
    expect(requests).toHaveLength(1);
  });

  test("ends the wait before the first poll", async () => {
    const { databar, requests } = task(state("processing"));
    const error = await rejection(databar.tasks.wait(ID, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ name: "AbortError", taskId: ID });
    expect(requests).toEqual([]);
  });
});

describe("runAndWait", () => {
  const runs: [name: string, run: (server: ReturnType<typeof task>) => Promise<FinishedTask<unknown>>, path: string][] =
    [
      [
        "enrichments.runAndWait",
        ({ databar }) => databar.enrichments.runAndWait(833, { params: { a: 1 } }),
        "/v1/enrichments/833/run",
      ],
      [
        "enrichments.bulkRunAndWait",
        ({ databar }) => databar.enrichments.bulkRunAndWait(833, { params: [] }),
        "/v1/enrichments/833/bulk-run",
      ],
      [
        "waterfalls.runAndWait",
        ({ databar }) => databar.waterfalls.runAndWait("e", { params: {} }),
        "/v1/waterfalls/e/run",
      ],
      [
        "waterfalls.bulkRunAndWait",
        ({ databar }) => databar.waterfalls.bulkRunAndWait("e", { params: [] }),
        "/v1/waterfalls/e/bulk-run",
      ],
      ["flows.runAndWait", ({ databar }) => databar.flows.runAndWait(7), "/v1/flows/7/run"],
      [
        "flows.bulkRunAndWait",
        ({ databar }) => databar.flows.bulkRunAndWait(7, { inputs: [] }),
        "/v1/flows/7/bulk-run",
      ],
    ];

  test.each(runs)("called as %s runs once and then waits for the task", async (_, run, path) => {
    const server = task(state("processing"), state("completed", { data: [] }));
    expect(await run(server)).toMatchObject({ status: "completed", credits_spent: 2 });
    expect(server.requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `POST ${path}`,
      `GET /v1/tasks/${ID}`,
      `GET /v1/tasks/${ID}`,
    ]);
  });

  test("checks its options before the run, which spends credits", async () => {
    const { databar, requests } = task(state("completed"));
    const call = databar.enrichments.runAndWait(833, { params: {} }, { pollIntervalMs: -1 });
    expect(await rejection(call)).toBeInstanceOf(UsageError);
    expect(await rejection(databar.flows.runAndWait(7, {}, { pollMs: 1 } as never))).toMatchObject({
      message: expect.stringMatching(
        /^Unknown option "pollMs": accepted are pollIntervalMs, timeoutMs, noDataGraceMs, /,
      ),
    });
    expect(requests).toEqual([]);
  });

  test("does not repeat a run that may have been accepted", async () => {
    const { databar, requests } = scripted(() => reset());
    const error = await rejection(databar.enrichments.runAndWait(833, { params: {} }));
    expect(error).toMatchObject({ name: "ConnectionError", mayHaveBeenProcessed: true });
    expect(error).not.toHaveProperty("taskId");
    expect(requests).toHaveLength(1);
  });

  test.each([null, {}])("throws an error if the run returns %j, which has no task_id", async (response) => {
    const { databar, requests } = scripted(() => response);
    const error = await rejection(databar.flows.runAndWait(7));
    expect(error).toMatchObject({
      name: "DatabarError",
      message: "The run was accepted, but the response has no task_id",
    });
    expect(requests).toHaveLength(1);
  });

  test("reports the task's id if it is aborted after the run was accepted", async () => {
    const controller = new AbortController();
    const { databar } = scripted(({ method }) => {
      if (method === "GET") {
        controller.abort();
      }
      return state("processing");
    });
    const call = databar.enrichments.runAndWait(833, { params: {} }, { signal: controller.signal });
    expect(await rejection(call)).toMatchObject({ name: "AbortError", taskId: ID });
  });
});
