/** One listener per signal, however many calls share it: Node warns of a leak from the eleventh on. */

const listening = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once, when a signal is aborted.
 *
 * @returns Takes the callback back; with the last one, the listener leaves the signal.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = listening.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0) {
      signal.removeEventListener("abort", notify);
      listening.delete(signal);
    }
  };
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  listening.set(signal, callbacks);
  signal.addEventListener("abort", notify, { once: true });
  return callbacks;
}

function notify(this: AbortSignal): void {
  const callbacks = listening.get(this) ?? [];
  listening.delete(this);
  for (const callback of callbacks) {
    callback();
  }
}
