/** Answers of every error status, each with every kind of body. */
import { answer, type Behaviour } from "./fault-server.js";

/** What goes wrong, and what the caller must get. */
export interface Fault {
  name: string;
  /** @param echo - Quoted wherever this fault has room for words of the server. */
  behave: (echo: string) => Behaviour;
  /** The name of the error's class; `undefined` where the call succeeds all the same. */
  error: string | undefined;
  /** Which methods are tried again: all, those that may be repeated, or none. */
  retried: "all" | "idempotent" | "none";
  /** Whether the server may have carried out a request that writes. */
  acted: boolean;
  message?: RegExp;
  timeoutMs?: number;
  /** How often the server sees one attempt, where that is not once. */
  seenPerAttempt?: number;
}

export function sends(...bytes: (string | Buffer)[]): Behaviour {
  return (socket) => {
    socket.write(Buffer.concat(bytes.map((each) => Buffer.from(each))));
  };
}

const json = { "content-type": "application/json" };

/** Each way of framing the words of an error answer. */
const errorBodies: Readonly<Record<string, (echo: string) => [body: string, headers: Record<string, string>]>> = {
  JSON: (echo) => [JSON.stringify({ detail: `no: ${echo}` }), json],
  text: (echo) => [`no: ${echo}`, { "content-type": "text/plain" }],
  HTML: (echo) => [`<html><title>no: ${echo}</title><p>${echo}</p></html>`, { "content-type": "text/html" }],
  "no body": () => ["", {}],
};

/** Error statuses: name of the class, which methods are tried again, whether a write may have been carried out. */
const statuses: [status: number, error: string, retried: Fault["retried"], acted: boolean][] = [
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

export const errorAnswers: readonly Fault[] = statuses.flatMap(([status, error, retried, acted]) =>
  Object.entries(errorBodies).map(([kind, write]) => ({
    name: `${status} with ${kind}`,
    behave: (echo: string) => sends(answer(status, ...write(echo), echo)),
    error,
    retried,
    acted,
    message: new RegExp(`-> ${status}: .`),
    // Fetch itself asks again, on another connection, when a server says that it is the wrong one and has not acted.
    ...(status === 421 && { seenPerAttempt: 2 }),
  })),
);
