/** Each failure on each method: the error that the caller gets, and the number of requests that the server receives. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { calls, client, failureOf, IDEMPOTENT, METHODS, type Method } from "../support/calls.js";
import type { Failure } from "../support/error-responses.js";
import { failures } from "../support/failures.js";
import { type FaultServer, startFaultServer } from "../support/fault-server.js";
import { unhandledRejections } from "../support/unhandled.js";

let server: FaultServer;
const counted = { pairs: 0, requests: 0 };
const unhandled = unhandledRejections();

beforeAll(async () => {
  server = await startFaultServer();
});

afterAll(async () => {
  await server.close();
  console.log(
    `Failures: ${failures.length} failures x ${METHODS.length} methods = ${counted.pairs} pairs, ${counted.requests} requests counted.`,
  );
  expect(unhandled).toEqual([]);
});

function attemptsOf({ retried }: Failure, method: Method): number {
  return retried === "all" || (retried === "idempotent" && IDEMPOTENT.includes(method)) ? 3 : 1;
}

async function run(failure: Failure, method: Method): Promise<void> {
  const call = calls[method](client(server.url, failure.timeoutMs ? { timeoutMs: failure.timeoutMs } : {}));
  const attempts = attemptsOf(failure, method);
  if (failure.error === undefined) {
    await call;
  } else {
    expect(await failureOf(call)).toMatchObject({
      name: failure.error,
      method,
      attempts,
      mayHaveBeenProcessed: failure.mayHaveActed && method !== "GET",
      message: expect.stringMatching(failure.message ?? /./),
    });
  }
  const requests = server.requests.filter((request) => request.method === method);
  expect(requests, `requests seen for ${method}`).toHaveLength(attempts * (failure.requestsPerAttempt ?? 1));
  // Each attempt sends the whole request again.
  expect(new Set(requests.map(({ target, body }) => `${target} ${body}`)).size).toBe(1);
  counted.pairs++;
  counted.requests += requests.length;
}

/** The real timer: the client's timers run on a fake clock. */
const { setTimeout: later } = globalThis;

/** Runs the client's deadlines on a fake clock. A deadline passes after the server has received the request, never before. */
function passDeadlines({ behave, timeoutMs = 0 }: Failure): void {
  const behaviour = behave("text of the server");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  server.behave((socket, request) => {
    behaviour(socket, request);
    later(() => vi.advanceTimersByTime(timeoutMs), 10);
  });
}

afterEach(() => {
  vi.useRealTimers();
});

/** Which methods the client retries, for a title. */
const retriedMethods = { all: "all methods", idempotent: "idempotent methods", none: "no method" } as const;

const rows = failures.map(
  (failure) => [failure.name, failure.error ?? "no error", retriedMethods[failure.retried], failure] as const,
);

test.each(rows)("%s causes %s, and the client retries %s", async (_, __, ___, failure) => {
  if (failure.timeoutMs !== undefined) {
    for (const method of METHODS) {
      passDeadlines(failure);
      await run(failure, method);
    }
    return;
  }
  server.behave(failure.behave("text of the server"));
  const runs = await Promise.allSettled(METHODS.map((method) => run(failure, method)));
  // All calls have ended, so that none of their requests is counted for the next failure.
  for (const result of runs) {
    if (result.status === "rejected") {
      throw result.reason;
    }
  }
});
