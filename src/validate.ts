/** Checks of options and arguments before anything is sent. Pure. */
import { UsageError } from "./errors/classes.js";

/** Whether a value is accepted, and a description of what is. */
export type Check = readonly [accepts: (value: never) => unknown, accepted: string];

/** The accepted options with their checks; `undefined` for an option that is checked elsewhere. */
export type Checks = Readonly<Record<string, Check | undefined>>;

export const FUNCTION: Check = [(value) => typeof value === "function", "a function"];

/** A whole number within limits. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER, unit = ""): Check {
  const range = max < Number.MAX_SAFE_INTEGER ? `from ${min} to ${max}` : `from ${min}`;
  return [(value: number) => Number.isInteger(value) && value >= min && value <= max, `a whole number${unit} ${range}`];
}

/** @throws UsageError for a value that is not accepted. */
export function check(name: string, value: unknown, [accepts, accepted]: Check, hint = ""): void {
  if (!accepts(value as never)) {
    throw new UsageError(`${name} must be ${accepted}: got ${show(value)}${hint}`);
  }
}

/** @throws UsageError for an option that is unknown or not accepted. An option that is `undefined` counts as omitted. */
export function checkOptions(given: object, checks: Checks): void {
  if (typeof given !== "object" || given === null) {
    // A text is not repeated: it may be the key, passed in place of the options.
    throw new UsageError(`Expected an object of options: got ${given === null ? "null" : typeof given}`);
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown option "${unknown}": accepted are ${Object.keys(checks).join(", ")}`);
  }
  checkGiven(given, checks);
}

/** Checks what is given, inherited properties included. */
export function checkGiven(given: object, checks: Checks): void {
  // Every call comes here, so no list is made of the checks.
  for (const name in checks) {
    const accepted = checks[name];
    const value: unknown = Reflect.get(given, name);
    if (value !== undefined && accepted) {
      check(name, value, accepted);
    }
  }
}

/** @throws UsageError for a value that JSON cannot express. */
export function toJson(name: string, value: unknown): string {
  try {
    const json: string | undefined = JSON.stringify(value);
    if (json !== undefined) {
      return json;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
    throw new UsageError(`${name} cannot be written as JSON: ${reason}`, { cause });
  }
  throw new UsageError(`${name} cannot be written as JSON: got ${show(value)}`);
}

/** A value in a few words. */
function show(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.slice(0, 50));
  }
  if (Array.isArray(value)) {
    return `a list of ${value.length}`;
  }
  return (typeof value === "object" && value) || typeof value === "function" ? typeof value : String(value);
}
