export { Databar } from "./client.js";
export type { ApiPromise, WithResponse } from "./core/api-promise.js";
export type { Issue } from "./core/error-body.js";
export {
  AbortError,
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  ConnectionError,
  DatabarError,
  GoneError,
  InsufficientCreditsError,
  isDatabarError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  RedirectError,
  type RequestDetails,
  RequestError,
  ResponseParseError,
  ServerError,
  TimeoutError,
  UsageError,
  ValidationError,
} from "./core/errors.js";
export type { Hooks, RequestEvent, ResponseEvent, RetryEvent } from "./core/hooks.js";
export type { ApiKey, ClientOptions, Fetch, RequestOptions } from "./core/options.js";
export type { Runtime } from "./core/retry.js";
// The contract's types.
export type { Connector, HTTPValidationError, NameValue } from "./generated/schema.gen.js";
export type { Connectors } from "./resources/connectors.js";
