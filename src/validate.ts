/** Checks of options and arguments, before anything is sent. Pure. */
import { UsageError } from "./errors/classes.js";

/** Whether a value is accepted, and what is. */
export type Check = readonly [accepts: (value: never) => unknown, what: string];

export type Checks = Readonly<Record<string, Check | undefined>>;

/** The most rows that one request may write. */
export const MAX_ROWS = 50;

export const FUNCTION: Check = [(value) => typeof value === "function", "a function"];

const PAGE_SIZE = wholeNumber(1, 500);
const PAGES: Checks = { page: wholeNumber(1), limit: PAGE_SIZE, per_page: PAGE_SIZE };

const ROWS: Check = [
  (value: unknown[]) => Array.isArray(value) && value.length >= 1 && value.length <= MAX_ROWS,
  `a list of 1 to ${MAX_ROWS}`,
];

/** A whole number within limits. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER, unit = ""): Check {
  const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `from ${least}`;
  return [
    (value: number) => Number.isInteger(value) && value >= least && value <= most,
    `a whole number${unit} ${range}`,
  ];
}

/** @throws UsageError for a value that is not accepted. */
export function check(name: string, value: unknown, [accepts, what]: Check, hint = ""): void {
  if (!accepts(value as never)) {
    throw new UsageError(`${name} must be ${what}: got ${show(value)}${hint}`);
  }
}

/** @throws UsageError for an option that is unknown or not accepted; one that is `undefined` counts as left out. */
export function checkOptions(given: object, checks: Checks): void {
  if (typeof given !== "object" || given === null) {
    // A text is not repeated: it may be the key, given in the place of the options.
    throw new UsageError(`Expected an object of options: got ${given === null ? "null" : typeof given}`);
  }
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(checks, name));
  if (unknown !== undefined) {
    throw new UsageError(`Unknown option "${unknown}": accepted are ${Object.keys(checks).join(", ")}`);
  }
  checkGiven(given, checks);
}

/** What is inherited counts as well. */
function checkGiven(given: object, checks: Checks): void {
  // Every call comes here: no list is made of the checks.
  for (const name in checks) {
    const accepted = checks[name];
    const value = (given as Record<string, unknown>)[name];
    if (value !== undefined && accepted) {
      check(name, value, accepted);
    }
  }
}

/** @throws UsageError for a `page` below 1, or a `limit` or `per_page` outside 1..500: the server fails on them. */
export function checkPage<Q extends object>(query: Q): Q {
  checkGiven(query, PAGES);
  return query;
}

/** @throws UsageError for no rows, or more than one request may write. */
export function checkRows<Body extends { rows: readonly unknown[] }>(body: Body, many: string): Body {
  check("rows", body?.rows, ROWS, `; ${many} takes any number`);
  return body;
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
