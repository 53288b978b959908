/** Hands a request to `fetch`: the one place where the key leaves the client. */

import { printableCause } from "../errors/cause.js";
import { ConnectionError, DatabarError, type RequestDetails, UsageError } from "../errors/classes.js";
import { readNetworkError } from "../errors/network.js";
import { printable } from "../errors/redact.js";
import { keyHeader } from "../generated/routes.gen.js";
import { type ApiKey, checkKey, type FetchInit, type ResolvedOptions } from "../options.js";
import { discardBody } from "./body.js";
import { isReadOnly } from "./retry.js";

/** A request without the key. */
export interface Outgoing {
  /** The facade's name of the operation, for errors. */
  operation: string;
  method: string;
  /** The path template, for errors. */
  path: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | Uint8Array<ArrayBuffer> | undefined;
  /** Secrets in the body. They must not be printed. */
  secrets: readonly string[];
  /** Whether a success may have no body. */
  mayBeEmpty?: boolean | undefined;
}

/** A response, and what errors about it need. */
export interface Sent {
  request: Outgoing;
  response: Response;
  /** Everything that must not be printed: the key, and the secrets in the body. */
  secrets: readonly string[];
}

/**
 * Sends a request once: only to the client's `baseUrl`, with the key, without following redirects.
 *
 * @param onSend - Called when the key is there, just before the request is sent.
 * @throws UsageError for another URL; ConnectionError if `fetch` fails; the signal's reason once it is aborted.
 */
export async function send(
  { apiKey, baseUrl, fetch = globalThis.fetch }: ResolvedOptions,
  request: Outgoing,
  signal: AbortSignal,
  onSend?: () => void,
): Promise<Sent> {
  const { url, method, headers, body } = request;
  if (!url.startsWith(`${baseUrl}/`)) {
    throw new UsageError("Requests are sent to the client's baseUrl only: the key must not reach another host");
  }
  signal.throwIfAborted();
  const key = typeof apiKey === "string" ? apiKey : await askForKey(apiKey);
  signal.throwIfAborted();
  onSend?.();
  // The hook may have aborted.
  signal.throwIfAborted();
  const secrets = [...request.secrets, key];
  let response: Response;
  try {
    const sent = { ...headers, [keyHeader]: key };
    const sentBody = body === undefined ? undefined : toBody(body);
    const init = {
      method,
      headers: sent,
      signal,
      redirect: "manual" as const,
      ...notCached(),
      ...(sentBody !== undefined && { body: sentBody }),
    };
    // A custom fetch returns the part of a Response that is used here.
    response = (await fetch(url, init as FetchInit)) as Response;
    checkResponse(response);
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(error, request, secrets, false);
  }
  if (signal.aborted) {
    // A custom fetch may ignore the signal.
    discardBody(response);
    throw signal.reason;
  }
  return { request, response, secrets };
}

/**
 * What an error reports about one attempt. The loop over the attempts adds the earlier ones.
 *
 * @param mayHaveActed - The server may have processed the request.
 */
export function detailsOf({ operation, method, path }: Outgoing, mayHaveActed: boolean, attempts = 1): RequestDetails {
  return { operation, method, path, attempts, mayHaveBeenProcessed: mayHaveActed && !isReadOnly(method) };
}

/** How messages begin: `GET /v1/connectors/`. */
export function titleOf({ method, path }: Outgoing): string {
  return `${method} ${path}`;
}

/**
 * The error for a failure of `fetch`, or of reading a body.
 *
 * @param hasResponse - A response had arrived.
 */
export function connectionError(
  cause: unknown,
  request: Outgoing,
  secrets: readonly string[],
  hasResponse: boolean,
): ConnectionError {
  const { message, code, nothingSent, retry } = readNetworkError(cause, hasResponse);
  const { origin } = new URL(request.url);
  const shownCode = code && printable(code, secrets);
  const reason = `${printable(message, secrets)}${shownCode ? ` (${shownCode})` : ""}`;
  return new ConnectionError(
    `${titleOf(request)} failed: ${origin}: ${reason}`,
    detailsOf(request, !nothingSent),
    shownCode,
    printableCause(cause, secrets),
    retry,
  );
}

/**
 * Browsers answer a GET, and Next.js 14 any request, from a cache: a task would never end, a run would not be sent.
 * Workers with a compatibility date before 2024-11-11 throw on the option. Their Request does not have the property.
 */
function notCached(): { cache?: "no-store" } {
  return "cache" in (globalThis.Request?.prototype ?? {}) ? { cache: "no-store" } : {};
}

/** If a reused connection is reset, Deno sends a string again by itself. It cannot send a Blob again. */
function toBody(text: string | Uint8Array<ArrayBuffer>): string | Uint8Array<ArrayBuffer> | Blob {
  return "Deno" in globalThis ? new Blob([text]) : text;
}

/** Asks the caller's function for the key. */
async function askForKey(apiKey: Extract<ApiKey, () => unknown>): Promise<string> {
  let key: string;
  try {
    key = await apiKey();
  } catch (cause) {
    throw new DatabarError("The apiKey function failed", { cause });
  }
  checkKey(key);
  return key;
}

/** A custom `fetch` may return anything. */
function checkResponse(response: Response): void {
  if (typeof response?.headers?.get !== "function") {
    throw new TypeError("fetch did not return a Response");
  }
}
