/** Responses with every error status and every kind of body. */
import { answer, type Behaviour } from "./fault-server.js";

/** A failure, and how the client must handle it. */
export interface Failure {
  /** With an article, such as `an empty 200`. */
  name: string;
  /** @param echo - A text that the server puts wherever the failure has room for it. */
  behave: (echo: string) => Behaviour;
  /** The name of the error class. `undefined` if the call succeeds. */
  error: string | undefined;
  /** Which methods the client retries. */
  retried: "all" | "idempotent" | "none";
  /** Whether the server may have processed a request that writes. */
  mayHaveActed: boolean;
  message?: RegExp;
  timeoutMs?: number;
  /** How many requests the server receives for one attempt. Default: 1. */
  requestsPerAttempt?: number;
}

export function sends(...bytes: (string | Buffer)[]): Behaviour {
  return (socket) => {
    socket.write(Buffer.concat(bytes.map((each) => Buffer.from(each))));
  };
}

const json = { "content-type": "application/json" };

/** The kinds of error bodies. */
const errorBodies: Readonly<Record<string, (echo: string) => [body: string, headers: Record<string, string>]>> = {
  JSON: (echo) => [JSON.stringify({ detail: `no: ${echo}` }), json],
  text: (echo) => [`no: ${echo}`, { "content-type": "text/plain" }],
  HTML: (echo) => [`<html><title>no: ${echo}</title><p>${echo}</p></html>`, { "content-type": "text/html" }],
  "no body": () => ["", {}],
};

/** Error statuses: the error class, the methods that are retried, and whether the server may have processed a write. */
const statuses: [status: number, error: string, retried: Failure["retried"], mayHaveActed: boolean][] = [
  [400, "BadRequestError", "none", false],
  [401, "AuthenticationError", "none", false],
  [402, "ApiError", "none", false],
  [403, "PermissionDeniedError", "none", false],
  [404, "NotFoundError", "none", false],
  [405, "ApiError", "none", false],
  [406, "InsufficientCreditsError", "none", false],
  [408, "ApiError", "idempotent", true],
  [409, "ConflictError", "none", false],
  [410, "GoneError", "none", false],
  [411, "ApiError", "none", false],
  [412, "ApiError", "none", false],
  [413, "ApiError", "none", false],
  [414, "ApiError", "none", false],
  [415, "ApiError", "none", false],
  [417, "ApiError", "none", false],
  [418, "ApiError", "none", false],
  [421, "ApiError", "none", false],
  [422, "ValidationError", "none", false],
  [423, "ApiError", "none", false],
  [425, "ApiError", "none", false],
  [428, "ApiError", "none", false],
  [429, "RateLimitError", "all", false],
  [431, "ApiError", "none", false],
  [451, "ApiError", "none", false],
  [499, "ApiError", "none", false],
  [500, "ServerError", "idempotent", true],
  [501, "ServerError", "none", true],
  [502, "ServerError", "idempotent", true],
  [503, "ServerError", "idempotent", true],
  [504, "ServerError", "idempotent", true],
  [505, "ServerError", "none", true],
  [507, "ServerError", "none", true],
  [511, "ServerError", "none", true],
  [520, "ServerError", "none", true],
  [529, "ServerError", "none", true],
  [599, "ServerError", "none", true],
];

export const errorResponses: readonly Failure[] = statuses.flatMap(([status, error, retried, mayHaveActed]) =>
  Object.entries(errorBodies).map(([kind, write]) => ({
    name: `a ${status} with ${kind}`,
    behave: (echo: string) => sends(answer(status, ...write(echo), echo)),
    error,
    retried,
    mayHaveActed,
    message: new RegExp(`-> ${status}: .`),
    // After a 421 (Misdirected Request), Node's fetch itself sends the request again on another connection.
    ...(status === 421 && { requestsPerAttempt: 2 }),
  })),
);
