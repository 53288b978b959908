/** One listener per signal, however many calls share it: Node warns of a leak from the eleventh listener on. */

const listening = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when a signal is aborted; at once if it already is.
 *
 * @returns Removes the callback; with the last one, the listener leaves the signal. `undefined` without a signal.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): (() => void) | undefined {
  if (!signal || signal.aborted) {
    signal && callback();
    return undefined;
  }
  const callbacks = listening.get(signal) ?? new Set<() => void>();
  listening.set(signal, callbacks.add(callback));
  // The same listener counts once.
  signal.addEventListener("abort", notify, { once: true });
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0) {
      signal.removeEventListener("abort", notify);
    }
  };
}

// The event's target, not `this`: older Cloudflare Workers call listeners without it.
function notify({ target }: Event): void {
  const callbacks = listening.get(target as AbortSignal) ?? new Set();
  for (const callback of callbacks) {
    callback();
  }
}
