export { Databar } from "./client.js";
export type { Issue } from "./errors/body.js";
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
} from "./errors/classes.js";
export { type ConnectorFields, maskConnector } from "./errors/mask.js";
export {
  TaskCancelledError,
  TaskError,
  TaskFailedError,
  TaskGoneError,
  TaskResultMismatchError,
  TaskTimeoutError,
} from "./errors/task.js";
// The types of the contract. `ValidationError` is the error class: the schema of that name is an entry of HTTPValidationError.
export type * from "./generated/schemas.gen.js";
export type { ApiPromise, WithResponse } from "./http/api-promise.js";
export type { CustomRequest, Method } from "./http/custom.js";
export type { ErrorEvent, Hooks, RequestEvent, ResponseEvent, RetryEvent } from "./http/hooks.js";
export type { ApiKey, ClientOptions, Fetch, FetchedResponse, FetchInit, RequestOptions } from "./options.js";
export type { Connectors, NewConnector } from "./resources/connectors.js";
export type {
  ChoicesQuery,
  EnrichmentEstimateOptions,
  Enrichments,
  EnrichmentsQuery,
} from "./resources/enrichments.js";
export type { Exporters, ExportersQuery } from "./resources/exporters.js";
export type { FlowId, Flows } from "./resources/flows.js";
export type { Folders } from "./resources/folders.js";
export type { TableColumns } from "./resources/tables/columns.js";
export type { TableEnrichments } from "./resources/tables/enrichments.js";
export type { TableExporters } from "./resources/tables/exporters.js";
export type { Tables } from "./resources/tables/index.js";
export type { RowCondition, RowFilter, RowsPage, RowsQuery, TableRows } from "./resources/tables/rows.js";
export type { TableWaterfalls } from "./resources/tables/waterfalls.js";
export type { Tasks } from "./resources/tasks.js";
export type { CurrentUser } from "./resources/user.js";
export type { WaterfallEstimateOptions, Waterfalls } from "./resources/waterfalls.js";
export {
  BatchError,
  type Indexed,
  isBatchError,
  type ManyOptions,
  type RowOutcomes,
  type RowRange,
  type Rows,
} from "./workflows/batch.js";
export {
  type CreditRange,
  type Estimate,
  findMissingParameters,
  type MissingParameter,
  type Params,
} from "./workflows/estimate.js";
export type { FinishedTask, TaskStatus } from "./workflows/poll.js";
export type { RunAndWaitOptions } from "./workflows/run.js";
export type { WaitOptions } from "./workflows/wait.js";
export type { EndedTask, WaitEachOptions } from "./workflows/wait-each.js";
