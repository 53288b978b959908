import { UsageError } from "./errors.js";

/**
 * Fills in a path's values, each percent-encoded as one segment.
 *
 * @throws UsageError for a value that is missing, empty, `.` or `..` (these would reach another path),
 *   or neither a string nor a finite number.
 */
export function fillPath(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => encodeSegment(pathValue(name, values[name])));
}

/** Braces in lower case, so that they can be told from those of a placeholder, which URL parsers write in capitals. */
function encodeSegment(value: string | number): string {
  return encodeURIComponent(value).replace(/%7[BD]/g, (brace) => brace.toLowerCase());
}

function pathValue(name: string, value: unknown): string | number {
  const isText = typeof value === "string" && value !== "" && value !== "." && value !== "..";
  // A lone surrogate has no percent-encoding.
  if ((isText && !/\p{Surrogate}/u.test(value)) || (typeof value === "number" && Number.isFinite(value))) {
    return value;
  }
  throw new UsageError(
    `${name} must be a finite number, or a non-empty string other than "." and "..": got ${describe(value)}`,
  );
}

function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.slice(0, 50));
    case "object":
    case "function":
      return value === null ? "null" : typeof value;
    default:
      return String(value);
  }
}
