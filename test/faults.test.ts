/** The fault table: what goes wrong x method -> what the caller gets, and how often the server saw the request. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { calls, client, failureOf, IDEMPOTENT, METHODS, type Method } from "./support/calls.js";
import { type FaultServer, startFaultServer } from "./support/fault-server.js";
import { type Fault, faults } from "./support/faults.js";

let server: FaultServer;
const counted = { pairs: 0, requests: 0 };
const unhandled: unknown[] = [];
const note = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeAll(async () => {
  process.on("unhandledRejection", note);
  server = await startFaultServer();
});

afterAll(async () => {
  await server.close();
  process.off("unhandledRejection", note);
  console.log(
    `Faults: ${faults.length} faults x ${METHODS.length} methods = ${counted.pairs} pairs, ${counted.requests} requests counted.`,
  );
  expect(unhandled).toEqual([]);
});

function attemptsOf({ retried }: Fault, method: Method): number {
  return retried === "all" || (retried === "idempotent" && IDEMPOTENT.includes(method)) ? 3 : 1;
}

async function run(fault: Fault, method: Method): Promise<void> {
  server.behave(fault.behave("so says the server"));
  const call = calls[method](client(server.url, fault.timeoutMs ? { timeoutMs: fault.timeoutMs } : {}));
  const attempts = attemptsOf(fault, method);
  if (fault.error === undefined) {
    await call;
  } else {
    const error = await failureOf(call);
    expect(error).toMatchObject({
      name: fault.error,
      method,
      attempts,
      mayHaveBeenProcessed: fault.acted && method !== "GET",
      message: expect.stringMatching(fault.message ?? /./),
    });
  }
  const { requests } = server;
  expect(requests).toHaveLength(attempts * (fault.seenPerAttempt ?? 1));
  // Each attempt sends the whole request afresh.
  expect(new Set(requests.map(({ target, body }) => `${method} ${target} ${body}`)).size).toBe(1);
  expect(requests.map((request) => request.method)).toEqual(requests.map(() => method));
  counted.pairs++;
  counted.requests += requests.length;
}

describe.each(faults.map((fault) => [fault.name, fault] as const))("%s", (_, fault) => {
  test.each(METHODS)(`on %s gives ${fault.error ?? "the result"}, sent as often as it may be`, async (method) => {
    await run(fault, method);
  });
});
