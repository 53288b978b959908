import { AbortError, type RequestError, TimeoutError } from "../errors/classes.js";
import { onAbort } from "./abort.js";
import { detailsOf, type Outgoing, titleOf } from "./send.js";

/** The end of one attempt, by its own timer or by the caller's signal. */
export interface Deadline {
  /** Aborted at the end. */
  signal: AbortSignal;
  /** Rejects at the end, even if a custom `fetch` ignores the signal. */
  ended: Promise<never>;
  clear(): void;
}

/** @param isSent - Whether the request has been sent by now. */
export function startDeadline(
  request: Outgoing,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  isSent: () => boolean,
): Deadline {
  const controller = new AbortController();
  let clear = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    const end = (error: RequestError): void => {
      reject(error);
      controller.abort(error);
    };
    const timer = setTimeout(() => {
      const message = `${titleOf(request)} took longer than ${timeoutMs} ms`;
      end(new TimeoutError(message, detailsOf(request, isSent(), Number(isSent())), timeoutMs));
    }, timeoutMs);
    const stopListening = onAbort(signal, () => {
      end(abortError(request, `${titleOf(request)} was aborted`, signal, isSent()));
    });
    clear = () => {
      clearTimeout(timer);
      stopListening?.();
    };
  });
  return { signal: controller.signal, ended, clear };
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
