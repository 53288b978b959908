import type { Runtime } from "../../src/http/runtime.js";
import { databarWith } from "./calls.js";

/** A request as it was asked for. */
export interface Asked {
  method: string;
  /** Path and query. */
  target: string;
  query: URLSearchParams;
  /** Parsed JSON; undefined for no body. */
  body: unknown;
}

/** What comes back: a value is sent as JSON under 200; a Response as it is; an error is what `fetch` throws. */
export type Answered = Response | Error | unknown;

/** A client without a network: answers come from a function, and waiting takes no time but is counted. */
export function scripted(answer: (asked: Asked, number: number) => Answered) {
  const asked: Asked[] = [];
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
    asked.push(request);
    const result = answer(request, asked.length);
    if (result instanceof Error) {
      throw result;
    }
    return result instanceof Response ? result : Response.json(result);
  };
  return { databar: databarWith({ apiKey: "test-key-5f2d", fetch }, runtime), asked, clock };
}

/** What a promise rejects with; fails where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}
