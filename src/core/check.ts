/** Checks of arguments that the server would answer badly. Pure. */
import { UsageError } from "./errors.js";

/** The most rows that one request may write. */
export const MAX_ROWS = 50;

/** The most items that a page may hold. */
export const MAX_PAGE_SIZE = 500;

/** @throws UsageError for a `page` below 1, or a `limit` or `per_page` outside 1..500: the server fails on them. */
export function checkPage<Q extends { page?: number; limit?: number; per_page?: number }>(query: Q): Q {
  checkWhole("page", query.page, Number.MAX_SAFE_INTEGER);
  checkWhole("limit", query.limit, MAX_PAGE_SIZE);
  checkWhole("per_page", query.per_page, MAX_PAGE_SIZE);
  return query;
}

function checkWhole(name: string, value: number | undefined, most: number): void {
  if (value !== undefined && !(Number.isInteger(value) && value >= 1 && value <= most)) {
    const range = most === MAX_PAGE_SIZE ? `from 1 to ${most}` : "from 1";
    throw new UsageError(`${name} must be a whole number ${range}: got ${String(value)}`);
  }
}

/** @throws UsageError for no rows, or more than one request may write. */
export function checkRows<Body extends { rows: readonly unknown[] }>(body: Body, many: string): Body {
  const { rows } = body;
  if (!Array.isArray(rows) || rows.length < 1 || rows.length > MAX_ROWS) {
    const got = Array.isArray(rows) ? `${rows.length}` : typeof rows;
    throw new UsageError(`rows must be a list of 1 to ${MAX_ROWS}: got ${got}; ${many} takes any number`);
  }
  return body;
}
