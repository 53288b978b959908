/** Walks pages lazily: the next page is requested when the last item of this one was taken. */

/** What a page must contain. */
export interface Page {
  has_next_page?: boolean | undefined;
}

/**
 * Yields the items of all pages, in order. Ends at a page that is empty or says that it is the last.
 *
 * @param fetchPage - Gets a page by its number. It must reject once `signal` is aborted.
 */
export async function* paginate<P extends Page, Item>(
  fetchPage: (page: number) => Promise<P>,
  itemsOf: (page: P) => readonly Item[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Item, void, undefined> {
  for (let number = 1; ; number++) {
    const page = await fetchPage(number);
    const items = itemsOf(page);
    for (const item of items) {
      if (signal?.aborted) {
        // Nothing is sent: the call rejects an aborted signal with the right error.
        await fetchPage(number);
      }
      yield item;
    }
    if (items.length === 0 || page.has_next_page === false) {
      return;
    }
  }
}
