import type { Runtime } from "../../src/http/runtime.js";
import { databarWith } from "./calls.js";

/** A request that the client sent. */
export interface SentRequest {
  method: string;
  /** Path and query. */
  target: string;
  query: URLSearchParams;
  /** Parsed JSON. `undefined` if the request had no body. */
  body: unknown;
}

/** A Response, an error for `fetch` to throw, or a value that is sent as JSON with status 200. */
export type ScriptedResponse = Response | Error | unknown;

/** A client without a network: a function returns the responses, and delays are recorded but take no time. */
export function scripted(respond: (request: SentRequest, number: number) => ScriptedResponse) {
  const requests: SentRequest[] = [];
  const clock = { time: 0, sleeps: [] as number[] };
  const runtime: Runtime = {
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      clock.sleeps.push(ms);
      clock.time += ms;
    },
    random: () => 0.5,
    now: () => clock.time,
    date: () => clock.time,
  };
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const body = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    const request = { method: init.method ?? "GET", target: url.pathname + url.search, query: url.searchParams, body };
    requests.push(request);
    const result = respond(request, requests.length);
    if (result instanceof Error) {
      throw result;
    }
    return result instanceof Response ? result : Response.json(result);
  };
  return { databar: databarWith({ apiKey: "test-key-5f2d", fetch }, runtime), requests, clock };
}

/** Returns the error that a promise rejects with, and throws if it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
