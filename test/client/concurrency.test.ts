/** A thousand concurrent calls of one client, and the resources that remain after them. */
import { spawn } from "node:child_process";
import { getEventListeners } from "node:events";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { client, fakeRuntime } from "../support/calls.js";
import { answer, eventually, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { unhandledRejections } from "../support/unhandled.js";

const CALLS = 1_000;

// Each test takes about a second on an idle machine.
vi.setConfig({ testTimeout: 20_000 });

let server: FaultServer;
const warnings: string[] = [];
const unhandled = unhandledRejections();
const onWarning = (warning: Error): void => {
  warnings.push(warning.message);
};

beforeAll(async () => {
  process.on("warning", onWarning);
  server = await startFaultServer();
});
afterAll(async () => {
  await server.close();
  process.off("warning", onWarning);
  expect(unhandled).toEqual([]);
  expect(warnings).toEqual([]);
});

const ids = Array.from({ length: CALLS }, (_, id) => id);

test("a thousand concurrent calls with a shared signal get their own responses and leave no listener on it", async () => {
  const { signal } = new AbortController();
  const seen = new Map<string, number>();
  // The first attempt of every third call fails. Responses arrive out of order.
  server.behave((socket, { target, headers }) => {
    const count = (seen.get(target) ?? 0) + 1;
    seen.set(target, count);
    const id = Number(target.split("/").at(-1));
    const bytes =
      id % 3 === 0 && count === 1 ? answer(503) : answer(200, JSON.stringify({ id, call: headers.get("x-call") }));
    setTimeout(() => socket.write(bytes), (id * 7) % 20);
  });
  const databar = client(server.url, { timeoutMs: 30_000 });
  const connectors = await Promise.all(
    ids.map((id) => databar.connectors.get(id, { signal, headers: { "x-call": `call-${id}` } })),
  );
  expect(connectors).toEqual(ids.map((id) => ({ id, call: `call-${id}` })));
  expect(server.requests).toHaveLength(CALLS + Math.ceil(CALLS / 3));
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(warnings).toEqual([]);
});

test("each of a thousand concurrent calls has its own deadline", async () => {
  server.behave((socket, { target }) => {
    const id = Number(target.split("/").at(-1));
    if (id % 2 === 0) {
      setTimeout(() => socket.write(answer(200, JSON.stringify({ id }))), 100);
    }
  });
  const databar = client(server.url, { maxRetries: 0 });
  const results = await Promise.allSettled(
    ids.map((id) => databar.connectors.get(id, { timeoutMs: id % 2 === 0 ? 30_000 : 50 })),
  );
  expect(results.map((result) => (result.status === "fulfilled" ? result.value.id : result.reason.timeoutMs))).toEqual(
    ids.map((id) => (id % 2 === 0 ? id : 50)),
  );
});

test("one abort ends a thousand calls with the same cause, in flight or waiting to retry", async () => {
  const controller = new AbortController();
  server.behave((socket, { target }) => {
    if (Number(target.split("/").at(-1)) % 2 === 0) {
      socket.write(answer(503));
    }
  });
  const reason = new Error("the user left");
  const { sleep } = (await import("../../src/http/runtime.js")).systemRuntime;
  const databar = client(
    server.url,
    { timeoutMs: 60_000 },
    { ...fakeRuntime(), sleep: (_, signal) => sleep(600_000, signal) },
  );
  const calls = Promise.allSettled(ids.map((id) => databar.connectors.get(id, { signal: controller.signal })));
  expect(await eventually(() => server.requests.length >= CALLS)).toBe(true);
  controller.abort(reason);
  const results = await calls;
  const causes = results.map((result) => result.status === "rejected" && result.reason.cause === reason);
  expect(causes.filter(Boolean)).toHaveLength(CALLS);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  expect(warnings).toEqual([]);
});

test("a program exits by itself after its calls succeed, fail, time out or are aborted", async () => {
  server.behave((socket, { target }) => {
    if (target === "/v1/folders/7") {
      socket.write(answer(500));
    } else if (target === "/v1/connectors/7") {
      socket.write(answer(200, '{"id":7}'));
    } else if (target === "/v1/user/me") {
      socket.write(answer(200, "{", { "content-length": "99" }));
    }
  });
  const child = spawn(process.execPath, ["--import", "tsx", "test/support/exits.ts", server.url]);
  let printed = "";
  let lastCallAt = 0;
  child.stdout.on("data", (chunk) => {
    printed += chunk;
    lastCallAt = performance.now();
  });
  child.stderr.on("data", (chunk) => {
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(printed.trim()).toBe("TimeoutError TimeoutError ServerError AbortError AbortError fulfilled AbortError");
  expect(code).toBe(0);
  expect(performance.now() - lastCallAt).toBeLessThan(2_000);
});
