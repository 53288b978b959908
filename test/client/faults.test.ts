/** The fault table: what goes wrong x method -> what the caller gets, and how often the server saw the request. */
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { calls, client, failureOf, IDEMPOTENT, METHODS, type Method } from "../support/calls.js";
import type { Fault } from "../support/error-answers.js";
import { type FaultServer, startFaultServer } from "../support/fault-server.js";
import { faults } from "../support/faults.js";
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
    `Faults: ${faults.length} faults x ${METHODS.length} methods = ${counted.pairs} pairs, ${counted.requests} requests counted.`,
  );
  expect(unhandled).toEqual([]);
});

function attemptsOf({ retried }: Fault, method: Method): number {
  return retried === "all" || (retried === "idempotent" && IDEMPOTENT.includes(method)) ? 3 : 1;
}

async function run(fault: Fault, method: Method): Promise<void> {
  const call = calls[method](client(server.url, fault.timeoutMs ? { timeoutMs: fault.timeoutMs } : {}));
  const attempts = attemptsOf(fault, method);
  if (fault.error === undefined) {
    await call;
  } else {
    expect(await failureOf(call)).toMatchObject({
      name: fault.error,
      method,
      attempts,
      mayHaveBeenProcessed: fault.acted && method !== "GET",
      message: expect.stringMatching(fault.message ?? /./),
    });
  }
  const requests = server.requests.filter((request) => request.method === method);
  expect(requests, `requests seen for ${method}`).toHaveLength(attempts * (fault.seenPerAttempt ?? 1));
  // Each attempt sends the whole request afresh.
  expect(new Set(requests.map(({ target, body }) => `${target} ${body}`)).size).toBe(1);
  counted.pairs++;
  counted.requests += requests.length;
}

/** The real one, for what happens beside the client's fake clock. */
const { setTimeout: later } = globalThis;

/** Runs the client's deadlines on a fake clock: one passes when the server has seen the request, and never before. */
function passDeadlines({ behave, timeoutMs = 0 }: Fault): void {
  const behaviour = behave("so says the server");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  server.behave((socket, request) => {
    behaviour(socket, request);
    later(() => vi.advanceTimersByTime(timeoutMs), 10);
  });
}

afterEach(() => {
  vi.useRealTimers();
});

test.each(faults.map((fault) => [fault.name, fault.error ?? "the result", fault] as const))(
  "%s gives %s, on each method, sent as often as it may be",
  async (_, __, fault) => {
    if (fault.timeoutMs !== undefined) {
      for (const method of METHODS) {
        passDeadlines(fault);
        await run(fault, method);
      }
      return;
    }
    server.behave(fault.behave("so says the server"));
    const runs = await Promise.allSettled(METHODS.map((method) => run(fault, method)));
    // All of them have ended: none is counted for the next fault.
    for (const result of runs) {
      if (result.status === "rejected") {
        throw result.reason;
      }
    }
  },
);
