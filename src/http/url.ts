import { type Check, check } from "../validate.js";

/** What is empty, `.` or `..` would reach another path; a lone surrogate has no percent-encoding. */
const PATH_VALUE: Check = [
  (value: unknown) => (typeof value === "string" ? !/^\.{0,2}$|\p{Surrogate}/u.test(value) : Number.isFinite(value)),
  'a finite number, or a non-empty string other than "." and ".."',
];

/**
 * Fills in a path's values, each percent-encoded as one segment.
 *
 * @throws UsageError for a value that is missing, empty, `.` or `..`, or neither a string nor a finite number.
 */
export function fillPath(template: string, values: Readonly<Record<string, unknown>>): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = values[name];
    check(name, value, PATH_VALUE);
    // Braces in lower case, so that they can be told from those of a placeholder, which URL parsers write in capitals.
    return encodeURIComponent(value as string).replace(/%7[BD]/g, (brace) => brace.toLowerCase());
  });
}
