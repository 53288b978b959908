/** Runs cost credits, so the caller always gets the id of a paid task. */
import { describe, expect, test } from "vitest";
import { apiPromise } from "../../src/http/api-promise.js";
import { type DatabarError, type Fetch, TaskResultMismatchError } from "../../src/index.js";
import { databarWith, failureOf, fakeRuntime } from "../support/calls.js";
import { rejection, scripted } from "../support/scripted.js";
import { VirtualTime } from "../support/virtual-time.js";

const ACCEPTED = { task_id: "t-1", status: "processing" };
const DONE = { task_id: "t-1", status: "completed", data: [{ n: 1 }], credits_spent: 1 };

/** A server that accepts a run after `acceptMs`, unless the request is aborted before. */
function slowServer(acceptMs: number) {
  const time = new VirtualTime();
  const seen: string[] = [];
  const fetch: Fetch = async (url, { signal, method }) => {
    seen.push(method);
    await time.sleep(method === "POST" ? acceptMs : 1, signal);
    return Response.json(url.endsWith("/run") ? ACCEPTED : DONE);
  };
  return { time, seen, databar: databarWith({ apiKey: "k", fetch }, time) };
}

describe("an abort during the start of a run", () => {
  const reason = new Error("the user left");

  test("waits for the task's id and throws an AbortError with that id", async () => {
    const { seen, databar } = slowServer(20);
    const controller = new AbortController();
    const call = failureOf(databar.enrichments.runAndWait(1, { params: {} }, { signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    const error = await call;
    expect(error).toMatchObject({ name: "AbortError", taskId: "t-1", cause: reason, mayHaveBeenProcessed: true });
    expect((error as Error).message).toBe(
      "The run was aborted after the server accepted it as task t-1; the task continues",
    );
    expect(seen).toEqual(["POST"]);
  });

  test("ends after submitGraceMs if no id arrives", async () => {
    const stalled: Fetch = (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const { enrichments } = databarWith({ apiKey: "k", fetch: stalled }, fakeRuntime());
    const controller = new AbortController();
    const options = { signal: controller.signal, submitGraceMs: 20 };
    const call = failureOf(enrichments.runAndWait(1, { params: {} }, options));
    await Promise.resolve();
    controller.abort(reason);
    const error = (await call) as DatabarError;
    expect(error).toMatchObject({ name: "AbortError", cause: reason, mayHaveBeenProcessed: true });
    expect(error.taskId).toBeUndefined();
  });

  test("ends the run at once if nothing has been sent yet", async () => {
    let requests = 0;
    const fetch: Fetch = async () => Response.json({ requests: ++requests });
    const apiKey = () => new Promise<string>(() => {});
    const { enrichments } = databarWith({ apiKey, fetch }, fakeRuntime());
    const controller = new AbortController();
    const options = { signal: controller.signal, submitGraceMs: 3_600_000 };
    const call = failureOf(enrichments.runAndWait(1, { params: {} }, options));
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort(reason);
    expect(await call).toMatchObject({ name: "AbortError", attempts: 0, mayHaveBeenProcessed: false });
    expect(requests).toBe(0);
  });

  test("masks a key in the task's id, and keeps the id for the program", async () => {
    const controller = new AbortController();
    const taskId = "t-test-key-5f2d";
    const { databar } = scripted(() => {
      controller.abort(reason);
      return { task_id: taskId, status: "processing" };
    });
    const call = databar.enrichments.runAndWait(1, { params: {} }, { signal: controller.signal });
    const error = (await rejection(call)) as DatabarError;
    expect(error).toMatchObject({ name: "AbortError", taskId });
    expect(error.message).toContain("as task t-***;");
  });

  test("has the task's id if the program has replaced the method that starts the run", async () => {
    const controller = new AbortController();
    const { databar } = scripted(() => DONE);
    databar.enrichments.run = () => {
      controller.abort(reason);
      const result = { data: { task_id: "t-1", status: "processing" }, response: Response.json({}) };
      return apiPromise(Promise.resolve(result));
    };
    const call = databar.enrichments.runAndWait(1, { params: {} }, { signal: controller.signal });
    expect(await rejection(call)).toMatchObject({ name: "AbortError", taskId: "t-1", mayHaveBeenProcessed: true });
  });

  test("sends nothing if it happens before the start", async () => {
    const { seen, databar } = slowServer(20);
    const call = databar.enrichments.runAndWait(1, { params: {} }, { signal: AbortSignal.abort(reason) });
    expect(await failureOf(call)).toMatchObject({ name: "AbortError", attempts: 0, mayHaveBeenProcessed: false });
    expect(seen).toEqual([]);
  });

  test("ends the run at once during the delay before a retry", async () => {
    const controller = new AbortController();
    const { databar, requests } = scripted(() => {
      queueMicrotask(() => controller.abort(reason));
      return Response.json({}, { status: 429 });
    });
    const call = databar.enrichments.runAndWait(1, { params: {} }, { signal: controller.signal });
    expect(await rejection(call)).toMatchObject({ name: "AbortError" });
    expect(requests).toHaveLength(1);
  });
});

describe("an accepted run", () => {
  test("is reported by onAccepted before the first poll", async () => {
    const events: string[] = [];
    const { databar } = scripted(({ method }) => {
      events.push(method);
      return method === "POST" ? ACCEPTED : DONE;
    });
    const onAccepted = async (taskId: string) => void events.push(taskId);
    await databar.enrichments.runAndWait(1, { params: {} }, { onAccepted });
    expect(events).toEqual(["POST", "t-1", "GET"]);
  });

  test("reports its id if onAccepted rejects", async () => {
    const cause = new Error("disk full");
    const { databar, requests } = scripted(() => ACCEPTED);
    const call = databar.flows.runAndWait("f", {}, { onAccepted: () => Promise.reject(cause) });
    expect(await rejection(call)).toMatchObject({ name: "DatabarError", taskId: "t-1", cause });
    expect(requests).toHaveLength(1);
  });

  test("may return 404 for notFoundGraceMs, by default 5 s", async () => {
    const unknown = () => Response.json({ detail: "no such task" }, { status: 404 });
    const soon = scripted(({ method }, number) => (method === "POST" ? ACCEPTED : number < 4 ? unknown() : DONE));
    expect(await soon.databar.enrichments.runAndWait(1, { params: {} })).toMatchObject({ status: "completed" });
    const never = scripted(({ method }) => (method === "POST" ? ACCEPTED : unknown()));
    const error = await rejection(never.databar.enrichments.runAndWait(1, { params: {} }));
    expect(error).toMatchObject({ name: "NotFoundError", taskId: "t-1" });
    expect(never.clock.time).toBeGreaterThanOrEqual(5_000);
    expect(never.clock.time).toBeLessThan(10_000);
    const atTheEnd = scripted(({ method }) => (method === "POST" ? ACCEPTED : unknown()));
    await rejection(atTheEnd.databar.enrichments.runAndWait(1, { params: {} }, { pollIntervalMs: 5_000 }));
    expect(atTheEnd.clock.time).toBe(5_000);
  });

  test("has no such grace period in tasks.wait", async () => {
    const { databar, requests } = scripted(() => Response.json({ detail: "no" }, { status: 404 }));
    expect(await rejection(databar.tasks.wait("t-1"))).toMatchObject({ name: "NotFoundError", taskId: "t-1" });
    expect(requests).toHaveLength(1);
  });
});

test("maxRetries 0 starts a run only once, even after a 429", async () => {
  const { databar, requests } = scripted(() => Response.json({ detail: "busy" }, { status: 429 }));
  const error = await rejection(databar.enrichments.runAndWait(1, { params: {} }, { maxRetries: 0 }));
  expect(error).toMatchObject({ name: "RateLimitError", attempts: 1 });
  expect(requests).toHaveLength(1);
});

describe("submitTimeoutMs", () => {
  test("limits the start of a run, by default to two minutes, independently of the client's timeoutMs", async () => {
    const limits: (number | undefined)[] = [];
    const { setTimeout } = globalThis;
    globalThis.setTimeout = ((callback: () => void, ms?: number) => {
      limits.push(ms);
      return setTimeout(callback, ms);
    }) as typeof globalThis.setTimeout;
    try {
      const { databar } = scripted(({ method }) => (method === "POST" ? ACCEPTED : DONE));
      await databar.enrichments.runAndWait(1, { params: {} });
      await databar.enrichments.runAndWait(1, { params: {} }, { submitTimeoutMs: 7_000 });
    } finally {
      globalThis.setTimeout = setTimeout;
    }
    expect(limits.filter((ms) => ms !== 30_000)).toEqual([120_000, 7_000]);
  });
});

describe("the results of a bulk run", () => {
  const bulk = (task: object) =>
    scripted(({ method }) => (method === "POST" ? ACCEPTED : { ...DONE, ...task })).databar;

  test.each([[[{}]], [[]], [null], [{}], [[{}, {}, {}]]])(
    "throw a TaskResultMismatchError if they are %j for two inputs",
    async (data) => {
      const error = await rejection(bulk({ data }).enrichments.bulkRunAndWait(1, { params: [{}, {}] }));
      expect(error).toBeInstanceOf(TaskResultMismatchError);
      expect(error).toMatchObject({ taskId: "t-1", task: { data, credits_spent: 1 } });
      expect((error as Error).message).toMatch(/^Task t-1 has (no list of results|\d results) for 2 inputs/);
    },
  );

  test("are returned if there is one for each input", async () => {
    const { data } = await bulk({ data: [{}, null] }).flows.bulkRunAndWait("f", { inputs: [{}, {}] });
    expect(data).toEqual([{}, null]);
  });

  test("may be missing if the status is no_data", async () => {
    const databar = bulk({ status: "no_data", data: null });
    const { data } = await databar.waterfalls.bulkRunAndWait("w", { params: [{}, {}] }, { noDataGraceMs: 0 });
    expect(data).toBeNull();
  });
});
