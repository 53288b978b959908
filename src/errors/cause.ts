/** Keeps the platform's error as a cause, as far as it is safe to print. */
import { redact } from "./redact.js";

/** Objects in the platform's errors that hold no secrets. */
const HARMLESS = /^(socket|cert)$/;

const DEEPEST = 6;

/**
 * The error itself if everything in it is safe to print; otherwise a copy of its message, name, code, stack and causes,
 * masked. Not safe are secrets in a text, the received bytes in a parser's error, and objects: an error of a custom
 * `fetch` may hold the request with its key.
 */
export function printableCause(error: unknown, secrets: readonly string[]): unknown {
  try {
    return isPrintable(error, secrets, DEEPEST) ? error : copy(error, secrets, DEEPEST);
  } catch {
    // A property may throw when it is read, and so may the stack of an error whose message is no text.
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
  const copied = new Error(typeof message === "string" ? redact(message, secrets) : "an object was thrown");
  for (const [name, value] of Object.entries(rest)) {
    typeof value === "string" && Object.assign(copied, { [name]: redact(value, secrets) });
  }
  return cause === undefined || levels < 1
    ? copied
    : Object.assign(copied, { cause: copy(cause, secrets, levels - 1) });
}
