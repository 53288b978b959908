import { onAbort } from "./abort.js";

/** Time and chance. Tests replace them. */
export interface Runtime {
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Milliseconds of a clock that is never set back. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
}

// Looked up at each call, so that a test's fake timers are used.
export const systemRuntime: Runtime = {
  sleep,
  random: () => Math.random(),
  now: () => performance.now(),
  date: () => Date.now(),
};

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stopListening?.();
      resolve();
    }, ms);
    const stopListening = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason);
    });
  });
}
