/** What a hook is passed about a request. Never headers, never bodies. */
export interface RequestEvent {
  /** A number for the call, unique in this process: all events of one call have it. */
  callId: number;
  /** The facade's name of the operation, such as `connectors.list`. */
  operation: string;
  /** The HTTP method, in capitals. */
  method: string;
  /** The path template, without ids. */
  path: string;
  /** From 1. */
  attempt: number;
}

/** What a hook is passed about a response, once its body was read or could not be. */
export interface ResponseEvent extends RequestEvent {
  status: number;
  /** From sending the request to the end of the body, in milliseconds. */
  durationMs: number;
  /** The response's `x-request-id`, if the server sent one. */
  requestId: string | undefined;
}

/** What a hook is passed about an attempt that ended without a response. */
export interface ErrorEvent extends RequestEvent {
  /** The name of the error's class, such as `ConnectionError`. */
  error: string;
  /** The error's message. */
  reason: string;
  /** From sending the request to the error, in milliseconds; 0 if nothing was sent. */
  durationMs: number;
}

/** What a hook is passed before the wait that precedes another attempt. */
export interface RetryEvent extends RequestEvent {
  /** The status of the failed attempt, if there was a response. */
  status: number | undefined;
  /** The message of the failed attempt's error. */
  reason: string;
  /** How long the client waits before the next attempt, in milliseconds. */
  delayMs: number;
  requestId: string | undefined;
}

/** Observers: they see what happens and change nothing. The first hook that throws is reported as a warning. */
export interface Hooks {
  /** Called before an attempt is sent. */
  onRequest?: ((event: RequestEvent) => void) | undefined;
  /** Called after a response of any status. */
  onResponse?: ((event: ResponseEvent) => void) | undefined;
  /** Called after an attempt that ended without a response: a failed connection, a deadline, an abort. */
  onError?: ((event: ErrorEvent) => void) | undefined;
  /** Called before the wait that precedes another attempt. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** Calls a hook, if there is one, so that a broken hook cannot break the call. */
export type CallHook = <Name extends keyof Hooks>(
  name: Name,
  event: () => Parameters<NonNullable<Hooks[Name]>>[0],
) => void;

/** Makes the function that calls hooks. The first error of one is reported as a warning. */
export function hookCaller(hooks: Hooks): CallHook {
  let warned = false;
  const warn = (name: string, error: unknown): void => {
    if (!warned) {
      warned = true;
      const text = `databar-client: the hook ${name} threw: ${describe(error)}`;
      const { process } = globalThis as { process?: { emitWarning?: (text: string) => void } };
      process?.emitWarning ? process.emitWarning(text) : console.warn(text);
    }
  };
  return (name, event) => {
    const hook = hooks[name] as ((event: object) => unknown) | undefined;
    try {
      const result = hook?.(event());
      if (result) {
        Promise.resolve(result).catch((error) => warn(name, error));
      }
    } catch (error) {
      warn(name, error);
    }
  };
}

/** What was thrown may be no error, and may have no text. */
function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return typeof error;
  }
}

/**
 * The key of a hook that sees bodies. `databar-client/drift` sets it; it is not part of the public hooks. A symbol survives
 * copying, and is the same in two copies of the package.
 */
export const INSPECT = Symbol.for("databar-client.inspect");

/** One exchange: the response's body, and the request's. */
export interface Exchange {
  operation: string;
  status: number;
  /** Parsed JSON, or the text of an error that is not JSON. The caller has the same object, and may change it. */
  body: unknown;
  /** The response's body as it arrived; `undefined` if it was not read. */
  bytes: Uint8Array | undefined;
  /** The JSON that was sent; `undefined` for none. */
  sent: string | undefined;
}

/** Hooks with the one that sees bodies. */
export interface InspectingHooks extends Hooks {
  [INSPECT]?: ((exchange: Exchange) => void) | undefined;
}

/** Shows a body to the hook that sees bodies. */
export type Inspect = (body: unknown, bytes: Uint8Array | undefined) => void;

/** Makes the function that shows the bodies of one exchange; `undefined` if nobody wants to see them. */
export function inspectorOf(
  hooks: InspectingHooks,
  { operation, body }: { operation: string; body?: unknown },
  { status }: Response,
): Inspect | undefined {
  const inspect = hooks[INSPECT];
  const sent = typeof body === "string" ? body : undefined;
  return (
    inspect &&
    ((received, bytes) => {
      try {
        inspect({ operation, status, body: received, bytes, sent });
      } catch {
        // An inspector reports its own errors: it must not break the call.
      }
    })
  );
}
