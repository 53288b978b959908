/** Keeps the platform's error as a cause, as far as it can be printed. */
import { redact } from "./redact.js";

/** What the platform's errors carry that is no text, and holds nothing secret. */
const HARMLESS = /^(socket|cert)$/;

const DEEPEST = 6;

/**
 * The error itself, where all that it says may be printed; otherwise a copy of its words, masked. Not fit are secrets
 * in a text, the received bytes that a parser's error carries, and objects: the error of a caller's own `fetch` may
 * hold the request, with its key.
 */
export function printableCause(error: unknown, secrets: readonly string[]): unknown {
  try {
    return isPrintable(error, secrets, DEEPEST) ? error : copy(error, secrets, DEEPEST);
  } catch {
    // A property may throw when it is read, and so may a stack whose error has an odd message.
    return new Error("an error was thrown that cannot be read");
  }
}

function isPrintable(value: unknown, secrets: readonly string[], levels: number): boolean {
  if (typeof value === "string") {
    return redact(value, secrets) === value;
  }
  if (value instanceof Error || Array.isArray(value)) {
    const fields = Object.entries(Object.getOwnPropertyDescriptors(value));
    return fields.every(
      ([name, { value: held }]) =>
        HARMLESS.test(name) ||
        (name !== "data" &&
          (name === "errors" || !Array.isArray(held)) &&
          levels > 0 &&
          isPrintable(held, secrets, levels - 1)),
    );
  }
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

function copy(error: unknown, secrets: readonly string[], levels: number): unknown {
  if (typeof error !== "object" || error === null) {
    return redact(String(error), secrets);
  }
  const { message, cause, ...rest } = Object.fromEntries(
    ["message", "name", "code", "stack", "cause"].map((name) => [name, (error as Record<string, unknown>)[name]]),
  );
  const words = new Error(typeof message === "string" ? redact(message, secrets) : "an object was thrown");
  for (const [name, value] of Object.entries(rest)) {
    typeof value === "string" && Object.assign(words, { [name]: redact(value, secrets) });
  }
  return cause === undefined || levels < 1 ? words : Object.assign(words, { cause: copy(cause, secrets, levels - 1) });
}
