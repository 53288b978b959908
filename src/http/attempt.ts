/** One attempt at a call: send, read, and the end of both at the deadline. */
import { AbortError, type RequestError, TimeoutError } from "../errors/classes.js";
import type { ResolvedOptions } from "../options.js";
import { onAbort } from "./abort.js";
import type { WithResponse } from "./api-promise.js";
import type { CallHook, RequestEvent } from "./hooks.js";
import { readResponse, requestIdOf } from "./response.js";
import { detailsOf, type Outgoing, send, titleOf } from "./send.js";

/** What the attempts of one call share. */
export interface Call {
  client: ResolvedOptions;
  callHook: CallHook;
  request: Outgoing;
  /** The caller's signal. */
  signal: AbortSignal | undefined;
  timeoutMs: number;
}

/**
 * Sends the request and reads the response. Ends at `timeoutMs` or when the caller aborts, even if a custom `fetch`
 * ignores its signal.
 *
 * @param number - From 1.
 * @throws RequestError for this attempt alone.
 */
export async function attempt(call: Call, number: number): Promise<WithResponse<unknown>> {
  const { request, signal, timeoutMs } = call;
  const controller = new AbortController();
  let isSent = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopListening: (() => void) | undefined;
  const ended = new Promise<never>((_, reject) => {
    const end = (error: RequestError): void => {
      reject(error);
      controller.abort(error);
    };
    timer = setTimeout(() => {
      const message = `${titleOf(request)} took longer than ${timeoutMs} ms`;
      end(new TimeoutError(message, detailsOf(request, isSent, Number(isSent)), timeoutMs));
    }, timeoutMs);
    stopListening = onAbort(signal, () => {
      end(abortError(request, `${titleOf(request)} was aborted`, signal, isSent));
    });
  });
  const onSend = (): void => {
    call.callHook("onRequest", () => eventOf(request, number));
    // The hook may have aborted.
    isSent = !controller.signal.aborted;
  };
  try {
    return await Promise.race([exchange(call, number, controller.signal, onSend), ended]);
  } finally {
    clearTimeout(timer);
    stopListening?.();
  }
}

/** The error for a call that the caller ended. */
export function abortError(
  request: Outgoing,
  message: string,
  signal: AbortSignal | undefined,
  isSent: boolean,
): AbortError {
  return new AbortError(message, detailsOf(request, isSent, Number(isSent)), { cause: signal?.reason });
}

/** What hooks see of an attempt. */
export function eventOf({ operation, method, path }: Outgoing, number: number): RequestEvent {
  return { operation, method, path, attempt: number };
}

async function exchange(
  { client, callHook, request }: Call,
  number: number,
  signal: AbortSignal,
  onSend: () => void,
): Promise<WithResponse<unknown>> {
  let startedAt = 0;
  const sent = await send(client, request, signal, () => {
    onSend();
    startedAt = performance.now();
  });
  const { response, secrets } = sent;
  try {
    return { data: await readResponse(sent, client.maxResponseBytes, signal, client.runtime.now()), response };
  } finally {
    callHook("onResponse", () => ({
      ...eventOf(request, number),
      status: response.status,
      durationMs: performance.now() - startedAt,
      requestId: requestIdOf(response, secrets),
    }));
  }
}
