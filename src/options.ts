import { UsageError } from "./errors/classes.js";
import { keyHeader, serverUrl } from "./generated/routes.gen.js";
import type { Hooks } from "./http/hooks.js";
import { type Runtime, systemRuntime } from "./http/runtime.js";
import { userAgent } from "./http/user-agent.js";
import { type Check, checkOptions, FUNCTION, wholeNumber } from "./validate.js";

/** What the client passes to `fetch`. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
  signal: AbortSignal;
  redirect: "manual";
}

/** The part of a `Response` that the client uses. */
export type FetchedResponse = Pick<Response, "status" | "statusText" | "ok" | "type" | "url" | "arrayBuffer"> & {
  headers: { get(name: string): string | null };
  body: { getReader(): unknown; cancel(): Promise<void> } | null;
};

/** The part of `fetch` that the client uses: the global `fetch`, and that of undici, fit. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchedResponse>;

/** A key, or a function that returns the key for each attempt, so that keys can rotate. */
export type ApiKey = string | (() => string | Promise<string>);

/** Options of a client. */
export interface ClientOptions {
  /** The workspace's key. Default: the environment variable `DATABAR_API_KEY`. */
  apiKey?: ApiKey | undefined;
  /** The API's address: https, or http on a loopback address. Default: `https://api.databar.ai`. */
  baseUrl?: string | undefined;
  /** How long one attempt may take, headers and body together, in milliseconds. Default: 30 000. */
  timeoutMs?: number | undefined;
  /** How many times a failed attempt may be repeated. Default: 2. */
  maxRetries?: number | undefined;
  /** The largest response body to read, in bytes. Default: 268 435 456 (256 MiB). */
  maxResponseBytes?: number | undefined;
  /** A replacement for the global `fetch`. */
  fetch?: Fetch | undefined;
  /** Headers sent with every request. The key has its own option. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Observers of requests, responses, errors and retries. */
  hooks?: Hooks | undefined;
}

/** Options of one call. They override the client's. */
export interface RequestOptions {
  /** Ends the call at once, wherever it is. */
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, headers and body together, in milliseconds. */
  timeoutMs?: number | undefined;
  /** How many times a failed attempt may be repeated. */
  maxRetries?: number | undefined;
  /** Headers sent with this request, in addition to the client's. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** Tests replace time and chance under this key. It is not part of the public options. */
export const RUNTIME = Symbol("databar-client.runtime");

/** How long an abort waits for a request in flight, in milliseconds. Only the start of a run uses it. */
export const ABORT_GRACE_MS = Symbol("databar-client.abortGraceMs");

/** Options of a call as the start of a run passes them. */
export interface GracefulOptions extends RequestOptions {
  [ABORT_GRACE_MS]?: number | undefined;
}

/** A client's options as tests pass them. */
export interface TestOptions extends ClientOptions {
  [RUNTIME]?: Runtime | undefined;
}

/** A client's options, checked and complete. */
export interface ResolvedOptions {
  apiKey: ApiKey;
  baseUrl: string;
  timeoutMs: number;
  maxRetries: number;
  maxResponseBytes: number;
  /** `undefined`: the global `fetch` at the time of the call, so that a test's mock server is used. */
  fetch: Fetch | undefined;
  headers: Readonly<Record<string, string>>;
  hooks: Hooks;
  runtime: Runtime;
}

/** The longest delay that timers support: about 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

const MILLISECONDS: Check = [
  (value: unknown) => typeof value === "number" && value > 0 && value <= MAX_TIMEOUT_MS,
  `a number of milliseconds above 0, at most ${MAX_TIMEOUT_MS}`,
];

export const SIGNAL: Check = [
  (value: AbortSignal | null) => typeof value?.addEventListener === "function",
  "an AbortSignal",
];

// `satisfies`: an option that is in the interface alone, or here alone, does not compile.
const REQUEST_OPTIONS = {
  signal: SIGNAL,
  timeoutMs: MILLISECONDS,
  maxRetries: wholeNumber(0),
  headers: undefined,
} satisfies Record<keyof RequestOptions, Check | undefined>;

const CLIENT_OPTIONS = {
  apiKey: undefined,
  baseUrl: undefined,
  timeoutMs: MILLISECONDS,
  maxRetries: wholeNumber(0),
  maxResponseBytes: wholeNumber(1, undefined, " of bytes"),
  fetch: FUNCTION,
  headers: undefined,
  hooks: undefined,
} satisfies Record<keyof ClientOptions, Check | undefined>;

const HOOKS = {
  onRequest: FUNCTION,
  onResponse: FUNCTION,
  onError: FUNCTION,
  onRetry: FUNCTION,
} satisfies Record<keyof Hooks, Check>;

/** Checks a client's options and fills in the defaults. */
export function resolveClientOptions(options: TestOptions): ResolvedOptions {
  checkOptions(options, CLIENT_OPTIONS);
  const apiKey = options.apiKey ?? keyOfEnvironment();
  const hooks = options.hooks ?? {};
  checkOptions(hooks, HOOKS);
  if (apiKey === undefined) {
    throw new UsageError(
      "No API key: pass { apiKey } or set DATABAR_API_KEY. The key is in your Databar workspace under Integrations.",
    );
  }
  if (typeof apiKey !== "function") {
    checkKey(apiKey);
  }
  return {
    apiKey,
    baseUrl: checkBaseUrl(options.baseUrl ?? serverUrl),
    timeoutMs: options.timeoutMs ?? 30_000,
    maxRetries: options.maxRetries ?? 2,
    maxResponseBytes: options.maxResponseBytes ?? 256 * 1024 * 1024,
    fetch: options.fetch,
    headers: { ...agentHeader(), ...checkHeaders(options.headers) },
    hooks: { ...hooks },
    runtime: options[RUNTIME] ?? systemRuntime,
    // An option that is accepted must be used.
  } satisfies Record<keyof ClientOptions | "runtime", unknown>;
}

function agentHeader(): Record<string, string> {
  const agent = userAgent();
  return agent ? { "user-agent": agent } : {};
}

/** Checks the options of one call. */
export function checkRequestOptions(options: RequestOptions): void {
  checkOptions(options, REQUEST_OPTIONS);
}

/** Checks that a key can be sent. The key itself never appears in a message. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== "string" || !/^[\x21-\x7e]+$/.test(key)) {
    const got =
      typeof key !== "string" ? typeof key : key.trim() ? "one with a space, a line break or the like" : "an empty one";
    throw new UsageError(`The API key must be a non-empty string that a header can carry: got ${got}`);
  }
}

/** Checks a caller's headers, and returns them with their names in lower case. */
export function checkHeaders(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  // The names of a Headers object are not its keys: it would be sent as if it were empty.
  if (typeof headers !== "object" || !headers || Symbol.iterator in headers) {
    // What was passed is not repeated: it may hold a secret.
    throw new UsageError("headers must be an object of names and values");
  }
  return Object.fromEntries(
    Object.entries(headers).map(([given, value]) => {
      const name = given.toLowerCase();
      if (name === keyHeader) {
        throw new UsageError(`The header ${given} is set by the client: pass the key as { apiKey }`);
      }
      if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name) || typeof value !== "string" || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
        throw new UsageError(`The header "${given}" has a name or a value that a header cannot carry`);
      }
      return [name, value];
    }),
  );
}

/** What was passed is not repeated: it may hold credentials. */
function checkBaseUrl(text: string): string {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  if (!url) {
    throw new UsageError(`baseUrl is not a URL: it must be like "${serverUrl}"`);
  }
  if (url.username || url.password || /[?#]/.test(text)) {
    throw new UsageError("baseUrl must not hold credentials, a query or a fragment");
  }
  const { protocol, hostname, href } = url;
  const isLoopback = /^localhost$|^127(\.\d+){3}$|^\[::1\]$/.test(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isLoopback)) {
    throw new UsageError(
      `baseUrl must use https (http is allowed on a loopback address only): got ${protocol}//${hostname}`,
    );
  }
  const base = href.replace(/\/+$/, "");
  if (base.endsWith("/v1")) {
    throw new UsageError('baseUrl must not end in "/v1": every path starts with it already');
  }
  return base;
}

/** Deno throws on reading a variable without --allow-env. */
function keyOfEnvironment(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  try {
    return process?.env?.DATABAR_API_KEY || undefined;
  } catch {
    return undefined;
  }
}
