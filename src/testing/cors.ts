/** Allows pages of any origin to send requests: the servers hold no real data. */
import type { IncomingHttpHeaders } from "node:http";
import type { PlainAnswer } from "./replay.js";

const ALLOW = { "access-control-allow-origin": "*" };

/** The answer to a CORS preflight request. Undefined for any other request. */
export function preflight(method: string | undefined, headers: IncomingHttpHeaders): PlainAnswer | undefined {
  if (method !== "OPTIONS" || !headers.origin || !headers["access-control-request-method"]) {
    return undefined;
  }
  return {
    status: 200,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": headers["access-control-request-headers"] ?? "*",
      "access-control-max-age": "600",
    },
    body: "OK",
  };
}

/** The CORS headers of an answer. Undefined if the client is not a page. */
export function corsHeaders({ origin }: IncomingHttpHeaders): Readonly<Record<string, string>> | undefined {
  return origin === undefined ? undefined : { ...ALLOW, "access-control-expose-headers": "*" };
}
