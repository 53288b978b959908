import { serverUrl } from "../generated/routes.gen.js";
import { UsageError } from "./errors.js";
import type { Hooks } from "./hooks.js";
import { API_KEY_HEADER } from "./redact.js";

/** The part of `fetch` that the client uses. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** A key, or a function that gives the key for each attempt, so that keys can rotate. */
export type ApiKey = string | (() => string | Promise<string>);

/** Options of a client. */
export interface ClientOptions {
  /** The workspace's key. Default: the environment variable `DATABAR_API_KEY`. */
  apiKey?: ApiKey | undefined;
  /** Where the API is: https, or http on a loopback address. Default: `https://api.databar.ai`. */
  baseUrl?: string | undefined;
  /** How long one attempt may take, headers and body together, in milliseconds. Default: 30 000. */
  timeoutMs?: number | undefined;
  /** How often a failed attempt may be repeated. Default: 2. */
  maxRetries?: number | undefined;
  /** The largest response body that is read, in bytes. Default: 268 435 456 (256 MiB). */
  maxResponseBytes?: number | undefined;
  /** Used in place of the global `fetch`. */
  fetch?: Fetch | undefined;
  /** Sent with every request. The key has an option of its own. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Observers of requests, responses and retries. */
  hooks?: Hooks | undefined;
}

/** Options of one call; they win over the client's. */
export interface RequestOptions {
  /** Ends the call at once, wherever it is. */
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, headers and body together, in milliseconds. */
  timeoutMs?: number | undefined;
  /** How often a failed attempt may be repeated. */
  maxRetries?: number | undefined;
  /** Sent with this request, beside the client's. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/** The client's options, checked and complete. */
export interface ResolvedOptions {
  apiKey: ApiKey;
  baseUrl: string;
  timeoutMs: number;
  maxRetries: number;
  maxResponseBytes: number;
  fetch: Fetch;
  headers: Readonly<Record<string, string>>;
  hooks: Hooks;
}

const CLIENT_OPTIONS = [
  "apiKey",
  "baseUrl",
  "timeoutMs",
  "maxRetries",
  "maxResponseBytes",
  "fetch",
  "headers",
  "hooks",
];
const REQUEST_OPTIONS = ["signal", "timeoutMs", "maxRetries", "headers"];
const HOOKS = ["onRequest", "onResponse", "onRetry"];

/** The longest delay that timers can hold: about 24 days. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Checks a client's options and fills in the defaults. */
export function resolveClientOptions(options: ClientOptions): ResolvedOptions {
  checkKeys("option", options, CLIENT_OPTIONS);
  checkKeys("hook", options.hooks ?? {}, HOOKS);
  checkLimits(options);
  const apiKey = options.apiKey ?? environmentKey();
  if (apiKey === undefined) {
    throw new UsageError(
      "No API key: pass { apiKey } or set DATABAR_API_KEY. The key is in your Databar workspace under Integrations.",
    );
  }
  if (typeof apiKey !== "function") {
    checkKey(apiKey);
  }
  if (options.fetch !== undefined && typeof options.fetch !== "function") {
    throw new UsageError("fetch must be a function");
  }
  return {
    apiKey,
    baseUrl: checkBaseUrl(options.baseUrl ?? serverUrl),
    timeoutMs: options.timeoutMs ?? 30_000,
    maxRetries: options.maxRetries ?? 2,
    maxResponseBytes: options.maxResponseBytes ?? 256 * 1024 * 1024,
    // Looked up at each call: whoever replaces the global fetch later, such as a test's mock server, is used.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    headers: { ...options.headers },
    hooks: { ...options.hooks },
  };
}

/** Checks the options of one call. */
export function checkRequestOptions(options: RequestOptions): void {
  checkKeys("option", options, REQUEST_OPTIONS);
  checkLimits(options);
  if (options.signal !== undefined && !(typeof options.signal?.addEventListener === "function")) {
    throw new UsageError("signal must be an AbortSignal");
  }
}

/** Checks that a key can be sent. The key itself never gets into a message. */
export function checkKey(key: unknown): asserts key is string {
  if (typeof key !== "string" || key.trim() === "") {
    throw new UsageError(
      `The API key must be a non-empty string: got ${key === "" ? "an empty one" : typeof key === "string" ? "a blank one" : typeof key}`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new UsageError(
      "The API key has a character that a header cannot carry, such as a space or a line break: copy it again, without what surrounds it",
    );
  }
}

function environmentKey(): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.DATABAR_API_KEY || undefined;
}

function checkKeys(kind: string, given: object, accepted: readonly string[]): void {
  if (typeof given !== "object" || given === null) {
    throw new UsageError(`Expected an object of ${kind}s: got ${given === null ? "null" : typeof given}`);
  }
  for (const key of Object.keys(given)) {
    if (!accepted.includes(key)) {
      throw new UsageError(`Unknown ${kind} "${key}": accepted are ${accepted.join(", ")}`);
    }
  }
}

function checkLimits({ timeoutMs, maxRetries, maxResponseBytes, headers }: ClientOptions): void {
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    throw new UsageError(
      `timeoutMs must be a number of milliseconds above 0, at most ${MAX_TIMEOUT_MS}: got ${String(timeoutMs)}`,
    );
  }
  if (maxRetries !== undefined && !(Number.isInteger(maxRetries) && maxRetries >= 0)) {
    throw new UsageError(`maxRetries must be a whole number, 0 or more: got ${String(maxRetries)}`);
  }
  if (maxResponseBytes !== undefined && !(Number.isInteger(maxResponseBytes) && maxResponseBytes > 0)) {
    throw new UsageError(`maxResponseBytes must be a whole number of bytes above 0: got ${String(maxResponseBytes)}`);
  }
  if (headers !== undefined) {
    checkHeaders(headers);
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  // A Headers object has its names elsewhere than in its keys: it would be sent as if it were empty.
  if (typeof headers !== "object" || headers === null || Symbol.iterator in headers) {
    throw new UsageError("headers must be an object of names and values");
  }
  for (const [name, value] of Object.entries(headers)) {
    if (name.toLowerCase() === API_KEY_HEADER) {
      throw new UsageError(`The header ${name} is the client's own: pass the key as { apiKey }`);
    }
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || typeof value !== "string" || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new UsageError(`The header "${name}" has a name or a value that a header cannot carry`);
    }
  }
}

function checkBaseUrl(text: string): string {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  // What was given is not repeated: it may hold credentials.
  if (!url) {
    throw new UsageError('baseUrl is not a URL: it must be like "https://api.databar.ai"');
  }
  if (url.username !== "" || url.password !== "" || /[?#]/.test(text)) {
    throw new UsageError("baseUrl must not hold credentials, a query or a fragment");
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw new UsageError(
      `baseUrl must be https, or http on a loopback address: got ${url.origin === "null" ? url.protocol : url.origin}`,
    );
  }
  const base = url.href.replace(/\/+$/, "");
  if (base.endsWith("/v1")) {
    throw new UsageError('baseUrl must not end in "/v1": every path starts with it already');
  }
  return base;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || /^127\.\d+\.\d+\.\d+$/.test(host) || host === "[::1]";
}
