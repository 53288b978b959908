/** What a hook is told of a request. Never headers, never bodies. */
export interface RequestEvent {
  /** The facade's name of the operation, such as `connectors.list`. */
  operation: string;
  method: string;
  /** The path as the contract has it, without ids. */
  path: string;
  /** From 1. */
  attempt: number;
}

/** What a hook is told of a response, once its body has been read or has failed. */
export interface ResponseEvent extends RequestEvent {
  status: number;
  /** From sending to the end of the body, in milliseconds. */
  durationMs: number;
  /** The server's `x-request-id`, where it sent one. */
  requestId: string | undefined;
}

/** What a hook is told before the wait that precedes another attempt. */
export interface RetryEvent extends RequestEvent {
  /** The status of the failed attempt, where there was an answer. */
  status: number | undefined;
  /** The message of the failed attempt's error. */
  reason: string;
  /** How long the client waits before the next attempt, in milliseconds. */
  delayMs: number;
  requestId: string | undefined;
}

/** Observers: they see what happens and change nothing. One that throws is reported once, as a warning. */
export interface Hooks {
  /** Before an attempt is sent. */
  onRequest?: ((event: RequestEvent) => void) | undefined;
  /** After an answer, of any status. */
  onResponse?: ((event: ResponseEvent) => void) | undefined;
  /** Before the wait that precedes another attempt. */
  onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** Calls a hook, where there is one, so that a broken one cannot break the call. */
export type CallHook = <Name extends keyof Hooks>(
  name: Name,
  event: () => Parameters<NonNullable<Hooks[Name]>>[0],
) => void;

/** Makes the function that calls hooks. The first fault of one is reported as a warning. */
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

/** What was thrown need not be an error, nor have a text. */
function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return typeof error;
  }
}
