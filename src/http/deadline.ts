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

/** The limits of one attempt. */
interface Limits {
  request: Outgoing;
  timeoutMs: number;
  signal: AbortSignal | undefined;
  /** How long an abort waits for a request in flight, in milliseconds. */
  abortGraceMs: number;
}

/** @param isSent - Whether the request has been sent by now. */
export function startDeadline({ request, timeoutMs, signal, abortGraceMs }: Limits, isSent: () => boolean): Deadline {
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
    let grace: ReturnType<typeof setTimeout> | undefined;
    const stopListening = onAbort(signal, () => {
      const abort = () => end(abortError(request, `${titleOf(request)} was aborted`, signal, isSent()));
      if (abortGraceMs > 0 && isSent()) {
        grace = setTimeout(abort, abortGraceMs);
      } else {
        abort();
      }
    });
    clear = () => {
      clearTimeout(timer);
      clearTimeout(grace);
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
