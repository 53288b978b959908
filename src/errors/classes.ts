/**
 * Error classes, and how errors are made printable.
 * May import generated code only: everything else in `src` builds on this folder.
 */
import type { ErrorBody, Issue } from "./body.js";

const BRAND = Symbol.for("databar-client.DatabarError");

/** The base class of every error that this package throws. */
export class DatabarError extends Error {
  override readonly name: string = "DatabarError";
  /** The id of the task that was running, if there was one. Pass it to `tasks.wait(taskId)` to continue waiting. */
  declare readonly taskId?: string;

  get [BRAND](): true {
    return true;
  }

  /** What may be shown of this error: name, message and its own fields, without what the server echoed. */
  toJSON(): object {
    return { ...this, name: this.name, message: this.message };
  }
}

/** Whether a caught value is an error of this package. Unlike `instanceof`, it works across two installed copies. */
export function isDatabarError(value: unknown): value is DatabarError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** An option or an argument is invalid. Nothing was sent. */
export class UsageError extends DatabarError {
  override readonly name = "UsageError";
}

/** Which methods may be retried after a failure: all of them, those that are idempotent, or none. */
export type Retry = "all" | "idempotent" | "none";

/** What every error of a request reports. */
export interface RequestDetails {
  /** The facade's name of the operation, such as `connectors.list`. */
  operation: string;
  /** The HTTP method, in capitals. */
  method: string;
  /** The path template, such as `/v1/connectors/{connector_id}`. */
  path: string;
  /** How many times the request was sent. */
  attempts: number;
  /** The request may have succeeded although no usable response arrived. Check before you send it again. */
  mayHaveBeenProcessed: boolean;
}

/** A request failed, or the call ended before it was sent. */
export class RequestError extends DatabarError implements RequestDetails {
  override readonly name: string = "RequestError";
  declare readonly operation: string;
  declare readonly method: string;
  declare readonly path: string;
  declare readonly attempts: number;
  declare readonly mayHaveBeenProcessed: boolean;
  readonly #retry: Retry;

  /** @param retry - Which methods may be retried after this failure. */
  constructor(message: string, details: RequestDetails, retry: Retry = "none", options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, details);
    this.#retry = retry;
  }

  /** @internal */
  get retry(): Retry {
    return this.#retry;
  }
}

/** The parts of an error response, for {@link ApiError}. */
export interface ErrorResponse extends Omit<ErrorBody, "message"> {
  status: number;
  body: unknown;
  headers: Headers;
  requestId: string | undefined;
  retryAfterMs: number | undefined;
}

/** The server returned an error status. */
export class ApiError extends RequestError {
  override readonly name: string = "ApiError";
  /** The HTTP status. */
  declare readonly status: number;
  /** The response's `x-request-id`, if the server sent one. */
  declare readonly requestId: string | undefined;
  /** The server's error code, such as `BATCH_TOO_LARGE`, if it sent one. */
  declare readonly code: string | undefined;
  /** The fields that the server rejected, with a reason for each; at most 1 000, empty if it named none. */
  declare readonly issues: readonly Issue[];
  /** How long the server asked the client to wait, in milliseconds. */
  declare readonly retryAfterMs: number | undefined;
  // Private, so that a printed error shows neither: a 422 echoes the request.
  readonly #body: unknown;
  readonly #headers: Headers;

  constructor(message: string, details: RequestDetails, { body, headers, ...shown }: ErrorResponse, retry?: Retry) {
    super(message, details, retry);
    Object.assign(this, shown);
    this.#body = body;
    this.#headers = headers;
  }

  /** The response body: parsed JSON, otherwise text, `undefined` if empty. May contain secrets that the server echoes. */
  get body(): unknown {
    return this.#body;
  }

  /** The response headers. */
  get headers(): Headers {
    return this.#headers;
  }
}

/** 400: parameters are missing or invalid. */
export class BadRequestError extends ApiError {
  override readonly name = "BadRequestError";
}

/** 401: the key was not accepted. */
export class AuthenticationError extends ApiError {
  override readonly name = "AuthenticationError";
}

/** 403: the key is missing or wrong, or the plan or workspace does not allow access. */
export class PermissionDeniedError extends ApiError {
  override readonly name = "PermissionDeniedError";
}

/** 404: nothing exists with this id. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

/** 406: not enough credits, or the plan does not allow the operation. The message says which. */
export class InsufficientCreditsError extends ApiError {
  override readonly name = "InsufficientCreditsError";
}

/** 409: the current state on the server does not allow the operation. */
export class ConflictError extends ApiError {
  override readonly name = "ConflictError";
}

/** 410: the data has expired. */
export class GoneError extends ApiError {
  override readonly name = "GoneError";
}

/** 422: the request does not match the schema. `issues` names the fields. */
export class ValidationError extends ApiError {
  override readonly name = "ValidationError";
}

/** 429: too many requests. `retryAfterMs` is how long to wait, if the server sent it. */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
}

/** 5xx: the server, or a proxy in front of it, failed. */
export class ServerError extends ApiError {
  override readonly name = "ServerError";
}

/** No response arrived: connection refused or reset, unknown host, untrusted certificate. `cause` is the platform's error. */
export class ConnectionError extends RequestError {
  override readonly name = "ConnectionError";
  /** The platform's error code, such as `ECONNREFUSED`, if there is one. */
  readonly code: string | undefined;

  constructor(message: string, details: RequestDetails, code: string | undefined, cause: unknown, retry?: Retry) {
    super(message, details, retry, { cause });
    this.code = code;
  }
}

/** An attempt took longer than `timeoutMs`, headers and body together. */
export class TimeoutError extends RequestError {
  override readonly name = "TimeoutError";
  /** The limit, in milliseconds. */
  readonly timeoutMs: number;

  constructor(message: string, details: RequestDetails, timeoutMs: number) {
    super(message, details, "idempotent");
    this.timeoutMs = timeoutMs;
  }
}

/** The caller's `signal` ended the call. Its reason is the `cause`. */
export class AbortError extends RequestError {
  override readonly name = "AbortError";

  constructor(message: string, details: RequestDetails, options?: ErrorOptions) {
    super(message, details, "none", options);
  }
}

/** The server returned a redirect. The client never follows one: the key would go with it. */
export class RedirectError extends RequestError {
  override readonly name = "RedirectError";
  /** The HTTP status; 0 in a browser, which hides it. */
  readonly status: number;
  /** The origin of the redirect's target, if the server named one. */
  readonly targetOrigin: string | undefined;

  constructor(message: string, details: RequestDetails, status: number, targetOrigin: string | undefined) {
    super(message, details, "none");
    this.status = status;
    this.targetOrigin = targetOrigin;
  }
}

/** The parts of a success response that cannot be read, for {@link ResponseParseError}. */
export interface UnreadableResponse {
  status: number;
  contentType: string | undefined;
  requestId: string | undefined;
  text: string;
}

/** The server returned success with a body that does not match the documentation. */
export class ResponseParseError extends RequestError {
  override readonly name = "ResponseParseError";
  /** The HTTP status, 2xx. */
  declare readonly status: number;
  declare readonly contentType: string | undefined;
  /** The response's `x-request-id`, if the server sent one. */
  declare readonly requestId: string | undefined;
  // Private, so that a printed error does not show it: a truncated list of connectors contains their secrets.
  readonly #text: string;

  constructor(
    message: string,
    details: RequestDetails,
    { text, ...shown }: UnreadableResponse,
    retry: Retry = "idempotent",
    options?: ErrorOptions,
  ) {
    super(message, details, retry, options);
    Object.assign(this, shown);
    this.#text = text;
  }

  /** The first 200 characters of the body. May contain secrets. */
  get text(): string {
    return this.#text;
  }
}
