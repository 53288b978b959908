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
import { type Answered, rejection, scripted } from "../support/scripted.js";

const ID = "5f0d8a4e-2c1b-4f7a-9d36-8e1c7b20a9f4";

/** A server whose task goes through the given answers, one a look; the last one stays. Runs are accepted. */
function task(...answers: Answered[]) {
  let looks = 0;
  return scripted(({ method }) =>
    method === "POST" ? { task_id: ID, status: "processing" } : answers[Math.min(looks++, answers.length - 1)],
  );
}

const state = (status: string, more: object = {}) => ({ task_id: ID, status, credits_spent: 2, ...more });
const http = (status: number, headers: Record<string, string> = {}) =>
  Response.json({ detail: `status ${status}` }, { status, headers });
const reset = () => Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });

describe("a task that ends", () => {
  test.each(["completed", "partially_completed", "success"])("as %s is given back whole", async (status) => {
    const finished = state(status, { data: { email: "a@b.c" }, progress: { total: 1, completed: 1 } });
    const { databar, clock } = task(finished);
    expect(await databar.tasks.wait(ID)).toEqual(finished);
    expect(clock.sleeps).toEqual([]);
  });

  test("without data has null for data", async () => {
    const { databar } = task({ task_id: ID, status: "completed" });
    expect(await databar.tasks.wait(ID)).toEqual({ task_id: ID, status: "completed", data: null, credits_spent: 0 });
  });

  test("keeps bulk data aligned to the inputs, with null where nothing was found", async () => {
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
  "a task that is %s (%j) is an error with the task in it",
  async (status, more, errorClass, message) => {
    const { databar } = task(state(status, more));
    const error = await rejection(databar.tasks.wait(ID));
    expect(error).toBeInstanceOf(errorClass);
    expect(error).toMatchObject({ taskId: ID, task: state(status, more), message: expect.stringMatching(message) });
  },
);

test("a 410 is a TaskGoneError with the server's words", async () => {
  const { databar } = task(state("processing"), http(410));
  const error = await rejection(databar.tasks.wait(ID));
  expect(error).toBeInstanceOf(TaskGoneError);
  expect(error).toMatchObject({ taskId: ID, task: { status: "processing" }, cause: { name: "GoneError" } });
});

describe("waiting", () => {
  test("looks at once, then every 2 s, growing to 10 s", async () => {
    const { databar, clock } = task(...Array.from({ length: 14 }, () => state("processing")), state("completed"));
    await databar.tasks.wait(ID);
    expect(clock.sleeps.slice(0, 4)).toEqual([2_000, 2_400, 2_880, 3_456]);
    expect(clock.sleeps.slice(-3)).toEqual([10_000, 10_000, 10_000]);
  });

  test("keeps to an interval above 10 s", async () => {
    const { databar, clock } = task(state("processing"), state("processing"), state("completed"));
    await databar.tasks.wait(ID, { pollIntervalMs: 20_000 });
    expect(clock.sleeps).toEqual([20_000, 20_000]);
  });

  test("takes a status that nobody knows for pending", async () => {
    const { databar, asked } = task(state("created"), state("queued"), state("completed"));
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "completed" });
    expect(asked).toHaveLength(3);
  });

  test("reports each look", async () => {
    const { databar } = task(state("processing", { progress: { completed: 1 } }), state("completed"));
    const seen: string[] = [];
    await databar.tasks.wait(ID, {
      onProgress: ({ status, progress }) => seen.push(`${status} ${progress?.completed}`),
    });
    expect(seen).toEqual(["processing 1", "completed undefined"]);
  });

  test("ends with TaskTimeoutError at its deadline, after a last look, with the task last seen", async () => {
    const { databar, clock } = task(state("processing", { progress: { completed: 3 } }));
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 5_000 }));
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect(error).toMatchObject({ taskId: ID, task: { progress: { completed: 3 } } });
    expect((error as Error).message).toContain(
      `not ended after 5000 ms (its last status was processing); tasks.wait("${ID}")`,
    );
    expect(clock.sleeps.reduce((sum, ms) => sum + ms, 0)).toBe(5_000);
  });

  test.each([[undefined], [5]])("ends with TaskTimeoutError where the status is %s", async (status) => {
    const { databar } = task({ task_id: ID, status });
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 5 }));
    expect(error).toBeInstanceOf(TaskTimeoutError);
    expect((error as Error).message).toContain(`its last status was ${status}`);
  });

  test("with timeoutMs 0 looks once", async () => {
    const { databar, asked } = task(state("processing"));
    expect(await rejection(databar.tasks.wait(ID, { timeoutMs: 0 }))).toBeInstanceOf(TaskTimeoutError);
    expect(asked).toHaveLength(1);
  });
});

describe("no_data", () => {
  test("that lasts ends the waiting with null", async () => {
    const { databar, clock } = task(state("no_data"));
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "no_data", data: null });
    expect(clock.time).toBeGreaterThanOrEqual(10_000);
    expect(clock.time).toBeLessThan(20_000);
  });

  test("that turns into a result gives the result", async () => {
    const { databar } = task(state("no_data"), state("no_data"), state("completed", { data: { a: 1 } }));
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "completed", data: { a: 1 } });
  });

  test("that comes and goes starts its grace anew", async () => {
    const { databar } = task(state("no_data"), state("processing"), state("no_data"), state("completed"));
    expect(await databar.tasks.wait(ID, { pollIntervalMs: 6_000 })).toMatchObject({ status: "completed" });
  });

  test("is believed at once where noDataGraceMs is 0", async () => {
    const { databar, asked } = task(state("no_data"));
    await databar.tasks.wait(ID, { noDataGraceMs: 0 });
    expect(asked).toHaveLength(1);
  });
});

describe("faults while waiting", () => {
  test("of the network and the server are lived through", async () => {
    const { databar, asked } = task(
      reset(),
      http(502),
      http(429),
      new Response("<html>"),
      state("completed", { data: {} }),
    );
    expect(await databar.tasks.wait(ID)).toMatchObject({ status: "completed" });
    expect(asked).toHaveLength(5);
  });

  test("with Retry-After are waited for as long as the server asks", async () => {
    const { databar, clock } = task(http(429, { "retry-after": "30" }), state("completed"));
    await databar.tasks.wait(ID);
    expect(clock.sleeps).toEqual([30_000]);
  });

  test("that last until the deadline are the cause of the TaskTimeoutError", async () => {
    const { databar } = task(state("processing"), reset());
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 20_000 }));
    expect(error).toMatchObject({ name: "TaskTimeoutError", taskId: ID, task: { status: "processing" } });
    expect((error as Error).cause).toMatchObject({ name: "ConnectionError", code: "ECONNRESET" });
  });

  test("that are stalls take no longer than the client's own timeout", async () => {
    const fetch = () => new Promise<Response>(() => {});
    const databar = new Databar({ apiKey: "test-key-5f2d", fetch, timeoutMs: 20 });
    const error = await rejection(databar.tasks.wait(ID, { timeoutMs: 1 }));
    expect(error).toMatchObject({ name: "TaskTimeoutError", taskId: ID, cause: { name: "TimeoutError" } });
  });

  test.each([401, 403, 404, 422])("of status %i end the waiting, with the task's id", async (status) => {
    const { databar, asked } = task(http(status));
    expect(await rejection(databar.tasks.wait(ID))).toMatchObject({ status, taskId: ID });
    expect(asked).toHaveLength(1);
  });

  test("of the caller's own onProgress end the waiting, with the task's id", async () => {
    const { databar } = task(state("processing"));
    const onProgress = () => {
      throw new Error("oops");
    };
    const error = await rejection(databar.tasks.wait(ID, { onProgress }));
    expect(error).toMatchObject({ message: "onProgress threw", taskId: ID, cause: new Error("oops") });
  });
});

describe("an aborted signal", () => {
  test("ends the waiting between looks, with its reason and the task's id", async () => {
    const controller = new AbortController();
    const { databar, asked } = task(state("processing"));
    const onProgress = () => controller.abort(new Error("user left"));
    const error = await rejection(databar.tasks.wait(ID, { signal: controller.signal, onProgress }));
    expect(error).toBeInstanceOf(AbortError);
    expect(error).toMatchObject({ taskId: ID, cause: new Error("user left") });
    expect(asked).toHaveLength(1);
  });

  test("ends the waiting before the first look", async () => {
    const { databar, asked } = task(state("processing"));
    const error = await rejection(databar.tasks.wait(ID, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ name: "AbortError", taskId: ID });
    expect(asked).toEqual([]);
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

  test.each(runs)("%s runs once and waits for the task", async (_, run, path) => {
    const server = task(state("processing"), state("completed", { data: [] }));
    expect(await run(server)).toMatchObject({ status: "completed", credits_spent: 2 });
    expect(server.asked.map(({ method, target }) => `${method} ${target}`)).toEqual([
      `POST ${path}`,
      `GET /v1/tasks/${ID}`,
      `GET /v1/tasks/${ID}`,
    ]);
  });

  test("checks the options before it spends anything", async () => {
    const { databar, asked } = task(state("completed"));
    const call = databar.enrichments.runAndWait(833, { params: {} }, { pollIntervalMs: -1 });
    expect(await rejection(call)).toBeInstanceOf(UsageError);
    expect(await rejection(databar.flows.runAndWait(7, {}, { pollMs: 1 } as never))).toMatchObject({
      message: expect.stringMatching(
        /^Unknown option "pollMs": accepted are pollIntervalMs, timeoutMs, noDataGraceMs, /,
      ),
    });
    expect(asked).toEqual([]);
  });

  test("never repeats a run that may have been accepted", async () => {
    const { databar, asked } = scripted(() => reset());
    const error = await rejection(databar.enrichments.runAndWait(833, { params: {} }));
    expect(error).toMatchObject({ name: "ConnectionError", mayHaveBeenProcessed: true });
    expect(error).not.toHaveProperty("taskId");
    expect(asked).toHaveLength(1);
  });

  test.each([null, {}])("says so where the run's answer is %j and names no task", async (odd) => {
    const { databar, asked } = scripted(() => odd);
    const error = await rejection(databar.flows.runAndWait(7));
    expect(error).toMatchObject({
      name: "DatabarError",
      message: "The run was accepted, but the response has no task_id",
    });
    expect(asked).toHaveLength(1);
  });

  test("that is aborted after the run was accepted tells the task's id", async () => {
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
