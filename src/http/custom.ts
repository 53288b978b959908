/** Requests to endpoints that the contract does not have. */
import { UsageError } from "../errors/classes.js";
import type { RequestOptions } from "../options.js";
import { type ApiPromise, apiPromise, type WithResponse } from "./api-promise.js";
import { call, type Transport } from "./call.js";

/** The methods that {@link Databar.request} sends. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] satisfies Method[];

/** What a custom request sends, and the options of the call. */
export interface CustomRequest extends RequestOptions {
  /** Query parameters: text, numbers, booleans, or lists of these. */
  query?: Readonly<Record<string, unknown>> | undefined;
  /** The body, sent as JSON. */
  body?: unknown;
}

/** An empty segment, `.`, `..`, a query, a fragment or a space would reach another place than the path says. */
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^\s/?#{}\\]+)+\/?$/;

/** @see Databar.request */
export function customRequest<Data>(
  transport: Transport,
  method: Method,
  path: string,
  { query, body, ...options }: CustomRequest = {},
): ApiPromise<Data> {
  const init = () => {
    if (!METHODS.includes(method)) {
      throw new UsageError(`method must be one of ${METHODS.join(", ")}`);
    }
    if (typeof path !== "string" || !PATH.test(path)) {
      throw new UsageError('path must be like "/v1/user/me", without a query: pass { query }');
    }
    return { query, body, mayBeEmpty: true };
  };
  const result = call(transport, "request", `${method} ${path}`, init, options);
  return apiPromise(result as Promise<WithResponse<Data>>);
}
