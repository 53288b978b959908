/** Builds a request once, from what a resource method passes. */
import { isDatabarError, UsageError } from "../errors/classes.js";
import { connectorSecrets } from "../errors/redact.js";
import { checkHeaders, type RequestOptions, type ResolvedOptions } from "../options.js";
import { toJson } from "../validate.js";
import { abortError } from "./deadline.js";
import { type Outgoing, titleOf } from "./send.js";
import { buildUrl, type Values } from "./url.js";

/** The values of a request. The generic signature of a resource's `call` has checked them against the contract. */
export interface Init {
  path?: Values | undefined;
  query?: Values | undefined;
  header?: Values | undefined;
  cookie?: Values | undefined;
  body?: unknown;
}

/**
 * Builds URL, headers and body: what the caller changes later is not sent.
 *
 * @throws UsageError for values that cannot be sent; AbortError if the caller has aborted.
 */
export function buildRequest(
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
