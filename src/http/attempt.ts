/** One attempt at a call: send, read, and the end of both at the deadline. */
import type { ResolvedOptions } from "../options.js";
import { startDeadline } from "./deadline.js";
import { type CallHook, inspectorOf, type RequestEvent } from "./hooks.js";
import { readResponse, requestIdOf } from "./response.js";
import { Result } from "./result.js";
import { type Outgoing, send } from "./send.js";

/** What the attempts of one call share. */
export interface Call {
  /** A number for the call, unique in this process. */
  id: number;
  client: ResolvedOptions;
  callHook: CallHook;
  request: Outgoing;
  /** The caller's signal. */
  signal: AbortSignal | undefined;
  timeoutMs: number;
  /** How long an abort waits for a request in flight, in milliseconds. */
  abortGraceMs: number;
}

/**
 * Sends the request and reads the response. Ends at `timeoutMs` or when the caller aborts.
 *
 * @param number - From 1.
 * @throws RequestError for this attempt alone.
 */
export async function attempt(call: Call, number: number): Promise<Result<unknown>> {
  const { client, callHook, request } = call;
  let sentAt: number | undefined;
  let hasResponse = false;
  const deadline = startDeadline(call, () => sentAt !== undefined);
  const exchange = async (): Promise<Result<unknown>> => {
    const sent = await send(client, request, deadline.signal, () => {
      callHook("onRequest", () => eventOf(call, number));
      // The hook may have aborted.
      sentAt = deadline.signal.aborted ? undefined : performance.now();
    });
    hasResponse = true;
    try {
      const inspect = inspectorOf(client.hooks, request, sent.response);
      const { maxResponseBytes, runtime } = client;
      return new Result(await readResponse(sent, maxResponseBytes, deadline.signal, runtime.date(), inspect), sent);
    } finally {
      const { response, secrets } = sent;
      callHook("onResponse", () => ({
        ...eventOf(call, number),
        status: response.status,
        durationMs: durationSince(sentAt),
        requestId: requestIdOf(response, secrets),
      }));
    }
  };
  try {
    return await Promise.race([exchange(), deadline.ended]);
  } catch (error) {
    hasResponse || reportError(call, number, error, sentAt);
    throw error;
  } finally {
    deadline.clear();
  }
}

/** What hooks see of an attempt. */
export function eventOf({ id, request }: Call, number: number): RequestEvent {
  const { operation, method, path } = request;
  return { callId: id, operation, method, path, attempt: number };
}

/** Tells hooks that an attempt ended without a response. */
export function reportError(call: Call, number: number, error: unknown, sentAt?: number): void {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: String(error) };
  call.callHook("onError", () => ({
    ...eventOf(call, number),
    error: name,
    reason: message,
    durationMs: durationSince(sentAt),
  }));
}

function durationSince(start: number | undefined): number {
  return start === undefined ? 0 : performance.now() - start;
}
