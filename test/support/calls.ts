/** One call for each HTTP method, and helpers for tests of failures. */

import type { Runtime } from "../../src/http/runtime.js";
import { type ClientOptions, type ConnectorCreate, Databar, type RequestOptions } from "../../src/index.js";
import { RUNTIME, type TestOptions } from "../../src/options.js";
import { listFixtures } from "./fixture-operation.js";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export type Method = (typeof METHODS)[number];

/** The client does not repeat a POST or PATCH that may have been processed: it could spend credits or write rows twice. */
export const IDEMPOTENT: readonly Method[] = ["GET", "PUT", "DELETE"];

type Call = (databar: Databar, options?: RequestOptions, connector?: ConnectorCreate) => Promise<unknown>;

export const plainConnector: ConnectorCreate = { name: "n", method: "get", url: "https://example.com" };

export const calls: Readonly<Record<Method, Call>> = {
  GET: (databar, options) => listFixtures(databar, options),
  POST: (databar, options) => databar.enrichments.run(7, { params: { email: "a@example.com" } }, options),
  PUT: (databar, options, connector = plainConnector) => databar.connectors.replace(7, connector, options),
  PATCH: (databar, options) => databar.tables.rows.update("t", { rows: [{ id: "r", fields: { a: 1 } }] }, options),
  DELETE: (databar, options) => databar.folders.delete(7, options),
};

/** A runtime whose delays take no time. It records them in `waits`. */
export function fakeRuntime(random = 0.5): Runtime & { waits: number[] } {
  const waits: number[] = [];
  let now = 0;
  return {
    waits,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      now += ms;
    },
    random: () => random,
    now: () => now,
    date: () => Date.UTC(2026, 0, 1),
  };
}

/** A client whose clock and random numbers a test controls. */
export function databarWith(options: ClientOptions, runtime: Runtime): Databar {
  const withRuntime: TestOptions = { ...options, [RUNTIME]: runtime };
  return new Databar(withRuntime);
}

/** A client whose retry delays take no time. */
export function client(baseUrl: string, options: ClientOptions = {}, runtime: Runtime = fakeRuntime()): Databar {
  return databarWith({ apiKey: "test-key-5f2d", baseUrl, timeoutMs: 5_000, ...options }, runtime);
}

/** Returns the error of a call, and throws if the call succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<unknown> {
  const [result] = await Promise.allSettled([call]);
  if (result.status === "fulfilled") {
    throw new Error(`The call succeeded: ${JSON.stringify(result.value)}`);
  }
  return result.reason;
}
