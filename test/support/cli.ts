/** Runs the command line in this process, with streams, environment and network of its own. */
import { PassThrough, Writable } from "node:stream";
import { main } from "../../src/cli/main.js";
import type { Runtime } from "../../src/http/runtime.js";

export const KEY = "key-6b1f0a/+e9";

/** A request as the network sees it. */
export interface SentRequest {
  method: string;
  pathname: string;
  search: string;
  key: string | null;
  body: unknown;
}

/** What the server answers: a body as JSON, or a response. */
export type Answer = (request: SentRequest, count: number) => unknown;

export interface World {
  answer?: Answer;
  env?: Record<string, string>;
  /** Which streams are a terminal. */
  terminal?: ("stdin" | "stdout" | "stderr")[];
  columns?: number;
  /** What is typed or piped in; left open where it is missing. */
  stdin?: string;
  signal?: AbortSignal;
  stdout?: Writable;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
  requests: SentRequest[];
}

/** Time passes at once. */
function fastRuntime(): Runtime {
  let now = 0;
  return {
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      now += ms;
    },
    random: () => 0,
    now: () => now,
    date: () => now,
  };
}

/** Collects what is written. */
export class Collector extends Writable {
  text = "";

  override _write(chunk: unknown, _: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

export async function cli(args: string[], world: World = {}): Promise<Outcome> {
  const { answer = () => [], env = { DATABAR_API_KEY: KEY }, terminal = [], columns = 80 } = world;
  const requests: SentRequest[] = [];
  const out = (name: "stdout" | "stderr", stream: Writable) =>
    Object.assign(stream, terminal.includes(name) ? { isTTY: true, columns } : {});
  const stdout = out("stdout", world.stdout ?? new Collector());
  const stderr = out("stderr", new Collector());
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal.includes("stdin") });
  if (world.stdin !== undefined) {
    stdin.end(world.stdin);
  }
  const fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    init.signal?.throwIfAborted();
    const url = new URL(String(input));
    const request = {
      method: init.method ?? "GET",
      pathname: decodeURIComponent(url.pathname),
      search: decodeURIComponent(url.search),
      key: new Headers(init.headers).get("x-apikey"),
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    requests.push(request);
    const given = await answer(request, requests.length);
    return given instanceof Response ? given : Response.json(given ?? null);
  };
  const signal = world.signal ?? new AbortController().signal;
  const code = await main(args, { stdin, stdout, stderr, env, signal, fetch, runtime: fastRuntime() });
  const text = (stream: Writable): string => (stream instanceof Collector ? stream.text : "");
  return { code, stdout: text(stdout), stderr: text(stderr), requests };
}
