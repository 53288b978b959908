import { type Tracer, trace } from "@opentelemetry/api";
import type { Check } from "../validate.js";
import { VERSION } from "../version.js";

export const TRACER: Check = [
  (value: Tracer | null) => typeof value?.startActiveSpan === "function",
  "a tracer of @opentelemetry/api",
];

/** The global tracer follows a provider that is registered later. */
export function tracerOf(tracer: Tracer | undefined): Tracer {
  return tracer ?? trace.getTracer("databar-client", VERSION);
}
