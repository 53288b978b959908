/** `databar-client/otel`: OpenTelemetry spans for calls, attempts and tasks. */
export { type TaskObservers, type TraceTaskOptions, traceTask } from "./task.js";
export { type TraceOptions, traceTo } from "./trace.js";
