/**
 * `databar-client/testing`: MSW handlers that answer like the API, to test code that uses the client.
 * May import generated code and msw; the HTTP servers may import Node, and are not part of this entry.
 */
export type { OperationName } from "../generated/operations.gen.js";
export { createHandlers, type HandlersOptions } from "./handlers.js";
export { type RecordedRequest, type RequestSource, recordRequests } from "./record.js";
export { type Reply, reply } from "./reply.js";
export type { Counters, SimulatorState } from "./simulator/core.js";
export type { Credits } from "./simulator/credits.js";
export { inputKey } from "./simulator/keys.js";
export type {
  FaultContext,
  RateLimit,
  ResultFunction,
  SimulatedFailure,
  SimulatedFault,
  SimulatedInput,
  SimulatorOptions,
} from "./simulator/options.js";
export { type Simulator, simulate } from "./simulator/simulate.js";
export type {
  BodyOf,
  ExampleOf,
  RawReplyOptions,
  ReplyAnswer,
  ReplyContent,
  ReplyFunction,
  ReplyOptions,
  ReplyTiming,
  StatusOf,
  SuccessOf,
  TaskReplyOptions,
} from "./types.js";
