/** Keeps the platform's error as a cause, as far as it is safe to print. */
import { redact } from "./redact.js";

const DEEPEST = 6;

/** Hooks by which an object prints, or turns into JSON, whatever it likes. */
const PRINTERS = [Symbol.for("nodejs.util.inspect.custom"), "toJSON"];

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
  if (typeof value !== "object" || value === null) {
    return typeof value !== "function";
  }
  const isError = value instanceof Error;
  if (levels < 1 || !(isError || isPlain(value)) || PRINTERS.some((printer) => printer in value)) {
    return false;
  }
  return Reflect.ownKeys(value).every((name) => {
    const field = Reflect.getOwnPropertyDescriptor(value, name);
    // Newer engines keep the stack behind an accessor.
    const held: unknown = name === "stack" ? Reflect.get(value, name) : field?.value;
    const isAccessor = field?.get !== undefined && name !== "stack";
    // `data` holds the bytes that a parser received; a list other than of errors may hold them too.
    const isReceived = name === "data" || (isError && name !== "errors" && Array.isArray(held));
    return typeof name === "string" && !isAccessor && !isReceived && isPrintable(held, secrets, levels - 1);
  });
}

/** An object or a list without behaviour, such as the addresses of a socket. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
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
