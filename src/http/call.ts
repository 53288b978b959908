/**
 * One request, from a resource method to its result. Read {@link call} from top to bottom, then attempt.ts and send.ts.
 * May import generated code, errors, options and openapi-fetch; it knows no resource.
 */

import { type ApiError, isDatabarError, RequestError, UsageError } from "../errors/classes.js";
import { connectorSecrets } from "../errors/redact.js";
import { checkHeaders, checkRequestOptions, type RequestOptions, type ResolvedOptions } from "../options.js";
import { toJson } from "../validate.js";
import { attempt, type Call, eventOf, reportError } from "./attempt.js";
import { abortError } from "./deadline.js";
import { type CallHook, hookCaller } from "./hooks.js";
import type { Result } from "./result.js";
import { retryDelayMs } from "./retry.js";
import { type Outgoing, titleOf } from "./send.js";
import { buildUrl, type Values } from "./url.js";

/** What every call of a client shares. */
export interface Transport {
  client: ResolvedOptions;
  callHook: CallHook;
}

export function createTransport(client: ResolvedOptions): Transport {
  return { client, callHook: hookCaller(client.hooks) };
}

/** How many calls this process has made. */
let calls = 0;

/** The values of a request. The generic signature of a resource's `call` has checked them against the contract. */
export interface Init {
  path?: Values | undefined;
  query?: Values | undefined;
  header?: Values | undefined;
  cookie?: Values | undefined;
  body?: unknown;
}

/**
 * Calls an operation of the contract: checks the options, builds the request once, and attempts it until it succeeds
 * or must not be retried.
 *
 * @param operation - The facade's name, for errors and hooks.
 * @param route - Method and path template, such as `GET /v1/connectors/`.
 * @param init - The request's values; a function if making them may fail: it is called as part of the call.
 * @throws UsageError before anything is sent, otherwise a RequestError.
 */
export async function call(
  { client, callHook }: Transport,
  operation: string,
  route: string,
  init: Init | (() => Init),
  options: RequestOptions,
): Promise<Result<unknown>> {
  checkRequestOptions(options);
  const { signal, timeoutMs = client.timeoutMs, maxRetries = client.maxRetries } = options;
  const request = buildRequest(client, operation, route, init, options);
  const call: Call = { id: ++calls, client, callHook, request, signal, timeoutMs };
  let mayHaveActed = false;
  for (let number = 1; ; number++) {
    try {
      return await attempt(call, number);
    } catch (error) {
      if (!(error instanceof RequestError)) {
        throw error;
      }
      mayHaveActed ||= error.mayHaveBeenProcessed;
      countAttempts(error, number, mayHaveActed);
      const { status, requestId, retryAfterMs } = error as Partial<ApiError>;
      const failed = { method: request.method, retry: error.retry, number, retryAfterMs };
      const delayMs = number > maxRetries ? undefined : retryDelayMs(failed, client.runtime.random());
      if (delayMs === undefined) {
        throw error;
      }
      callHook("onRetry", () => ({ ...eventOf(call, number), status, reason: error.message, delayMs, requestId }));
      try {
        await client.runtime.sleep(delayMs, signal);
      } catch {
        const message = `${titleOf(request)} was aborted while waiting to retry`;
        const aborted = countAttempts(abortError(request, message, signal, true), number, mayHaveActed);
        reportError(call, number + 1, aborted);
        throw aborted;
      }
    }
  }
}

/** Builds URL, headers and body once: what the caller changes later is not sent. */
function buildRequest(
  { baseUrl, headers }: ResolvedOptions,
  operation: string,
  route: string,
  init: Init | (() => Init),
  options: RequestOptions,
): Outgoing {
  const [method = "", path = ""] = route.split(" ");
  const callHeaders = options.headers === undefined ? undefined : checkHeaders(options.headers);
  const request = { operation, method, path, target: "", headers: {}, secrets: [] };
  if (options.signal?.aborted) {
    throw abortError(request, `${titleOf(request)} was aborted`, options.signal, false);
  }
  const values = typeof init === "function" ? makeValues(init) : init;
  const body = values.body === undefined ? undefined : toJson("The body", values.body);
  return {
    ...request,
    target: buildUrl(baseUrl, path, values.path, values.query),
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
      ...(values.header || values.cookie ? parameterHeaders(values) : undefined),
      ...callHeaders,
    },
    body,
    secrets: connectorSecrets(values.body),
  };
}

/** Header and cookie parameters of the contract. */
function parameterHeaders({ header = {}, cookie = {} }: Init): Record<string, string> {
  const given = Object.entries(header).filter(([, value]) => value !== undefined);
  const headers = checkHeaders(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  const cookies = Object.entries(cookie).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return cookies.length > 0 ? { ...headers, cookie: cookies.join("; ") } : headers;
}

/** A caller's argument may be anything: whatever fails while the values are made is the argument's fault. */
function makeValues(init: () => Init): Init {
  try {
    return init();
  } catch (cause) {
    throw isDatabarError(cause) ? cause : new UsageError("An argument has the wrong type", { cause });
  }
}

/** An attempt reports about itself. This adds the earlier attempts of the call. */
function countAttempts(error: RequestError, number: number, mayHaveActed: boolean): RequestError {
  return Object.assign(error, {
    attempts: number - 1 + error.attempts,
    mayHaveBeenProcessed: mayHaveActed || error.mayHaveBeenProcessed,
  });
}
