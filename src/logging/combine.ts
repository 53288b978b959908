/** Hooks of the caller together with our own. */
import type { Hooks } from "../http/hooks.js";
import { checkOptions, FUNCTION } from "../validate.js";

/** Hooks for all four events. */
export type CombinedHooks = { [Name in keyof Hooks]-?: NonNullable<Hooks[Name]> };

/**
 * Calls the caller's hook first, then our own. The client reports the error of a hook that throws.
 *
 * @throws UsageError if a hook of the caller is unknown or no function.
 */
export function combineHooks(theirs: Hooks = {}, own: Hooks): CombinedHooks {
  checkOptions(theirs, { onRequest: FUNCTION, onResponse: FUNCTION, onError: FUNCTION, onRetry: FUNCTION });
  const { onRequest, onResponse, onError, onRetry } = theirs;
  return {
    onRequest: both(onRequest, own.onRequest),
    onResponse: both(onResponse, own.onResponse),
    onError: both(onError, own.onError),
    onRetry: both(onRetry, own.onRetry),
  };
}

function both<Event>(
  theirs: ((event: Event) => void) | undefined,
  own: ((event: Event) => void) | undefined,
): (event: Event) => void {
  return (event) => {
    try {
      // An async hook returns a promise, and the client reports its rejection.
      return theirs?.(event);
    } finally {
      own?.(event);
    }
  };
}
