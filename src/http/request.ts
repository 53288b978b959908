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
  /** Whether a success may have no body. */
  mayBeEmpty?: boolean | undefined;
}

/**
 * Builds URL, headers and body: what the caller changes later is not sent.
 *
 * @throws UsageError for values that cannot be sent; AbortError if the caller has aborted.
 */
export function buildRequest(
  client: ResolvedOptions,
  operation: string,
  route: string,
  init: Init | (() => Init),
  options: RequestOptions,
): Outgoing {
  const [method = "", path = ""] = route.split(" ");
  const request = { operation, method, path, url: "", headers: {}, secrets: [] };
  if (options.signal?.aborted) {
    throw abortError(request, `${titleOf(request)} was aborted`, options.signal, false);
  }
  try {
    return { ...request, ...fillIn(client, path, typeof init === "function" ? init() : init, options) };
  } catch (cause) {
    // A caller in JavaScript may pass anything.
    throw isDatabarError(cause) ? cause : new UsageError("An argument has the wrong type", { cause });
  }
}

/** The parts of a request that depend on the caller's values. */
function fillIn(
  { baseUrl, headers }: ResolvedOptions,
  path: string,
  values: Init,
  options: RequestOptions,
): Pick<Outgoing, "url" | "headers" | "body" | "secrets" | "mayBeEmpty"> {
  const body = values.body === undefined ? undefined : toJson("The body", values.body);
  return {
    url: buildUrl(baseUrl, path, values.path, values.query),
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
      ...(values.header || values.cookie ? parameterHeaders(values) : undefined),
      ...(options.headers !== undefined && checkHeaders(options.headers)),
    },
    body,
    secrets: body === undefined ? [] : connectorSecrets(values.body),
    mayBeEmpty: values.mayBeEmpty,
  };
}

/** Header and cookie parameters of the contract. */
function parameterHeaders({ header = {}, cookie = {} }: Init): Record<string, string> {
  const given = Object.entries(header).filter(([, value]) => value !== undefined);
  const headers = checkHeaders(Object.fromEntries(given.map(([name, value]) => [name, String(value)])));
  const cookies = Object.entries(cookie).map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return cookies.length > 0 ? { ...headers, cookie: cookies.join("; ") } : headers;
}
