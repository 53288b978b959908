/** Hooks: the events that they get, the order of the events, and that hooks cannot break a call. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Hooks } from "../../src/index.js";
import { calls, client, failureOf, fakeRuntime } from "../support/calls.js";
import { answer, eventually, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";
import { unhandledRejections } from "../support/unhandled.js";

let server: FaultServer;
const unhandled = unhandledRejections();

beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

afterEach(() => {
  expect(unhandled).toEqual([]);
});

test("hooks run in the order onRequest, onResponse, onRetry for each attempt, before the delay", async () => {
  const seen: unknown[] = [];
  const hooks: Hooks = {
    onRequest: (event) => seen.push(["request", event]),
    onResponse: (event) => seen.push(["response", event]),
    onRetry: (event) => seen.push(["retry", event]),
  };
  const fake = fakeRuntime();
  const sleep = async (ms: number) => {
    seen.push(["sleep", ms]);
    await fake.sleep(ms, undefined);
  };
  const runtime = { ...fake, sleep };
  server.behave((socket) =>
    socket.write(
      server.requests.length === 1
        ? answer(503, '{"detail":"busy"}', { "x-request-id": "req-1", "retry-after": "2" })
        : answer(200, '{"status":"ok"}', { "x-request-id": "req-2" }),
    ),
  );
  await client(server.url, { hooks }, runtime).folders.delete(7);
  const route = {
    callId: expect.any(Number),
    operation: "folders.delete",
    method: "DELETE",
    path: "/v1/folders/{folder_id}",
  };
  const durationMs = expect.any(Number);
  expect(seen).toEqual([
    ["request", { ...route, attempt: 1 }],
    ["response", { ...route, attempt: 1, status: 503, durationMs, requestId: "req-1" }],
    [
      "retry",
      {
        ...route,
        attempt: 1,
        status: 503,
        reason: "DELETE /v1/folders/{folder_id} -> 503: busy",
        delayMs: 2_250,
        requestId: "req-1",
      },
    ],
    ["sleep", 2_250],
    ["request", { ...route, attempt: 2 }],
    ["response", { ...route, attempt: 2, status: 200, durationMs, requestId: "req-2" }],
  ]);
});

test("a failure without a response calls onRetry with its reason and no status, and does not call onResponse", async () => {
  const seen: unknown[] = [];
  const hooks: Hooks = { onResponse: (event) => seen.push(event), onRetry: (event) => seen.push(event) };
  server.behave((socket) => socket.resetAndDestroy());
  await failureOf(listFixtures(client(server.url, { hooks, maxRetries: 1 })));
  expect(seen).toMatchObject([{ status: undefined, requestId: undefined, attempt: 1, delayMs: 250 }]);
  expect(seen).toMatchObject([{ reason: expect.stringMatching(/connection reset \(ECONNRESET\)$/) }]);
});

const broken: [name: string, hook: () => unknown][] = [
  [
    "throws an error",
    () => {
      throw new Error("broken hook");
    },
  ],
  [
    "throws an object without a string form",
    () => {
      throw Object.create(null);
    },
  ],
  [
    "throws undefined",
    () => {
      throw undefined;
    },
  ],
  [
    "throws a symbol",
    () => {
      throw Symbol("s");
    },
  ],
  ["rejects with an error", () => Promise.reject(new Error("broken hook"))],
  ["rejects with an object without a string form", () => Promise.reject(Object.create(null))],
  [
    "returns a thenable that rejects",
    () => {
      const foreign = new Map();
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library
      return Object.defineProperty(foreign, "then", {
        value: (_: unknown, reject: (reason: Error) => void) => reject(new Error("broken hook")),
      });
    },
  ],
];

test.each(broken)("a hook that %s is reported once as a process warning, and the calls continue", async (_, hook) => {
  const broken = hook as () => void;
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  server.behave((socket) => socket.write(server.requests.length % 2 === 1 ? answer(500) : answer(200, "[]")));
  const databar = client(server.url, { hooks: { onRequest: broken, onResponse: broken, onRetry: broken } });
  expect(await listFixtures(databar)).toEqual([]);
  expect(await listFixtures(databar)).toEqual([]);
  expect(server.requests).toHaveLength(4);
  expect(await eventually(() => emitWarning.mock.calls.length > 0)).toBe(true);
  expect(emitWarning.mock.calls).toEqual([
    [expect.stringMatching(/^databar-client: the hook on(Request|Response|Retry) threw: .*$/)],
  ]);
});

test("a hook that modifies its event does not change the call", async () => {
  server.behave((socket) => socket.write(answer(404)));
  const hooks: Hooks = { onRequest: (event) => Object.assign(event, { method: "POST", path: "/", operation: "x" }) };
  expect(await failureOf(calls.GET(client(server.url, { hooks })))).toMatchObject({
    method: "GET",
    path: FIXTURE.path,
    operation: FIXTURE.operation,
  });
});
