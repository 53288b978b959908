import type { ErrorDetail, Issue } from "./body.js";

const BRAND = Symbol.for("databar-client.DatabarError");

/** The base of every error that this package throws. */
export class DatabarError extends Error {
  override readonly name: string = "DatabarError";
  /** The task that was running when this happened: `tasks.wait(taskId)` goes on waiting for it. */
  declare readonly taskId?: string;

  get [BRAND](): true {
    return true;
  }
}

/**
 * Whether a caught value is an error of this package.
 * Works where `instanceof` does not: across two installed copies of it.
 */
export function isDatabarError(value: unknown): value is DatabarError {
  return typeof value === "object" && value !== null && BRAND in value;
}

/** An option or an argument is wrong. Nothing was sent. */
export class UsageError extends DatabarError {
  override readonly name = "UsageError";
}

/** What every error of a request tells. */
export interface RequestDetails {
  /** The facade's name of the operation, such as `connectors.list`. */
  operation: string;
  method: string;
  /** The path as the contract has it, such as `/v1/connectors/{connector_id}`. */
  path: string;
  /** How often the request was tried. */
  attempts: number;
  /** The request may have taken effect although no usable answer came: look before sending it again. */
  mayHaveBeenProcessed: boolean;
}

/** A request was made, or was about to be made, and did not succeed. */
export class RequestError extends DatabarError implements RequestDetails {
  override readonly name: string = "RequestError";
  declare readonly operation: string;
  declare readonly method: string;
  declare readonly path: string;
  declare readonly attempts: number;
  declare readonly mayHaveBeenProcessed: boolean;

  constructor(message: string, details: RequestDetails, options?: ErrorOptions) {
    super(message, options);
    Object.assign(this, details);
  }
}

/** What the server answered, for {@link ApiError}. */
export interface ApiErrorAnswer extends Omit<ErrorDetail, "words"> {
  status: number;
  body: unknown;
  headers: Headers;
  requestId: string | undefined;
  retryAfterMs: number | undefined;
}

/** The server answered with an error status. */
export class ApiError extends RequestError {
  override readonly name: string = "ApiError";
  /** The HTTP status. */
  declare readonly status: number;
  /** The server's `x-request-id`, where it sent one. */
  declare readonly requestId: string | undefined;
  /** The server's own error code, such as `BATCH_TOO_LARGE`, where it sent one. */
  declare readonly code: string | undefined;
  /** The fields that the server refused, with its reason for each, at most 1 000; empty where it named none. */
  declare readonly issues: readonly Issue[];
  /** How long the server asked to wait, in milliseconds. */
  declare readonly retryAfterMs: number | undefined;
  // Private, so that a printed error shows neither: a 422 echoes what was sent.
  readonly #body: unknown;
  readonly #headers: Headers;

  constructor(message: string, details: RequestDetails, { body, headers, ...shown }: ApiErrorAnswer) {
    super(message, details);
    Object.assign(this, shown);
    this.#body = body;
    this.#headers = headers;
  }

  /** The body as the server sent it: parsed JSON, otherwise text, `undefined` if empty. May echo secrets. */
  get body(): unknown {
    return this.#body;
  }

  /** The response's headers. */
  get headers(): Headers {
    return this.#headers;
  }
}

/** 400: parameters are missing or wrong. */
export class BadRequestError extends ApiError {
  override readonly name = "BadRequestError";
}

/** 401: the key was not accepted. */
export class AuthenticationError extends ApiError {
  override readonly name = "AuthenticationError";
}

/** 403: the key is missing or wrong, or the plan or the workspace does not give access. */
export class PermissionDeniedError extends ApiError {
  override readonly name = "PermissionDeniedError";
}

/** 404: there is nothing with this id. */
export class NotFoundError extends ApiError {
  override readonly name = "NotFoundError";
}

/** 406: not enough credits, or the plan does not allow the operation: the message says which. */
export class InsufficientCreditsError extends ApiError {
  override readonly name = "InsufficientCreditsError";
}

/** 409: the state on the server has changed or forbids the operation. */
export class ConflictError extends ApiError {
  override readonly name = "ConflictError";
}

/** 410: the data has expired. */
export class GoneError extends ApiError {
  override readonly name = "GoneError";
}

/** 422: the request does not fit the schema; `issues` names the fields. */
export class ValidationError extends ApiError {
  override readonly name = "ValidationError";
}

/** 429: too many requests; `retryAfterMs` says how long to wait, where the server said so. */
export class RateLimitError extends ApiError {
  override readonly name = "RateLimitError";
}

/** 5xx: the server, or a proxy before it, failed. */
export class ServerError extends ApiError {
  override readonly name = "ServerError";
}

const BY_STATUS: Readonly<Record<number, typeof ApiError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  403: PermissionDeniedError,
  404: NotFoundError,
  406: InsufficientCreditsError,
  409: ConflictError,
  410: GoneError,
  422: ValidationError,
  429: RateLimitError,
};

/** The error class for a status. */
export function apiErrorClass(status: number): typeof ApiError {
  return BY_STATUS[status] ?? (status >= 500 ? ServerError : ApiError);
}

/** No answer came: refused, reset, name not resolved, certificate. `cause` is the platform's error. */
export class ConnectionError extends RequestError {
  override readonly name = "ConnectionError";
  /** The platform's code, such as `ECONNREFUSED`, where there is one. */
  readonly code: string | undefined;

  constructor(message: string, details: RequestDetails, code: string | undefined, cause: unknown) {
    super(message, details, { cause });
    this.code = code;
  }
}

/** An attempt took longer than `timeoutMs`, headers and body together. */
export class TimeoutError extends RequestError {
  override readonly name = "TimeoutError";
  /** The limit that passed, in milliseconds. */
  readonly timeoutMs: number;

  constructor(message: string, details: RequestDetails, timeoutMs: number) {
    super(message, details);
    this.timeoutMs = timeoutMs;
  }
}

/** The caller's `signal` ended the call; its reason is the `cause`. */
export class AbortError extends RequestError {
  override readonly name = "AbortError";
}

/** The server answered with a redirect. It is never followed: the key would travel with it. */
export class RedirectError extends RequestError {
  override readonly name = "RedirectError";
  /** The HTTP status; 0 in a browser, which hides it. */
  readonly status: number;
  /** The origin that the server pointed to, where it named one. */
  readonly targetOrigin: string | undefined;

  constructor(message: string, details: RequestDetails, status: number, targetOrigin: string | undefined) {
    super(message, details);
    this.status = status;
    this.targetOrigin = targetOrigin;
  }
}

/** The server answered with success and a body that cannot be read as documented. */
export class ResponseParseError extends RequestError {
  override readonly name = "ResponseParseError";
  /** The HTTP status, of the 2xx family. */
  declare readonly status: number;
  declare readonly contentType: string | undefined;
  declare readonly requestId: string | undefined;
  // Private, so that a printed error does not show it: a broken list of connectors holds their secrets.
  readonly #text: string;

  constructor(
    message: string,
    details: RequestDetails,
    {
      text,
      ...shown
    }: { status: number; contentType: string | undefined; requestId: string | undefined; text: string },
    options?: ErrorOptions,
  ) {
    super(message, details, options);
    Object.assign(this, shown);
    this.#text = text;
  }

  /** The first 200 characters of the body. May hold secrets. */
  get text(): string {
    return this.#text;
  }
}
