import { createFinalURL, createQuerySerializer, defaultPathSerializer } from "openapi-fetch";
import { type Check, check } from "../validate.js";

/** An empty value, `.` or `..` would reach another path. A lone surrogate has no percent-encoding. */
const PATH_VALUE: Check = [
  (value: unknown) => (typeof value === "string" ? !/^\.{0,2}$|\p{Surrogate}/u.test(value) : Number.isFinite(value)),
  'a finite number, or a non-empty string other than "." and ".."',
];

/** Values by name, as the contract types them. */
export type Values = Readonly<Record<string, unknown>>;

const querySerializer = createQuerySerializer();

/** The URL of a request. openapi-fetch builds it; the path's values are checked first. */
export function buildUrl(baseUrl: string, template: string, path: Values = {}, query: Values = {}): string {
  return createFinalURL(template, { baseUrl, params: { path, query }, querySerializer, pathSerializer: fillPath });
}

/**
 * Fills in a path's values, each percent-encoded as one segment.
 *
 * @throws UsageError for a value that is missing, empty, `.` or `..`, or neither a string nor a finite number.
 */
export function fillPath(template: string, values: Values): string {
  for (const [, name = ""] of template.matchAll(/\{([^{}]+)\}/g)) {
    check(name, values[name], PATH_VALUE);
  }
  // Braces of values in lower case: URL parsers write those of a placeholder that was not filled in in capitals.
  return defaultPathSerializer(template, values).replace(/%7[BD]/g, (brace) => brace.toLowerCase());
}
