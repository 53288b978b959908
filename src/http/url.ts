import { createFinalURL, createQuerySerializer, defaultPathSerializer } from "openapi-fetch";
import { type Check, check } from "../validate.js";

/** An empty value, `.` or `..` would reach another path. A lone surrogate has no percent-encoding. */
const PATH_VALUE: Check = [
  (value: unknown) => (typeof value === "string" ? !/^\.{0,2}$|\p{Surrogate}/u.test(value) : Number.isFinite(value)),
  'a finite number, or a non-empty string other than "." and ".."',
];

/** Values by name, as the contract types them. */
export type Values = Readonly<Record<string, unknown>>;

const QUERY_VALUE: Check = [
  (value: unknown) => [value].flat().every(isQueryValue),
  "text, a finite number, a boolean, or a list of these",
];

function isQueryValue(value: unknown): boolean {
  return typeof value === "string"
    ? !/\p{Surrogate}/u.test(value)
    : typeof value === "boolean" || Number.isFinite(value);
}

const querySerializer = createQuerySerializer();

/**
 * The URL of a request. openapi-fetch builds it; the values are checked first.
 *
 * @throws UsageError for a value of the path or the query that a URL cannot carry.
 */
export function buildUrl(baseUrl: string, template: string, path: Values = {}, query: Values = {}): string {
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) {
      check(name, value, QUERY_VALUE);
    }
  }
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
