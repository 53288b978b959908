/** The fault table: what goes wrong x method -> what the caller gets, and how often the server saw the request. */
import { afterAll, beforeAll, expect, test } from "vitest";
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

test.each(faults.map((fault) => [fault.name, fault.error ?? "the result", fault] as const))(
  "%s gives %s, on each method, sent as often as it may be",
  async (_, __, fault) => {
    server.behave(fault.behave("so says the server"));
    await Promise.all(METHODS.map((method) => run(fault, method)));
  },
);
