/** Hooks that make a span for each call, with a child span for each attempt. */
import { type Attributes, context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { serverUrl } from "../generated/routes.gen.js";
import type { ErrorEvent, Hooks, RequestEvent, ResponseEvent, RetryEvent } from "../http/hooks.js";
import { type CombinedHooks, combineHooks } from "../logging/combine.js";
import { checkOptions } from "../validate.js";
import { TRACER, tracerOf } from "./tracer.js";

/** Options of {@link traceTo}. */
export interface TraceOptions {
  /** Makes the spans. Default: the tracer `databar-client` of the global tracer provider. */
  tracer?: Tracer | undefined;
  /** The client's `baseUrl`, for `server.address` and `server.port`. Default: `https://api.databar.ai`. */
  baseUrl?: string | undefined;
  /** More hooks. They are called before the spans change. */
  hooks?: Hooks | undefined;
}

/** A call that receives no event for this long is treated as abandoned. */
const ABANDONED_AFTER_MS = 15 * 60_000;

/**
 * The client reports a retry at most three microtasks after a response and one after an error. The caller's code
 * continues later than that. A test holds this. The span ends in between: before the caller's code may shut the exporter
 * down.
 */
const MICROTASKS = { response: 4, error: 2 };

/** The outcome of the latest attempt: the call's, unless another attempt follows. */
interface Outcome {
  endedAt: number;
  attributes: Attributes;
}

/** A call that has not ended. */
interface OpenCall {
  span: Span;
  attempt: { number: number; span: Span } | undefined;
  /** The number of the latest attempt that is to be repeated. */
  retried: number;
  /** How many events the call has had. */
  events: number;
  lastEventAt: number;
}

/**
 * Returns hooks that make spans: `new Databar({ hooks: traceTo() })`.
 *
 * - one span per call, `databar connectors.list`, a child of the active span
 * - one span of the kind client per attempt, `GET /v1/connectors/`, a child of the call's span, with the attributes of
 *   the HTTP semantic conventions
 *
 * Spans never have headers, bodies, or the message of an error response.
 *
 * @throws UsageError for an invalid option.
 */
export function traceTo(options: TraceOptions = {}): CombinedHooks {
  checkOptions(options, {
    tracer: TRACER,
    baseUrl: [(value: string) => URL.canParse(value), "the URL that the client has as baseUrl"],
    hooks: undefined,
  });
  const calls = new OpenCalls(tracerOf(options.tracer), serverAttributes(options.baseUrl ?? serverUrl));
  return combineHooks(options.hooks, {
    onRequest: (event) => calls.request(event),
    onResponse: (event) => calls.response(event),
    onError: (event) => calls.error(event),
    onRetry: (event) => calls.retry(event),
  });
}

class OpenCalls {
  readonly #tracer: Tracer;
  readonly #server: Attributes;
  readonly #calls = new Map<number, OpenCall>();
  #sweep: ReturnType<typeof setTimeout> | undefined;

  constructor(tracer: Tracer, server: Attributes) {
    this.#tracer = tracer;
    this.#server = server;
  }

  request(event: RequestEvent): void {
    const call = this.#calls.get(event.callId) ?? this.#start(event);
    keepOpen(call);
    // The body of the attempt before may never have ended.
    endAttempt(call, call.attempt?.number, {});
    const { method, attempt } = event;
    const attributes = {
      ...httpAttributes(event),
      ...this.#server,
      ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }),
    };
    const parent = trace.setSpan(context.active(), call.span);
    const name = isTemplate(event) ? `${method} ${event.path}` : method;
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
    call.attempt = { number: attempt, span };
  }

  response(event: ResponseEvent): void {
    const { callId, attempt, status, requestId } = event;
    const call = this.#calls.get(callId);
    if (!call) {
      return;
    }
    const attributes = {
      "http.response.status_code": status,
      // The client follows no redirect: a 3xx is an error.
      ...((status < 200 || status > 299) && { "error.type": String(status) }),
    };
    endAttempt(call, attempt, {
      ...attributes,
      ...(requestId !== undefined && { "http.response.header.x-request-id": [requestId] }),
    });
    this.#endSoon(event, call, attributes, MICROTASKS.response);
  }

  error(event: ErrorEvent): void {
    const { callId, attempt, error, reason } = event;
    // Without an `onRequest` before: the API key could not be read.
    const call = this.#calls.get(callId) ?? this.#start(event);
    const attributes = { "error.type": error };
    endAttempt(call, attempt, attributes, reason);
    this.#endSoon(event, call, attributes, MICROTASKS.error);
  }

  retry({ callId, attempt, delayMs }: RetryEvent): void {
    const call = this.#calls.get(callId);
    if (call) {
      keepOpen(call);
      call.retried = attempt;
      call.span.addEvent("databar.retry", { "databar.attempt": attempt, "databar.retry.delay_ms": delayMs });
    }
  }

  #start(event: RequestEvent): OpenCall {
    const attributes = httpAttributes(event);
    const span = this.#tracer.startSpan(`databar ${event.operation}`, { kind: SpanKind.INTERNAL, attributes });
    const call = { span, attempt: undefined, retried: 0, events: 0, lastEventAt: performance.now() };
    this.#calls.set(event.callId, call);
    this.#sweepLater();
    return call;
  }

  /** No event reports the end of a call: it is the attempt after which no retry is reported. */
  async #endSoon(
    { callId, attempt }: RequestEvent,
    call: OpenCall,
    attributes: Attributes,
    microtasks: number,
  ): Promise<void> {
    keepOpen(call);
    const { events } = call;
    const outcome = { endedAt: performance.now(), attributes: { ...attributes, "databar.attempts": attempt } };
    for (let passed = 0; passed < microtasks; passed++) {
      await undefined;
    }
    if (call.events === events && attempt > call.retried) {
      this.#end(callId, call, outcome);
    }
  }

  #end(callId: number, call: OpenCall, { endedAt, attributes }: Outcome): void {
    endAttempt(call, call.attempt?.number, {});
    endSpan(call.span, attributes, undefined, endedAt);
    this.#calls.delete(callId);
    if (this.#calls.size === 0) {
      clearTimeout(this.#sweep);
      this.#sweep = undefined;
    }
  }

  /** Ends the spans of calls that nobody will report about: a custom `fetch` may return a body that never ends. */
  #sweepLater(): void {
    this.#sweep ??= setTimeout(() => {
      this.#sweep = undefined;
      for (const [callId, call] of this.#calls) {
        if (performance.now() - call.lastEventAt >= ABANDONED_AFTER_MS) {
          this.#end(callId, call, { endedAt: performance.now(), attributes: { "error.type": "abandoned" } });
        }
      }
      this.#calls.size > 0 && this.#sweepLater();
    }, ABANDONED_AFTER_MS);
    // Node keeps a process alive for a timer; a browser's timer is a number.
    const timer: { unref?: unknown } | number = this.#sweep;
    if (typeof timer === "object" && typeof timer.unref === "function") {
      timer.unref();
    }
  }
}

function keepOpen(call: OpenCall): void {
  call.events++;
  call.lastEventAt = performance.now();
}

function endAttempt(call: OpenCall, number: number | undefined, attributes: Attributes, reason?: string): void {
  if (call.attempt && call.attempt.number === number) {
    endSpan(call.attempt.span, attributes, reason);
    call.attempt = undefined;
  }
}

function endSpan(span: Span, attributes: Attributes, message?: string, endedAt?: number): void {
  span.setAttributes(attributes);
  if (attributes["error.type"] !== undefined) {
    span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
  }
  span.end(endedAt);
}

function httpAttributes(event: RequestEvent): Attributes {
  const { operation, method, path } = event;
  return {
    "databar.operation": operation,
    "http.request.method": method,
    ...(isTemplate(event) && { "url.template": path }),
  };
}

/** The path of `databar.request` is no template: it may have ids. */
function isTemplate({ operation }: RequestEvent): boolean {
  return operation !== "request";
}

function serverAttributes(baseUrl: string): Attributes {
  const { hostname, port, protocol } = new URL(baseUrl);
  return { "server.address": hostname, "server.port": Number(port) || (protocol === "http:" ? 80 : 443) };
}
