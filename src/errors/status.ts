/** One table of the statuses that mean something: errors, retries, waiting, tests and docs read it. */
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  GoneError,
  InsufficientCreditsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  type Retry,
  ServerError,
  ValidationError,
} from "./classes.js";

/** What an error status means to the client. */
export interface StatusMeaning {
  /** The class of its error. */
  error: typeof ApiError;
  /** Which methods are retried. */
  retry: Retry;
  /** Whether the server may have processed the request. */
  mayHaveActed: boolean;
  /** Whether waiting for a task continues after it. */
  passes: boolean;
}

const REFUSED = { retry: "none", mayHaveActed: false, passes: false } as const;
const FAILED = { error: ServerError, retry: "idempotent", mayHaveActed: true, passes: true } as const;

/** The statuses that the client treats specially. In `src`, a status needs nothing but its row here. */
export const STATUSES: Readonly<Record<number, StatusMeaning>> = {
  400: { error: BadRequestError, ...REFUSED },
  401: { error: AuthenticationError, ...REFUSED },
  403: { error: PermissionDeniedError, ...REFUSED },
  404: { error: NotFoundError, ...REFUSED },
  406: { error: InsufficientCreditsError, ...REFUSED },
  408: { error: ApiError, retry: "idempotent", mayHaveActed: true, passes: true },
  409: { error: ConflictError, ...REFUSED },
  410: { error: GoneError, ...REFUSED },
  422: { error: ValidationError, ...REFUSED },
  429: { error: RateLimitError, retry: "all", mayHaveActed: false, passes: true },
  500: FAILED,
  502: FAILED,
  503: FAILED,
  504: FAILED,
};

/** Any other status from 500 on: a retry rarely helps, but the server may have acted. */
export const OTHER_SERVER_ERROR: StatusMeaning = { ...FAILED, retry: "none" };

/** Any other status below 500. */
export const OTHER_STATUS: StatusMeaning = { error: ApiError, ...REFUSED };

/** What an error status means. */
export function statusMeaning(status: number): StatusMeaning {
  return STATUSES[status] ?? (status >= 500 ? OTHER_SERVER_ERROR : OTHER_STATUS);
}
