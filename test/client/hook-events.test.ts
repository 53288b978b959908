/** Hook events: a log of them shows the start and the end of every request. */
import { describe, expect, test } from "vitest";
import type { Databar, Fetch, Hooks } from "../../src/index.js";
import { databarWith, failureOf, fakeRuntime } from "../support/calls.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";

/** A client whose hooks record the name, the call and the attempt of each event. */
function observed(fetch: Fetch, options: object = {}) {
  const events: { name: string; callId: number; attempt: number; event: object }[] = [];
  const note =
    (name: string) =>
    (event: { callId: number; attempt: number }): void =>
      void events.push({ name, callId: event.callId, attempt: event.attempt, event });
  const hooks: Hooks = {
    onRequest: note("request"),
    onResponse: note("response"),
    onError: note("error"),
    onRetry: note("retry"),
  };
  const databar: Databar = databarWith({ apiKey: "k", fetch, hooks, ...options }, fakeRuntime());
  return { databar, events, names: () => events.map(({ name, attempt }) => `${name} ${attempt}`) };
}

const refused = Object.assign(new Error("no"), { code: "ECONNREFUSED" });

describe("a hook", () => {
  test("gets the same callId in all events of a call, and another callId for another call", async () => {
    const { databar, events } = observed(async () => Response.json({}, { status: 503 }));
    await Promise.all([failureOf(listFixtures(databar)), failureOf(databar.folders.list())]);
    const ids = new Set(events.map(({ callId }) => callId));
    expect(ids.size).toBe(2);
    for (const id of ids) {
      expect(events.filter(({ callId }) => callId === id).map(({ name }) => name)).toEqual([
        "request",
        "response",
        "retry",
        "request",
        "response",
        "retry",
        "request",
        "response",
      ]);
    }
  });

  test("gets the error class, the reason and the duration of an attempt without a response", async () => {
    const { databar, events, names } = observed(() => Promise.reject(refused), { maxRetries: 1 });
    await failureOf(listFixtures(databar));
    expect(names()).toEqual(["request 1", "error 1", "retry 1", "request 2", "error 2"]);
    expect(events[1]?.event).toMatchObject({
      operation: FIXTURE.operation,
      error: "ConnectionError",
      reason: expect.stringContaining("connection refused"),
      durationMs: expect.any(Number),
    });
  });

  test("gets an error event for a deadline before the headers, and a response event for a deadline in the body", async () => {
    const stalled = observed(() => new Promise(() => {}), { timeoutMs: 5, maxRetries: 0 });
    await failureOf(listFixtures(stalled.databar));
    expect(stalled.names()).toEqual(["request 1", "error 1"]);
    const body = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
    const midBody = observed(async () => body(), { timeoutMs: 5, maxRetries: 0 });
    await failureOf(listFixtures(midBody.databar));
    await new Promise((resolve) => setImmediate(resolve));
    expect(midBody.names()).toEqual(["request 1", "response 1"]);
  });

  test("gets an error event if the call is aborted during the delay before a retry", async () => {
    const controller = new AbortController();
    const { databar, names, events } = observed(async () => {
      queueMicrotask(() => controller.abort());
      return Response.json({}, { status: 503 });
    });
    await failureOf(listFixtures(databar, { signal: controller.signal }));
    expect(names().at(-1)).toMatch(/^error \d$/);
    expect(events.at(-1)?.event).toMatchObject({ error: "AbortError" });
  });

  test("gets an error event if another hook aborts the call before the delay", async () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    const hooks: Hooks = {
      onRetry: () => controller.abort(),
      onError: ({ error, reason, attempt }) => void seen.push({ error, reason, attempt }),
    };
    const fetch = async () => Response.json({}, { status: 503 });
    const databar = databarWith({ apiKey: "k", fetch, hooks }, fakeRuntime());
    await failureOf(listFixtures(databar, { signal: controller.signal }));
    const reason = `${FIXTURE.route} was aborted while waiting to retry`;
    expect(seen).toEqual([{ error: "AbortError", reason, attempt: 2 }]);
  });

  test("gets a retry event when a refused key is asked for again", async () => {
    const { databar, events, names } = observed(async () => Response.json({ detail: "old key" }, { status: 401 }), {
      apiKey: async () => "k",
    });
    await failureOf(listFixtures(databar));
    expect(names()).toEqual(["request 1", "response 1", "retry 1", "request 2", "response 2"]);
    expect(events[2]?.event).toMatchObject({ status: 401, delayMs: 0, reason: expect.stringContaining("old key") });
  });

  test("gets an error event and no request event if the apiKey function rejects", async () => {
    const apiKey = () => Promise.reject(new Error("vault closed"));
    const { databar, events, names } = observed(async () => Response.json([]), { apiKey });
    await failureOf(listFixtures(databar));
    expect(names()).toEqual(["error 1"]);
    expect(events[0]?.event).toMatchObject({ durationMs: 0 });
  });

  test("gets no request event if the call is aborted while the apiKey function runs", async () => {
    const controller = new AbortController();
    const apiKey = async () => {
      controller.abort();
      return "k";
    };
    const { databar, names } = observed(async () => Response.json([]), { apiKey });
    await failureOf(listFixtures(databar, { signal: controller.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(names()).toEqual(["error 1"]);
  });

  test.each([
    ["an answer", () => Response.json([])],
    ["none", () => Promise.reject(refused)],
  ])("gets the milliseconds from the start of an attempt to %s", async (_, outcome) => {
    const slow: Fetch = () => new Promise((resolve) => setTimeout(resolve, 20)).then(outcome);
    const { databar, events } = observed(slow, { maxRetries: 0 });
    await Promise.allSettled([listFixtures(databar)]);
    const { durationMs } = { durationMs: 0, ...events[1]?.event };
    expect(durationMs).toBeGreaterThan(10);
    expect(durationMs).toBeLessThan(10_000);
  });
});
