/** The API's limits, checked before a request is sent: the server answers an invalid page with an HTTP 500. */
import { type Check, type Checks, check, checkGiven, wholeNumber } from "../validate.js";

/** The most rows that one request may write. */
export const MAX_ROWS = 50;

const PAGE_SIZE = wholeNumber(1, 500);
const PAGES: Checks = { page: wholeNumber(1), limit: PAGE_SIZE, per_page: PAGE_SIZE };

const ROWS: Check = [
  (value: unknown[]) => Array.isArray(value) && value.length >= 1 && value.length <= MAX_ROWS,
  `a list of 1 to ${MAX_ROWS}`,
];

/** @throws UsageError for a `page` below 1, or a `limit` or `per_page` outside 1..500. */
export function checkPage<Query extends object>(query: Query): Query {
  checkGiven(query, PAGES);
  return query;
}

/** @throws UsageError for no rows, or more than one request may write. */
export function checkRows<Body extends { rows: readonly unknown[] }>(body: Body, many: string): Body {
  check("rows", body?.rows, ROWS, `; ${many} takes any number`);
  return body;
}
