/** Keeps the platform's error as a cause, as far as it can be printed. */
import { redact } from "./redact.js";

/** What the platform's errors carry that is no text. */
const HARMLESS: ReadonlySet<string> = new Set(["cause", "errors", "socket", "cert"]);

const DEEPEST = 6;

/**
 * The error itself, where all that it says may be printed; otherwise a copy of its words, masked. Not fit are secrets
 * in a text, the received bytes that a parser's error carries, and objects: the error of a caller's own `fetch` may
 * hold the request, with its key.
 */
export function printableCause(error: unknown, secrets: readonly string[]): unknown {
  try {
    return isPrintable(error, secrets, 0) ? error : copy(error, secrets, 0);
  } catch {
    // A property may throw when it is read, and so may a stack whose error has an odd message.
    return new Error("an error was thrown that cannot be read");
  }
}

function isPrintable(value: unknown, secrets: readonly string[], depth: number): boolean {
  if (typeof value === "string") {
    return redact(value, secrets) === value;
  }
  if (typeof value !== "object" || value === null) {
    return typeof value !== "function";
  }
  if (!(value instanceof Error) || depth > DEEPEST) {
    return false;
  }
  return Object.entries(Object.getOwnPropertyDescriptors(value)).every(([name, { value: held }]) => {
    if (name === "data") {
      return false;
    }
    if (name === "cause") {
      return isPrintable(held, secrets, depth + 1);
    }
    if (name === "errors" && Array.isArray(held)) {
      return held.every((each) => isPrintable(each, secrets, depth + 1));
    }
    return HARMLESS.has(name) || (typeof held !== "object" && isPrintable(held, secrets, depth));
  });
}

function copy(error: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof error !== "object" || error === null) {
    return typeof error === "string" ? redact(error, secrets) : String(error);
  }
  const { name, message, code, stack, cause } = error as Record<string, unknown>;
  const words = new Error(text(message, secrets) ?? "an object was thrown");
  const kept = { name: text(name, secrets), code: text(code, secrets), stack: text(stack, secrets) };
  Object.assign(words, Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)));
  if (cause !== undefined && depth < DEEPEST) {
    words.cause = copy(cause, secrets, depth + 1);
  }
  return words;
}

function text(value: unknown, secrets: readonly string[]): string | undefined {
  return typeof value === "string" ? redact(value, secrets) : undefined;
}
