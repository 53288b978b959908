/** Runs the command line in this process, with its own streams, environment and network. */
import { PassThrough, Writable } from "node:stream";
import { main } from "../../src/cli/main.js";
import type { Runtime } from "../../src/http/runtime.js";
import type { ClientOptions, Databar } from "../../src/index.js";
import { databarWith } from "./calls.js";

export const KEY = "key-6b1f0a/+e9";

/** A request that was sent. */
export interface SentRequest {
  method: string;
  pathname: string;
  search: string;
  key: string | null;
  body: unknown;
}

/** Makes the response: a response, or its JSON body. */
export type Answer = (request: SentRequest, count: number) => unknown;

export interface World {
  answer?: Answer;
  env?: Record<string, string>;
  /** Which streams are a terminal. */
  terminal?: ("stdin" | "stdout" | "stderr")[];
  columns?: number;
  /** The input. Without it, standard input stays open. */
  stdin?: string;
  signal?: AbortSignal;
  stdout?: Writable;
  /** Called with each pause of the client. */
  onSleep?: (ms: number) => void;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
  requests: SentRequest[];
}

/** Sleeps without waiting. */
function fastRuntime(onSleep?: (ms: number) => void): Runtime {
  let now = 0;
  return {
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      onSleep?.(ms);
      now += ms;
    },
    random: () => 0,
    now: () => now,
    date: () => now,
  };
}

/** Collects the written text. */
export class Collector extends Writable {
  text = "";

  override _write(chunk: unknown, _: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    this.emit("collected");
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
  const createClient = (options: ClientOptions): Databar =>
    databarWith({ ...options, fetch }, fastRuntime(world.onSleep));
  const code = await main(args, { stdin, stdout, stderr, env, signal, createClient });
  const text = (stream: Writable): string => (stream instanceof Collector ? stream.text : "");
  return { code, stdout: text(stdout), stderr: text(stderr), requests };
}
