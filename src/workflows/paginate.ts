/** Iterates over pages. The next page is requested while the caller works on this one. */
import type { ApiPromise, WithResponse } from "../http/api-promise.js";
import { shapeError } from "../http/result.js";

/** What a page must contain. */
export interface Page {
  has_next_page?: boolean | undefined;
  total_count?: number | undefined;
}

/** How many items more than `total_count` may come: a list can grow while it is read. */
const MAX_GROWTH = 10_000;

/**
 * Yields the items of all pages, in order. Ends at a page that is empty or says that it is the last.
 *
 * @param fetchPage - Gets a page by its number. It must reject once `signal` is aborted.
 * @throws ResponseParseError for a page without items, a page that was there before, or a list that never ends.
 */
export async function* paginate<P extends Page, Item>(
  fetchPage: (page: number) => ApiPromise<P>,
  itemsOf: (page: P) => readonly Item[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>();
  let count = 0;
  let next: Promise<WithResponse<P>> | undefined;
  for (let number = 1; ; number++) {
    const result = await (next ?? fetchPage(number).withResponse());
    next = undefined;
    const items = checkItems(result, itemsOf, number);
    count += items.length;
    const isLast = items.length === 0 || result.data.has_next_page === false;
    if (!isLast) {
      checkProgress(result, items, seen, number, count);
    }
    for (const [position, item] of items.entries()) {
      if (signal?.aborted) {
        // Nothing is sent: the call rejects an aborted signal with the right error.
        await fetchPage(number);
      }
      if (position === 1 && !isLast) {
        // Only for a caller who takes more than the first item. A rejection is thrown when its page is due: an ApiPromise
        // that nobody awaits is no unhandled rejection.
        next = fetchPage(number + 1).withResponse();
      }
      yield item;
    }
    if (isLast) {
      return;
    }
  }
}

function checkItems<P extends Page, Item>(
  result: WithResponse<P>,
  itemsOf: (page: P) => readonly Item[],
  number: number,
): readonly Item[] {
  const page: unknown = result.data;
  const items = typeof page === "object" && page !== null ? itemsOf(result.data) : undefined;
  if (!Array.isArray(items)) {
    throw shapeError(result, `page ${number} has no list of items`);
  }
  return items;
}

/** A server that ignores the page's number, or never says that a page is the last, must not keep the caller forever. */
function checkProgress(
  result: WithResponse<Page>,
  items: readonly unknown[],
  seen: Set<string>,
  number: number,
  count: number,
): void {
  const mark = JSON.stringify([items.length, items[0], items.at(-1)]);
  if (seen.has(mark)) {
    throw shapeError(result, `page ${number} repeats an earlier page`);
  }
  seen.add(mark);
  const { total_count: total } = result.data;
  if (total && count > total + MAX_GROWTH) {
    throw shapeError(result, `the pages up to ${number} have ${count} items, but total_count is ${total}`);
  }
}
