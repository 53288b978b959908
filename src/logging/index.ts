/** `databar-client/logging`: hooks that write to a logger. */
import type { ErrorEvent, Hooks, RequestEvent } from "../http/hooks.js";
import { check, checkOptions, FUNCTION } from "../validate.js";
import { type CombinedHooks, combineHooks } from "./combine.js";

export type { CombinedHooks } from "./combine.js";

/** How much {@link logTo} writes. Each level includes the ones after it: `debug`, `info`, `warn`, `error`. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** The levels, from the most lines to the fewest. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What a line reports, for loggers that store fields. Never headers, never bodies. */
export interface LogFields extends RequestEvent {
  /** The status of the response. */
  status?: number;
  /** How long the attempt took, in milliseconds. */
  durationMs?: number;
  /** The server's id of the request. */
  requestId?: string;
  /** The name of the error's class, such as `ConnectionError`. */
  error?: string;
  /** The message of an error without a response. */
  reason?: string;
  /** How long the client waits before the next attempt, in milliseconds. */
  delayMs?: number;
}

/** Writes one line: `(message)`, or `(fields, message)` for loggers that store fields. */
export type LogMethod = (fieldsOrMessage: LogFields | string, message?: string) => void;

/** What {@link logTo} needs of a logger. `console`, pino, bunyan and winston have it. */
export type Logger = Readonly<Record<LogLevel, LogMethod>>;

/** Options of {@link logTo}. */
export interface LogOptions {
  /** The least important level to write. Default: `info`. */
  level?: LogLevel | undefined;
  /** Passes each event's fields before the message, as pino and bunyan expect. Default: true for pino, otherwise false. */
  fields?: boolean | undefined;
  /** More hooks. They are called before the line is written. */
  hooks?: Hooks | undefined;
}

/** Whether a text, such as the value of an environment variable, is a level. */
export function isLogLevel(text: unknown): text is LogLevel {
  return LOG_LEVELS.some((level) => level === text);
}

/**
 * Returns hooks that write to a logger: `new Databar({ hooks: logTo(console) })`.
 *
 * - `debug`: each request, before it is sent
 * - `info`: each response, with its status and duration; an abort by the caller
 * - `warn`: each retry, with its delay
 * - `error`: each attempt that ended without a response
 *
 * A line has the method, the path template, the attempt and the outcome. It never has headers, bodies, or the message
 * of an error response. The path of `databar.request` is written as you passed it.
 *
 * @param logger - `console`, a pino logger, or any object with the four methods.
 * @throws UsageError for a logger that lacks a method, or for an invalid option.
 */
export function logTo(logger: Logger, options: LogOptions = {}): CombinedHooks {
  checkOptions(options, {
    level: [isLogLevel, LOG_LEVELS.map((level) => `"${level}"`).join(", ")],
    fields: [(value) => typeof value === "boolean", "true or false"],
    hooks: undefined,
  });
  for (const level of LOG_LEVELS) {
    check(`logger.${level}`, logger?.[level], FUNCTION);
  }
  const { level = "info", fields: withFields = "bindings" in logger, hooks } = options;
  const write = (at: LogLevel, fields: LogFields, outcome: string): void => {
    if (LOG_LEVELS.indexOf(at) >= LOG_LEVELS.indexOf(level)) {
      const { method, path, attempt } = fields;
      const message = `databar: ${method} ${path} ${outcome}${attempt > 1 ? ` (attempt ${attempt})` : ""}`;
      withFields ? logger[at](fields, message) : logger[at](message);
    }
  };
  const own: Hooks = {
    onRequest: (event) => write("debug", routeOf(event), "is sent"),
    onResponse: (event) => {
      const { status, durationMs, requestId } = event;
      const fields = { ...routeOf(event), status, durationMs, ...(requestId !== undefined && { requestId }) };
      write("info", fields, `-> ${status} in ${Math.round(durationMs)} ms`);
    },
    onError: (event) => {
      const { error, reason, durationMs } = event;
      // The caller has asked for an abort.
      const at = error === "AbortError" ? "info" : "error";
      write(at, { ...routeOf(event), error, reason, durationMs }, outcomeOf(event));
    },
    onRetry: (event) => {
      const { status, delayMs, requestId } = event;
      const fields = {
        ...routeOf(event),
        delayMs,
        ...(status !== undefined && { status }),
        ...(requestId !== undefined && { requestId }),
      };
      const after = status === undefined ? "" : ` after a ${status}`;
      write("warn", fields, `is retried in ${Math.round(delayMs)} ms${after}`);
    },
  };
  return combineHooks(hooks, own);
}

function routeOf({ callId, operation, method, path, attempt }: RequestEvent): RequestEvent {
  return { callId, operation, method, path, attempt };
}

/** The client's messages begin with the request, which the line names already. */
function outcomeOf({ method, path, reason }: ErrorEvent): string {
  const title = `${method} ${path} `;
  return reason.startsWith(title) ? reason.slice(title.length) : `failed: ${reason}`;
}
