/** Pages of a list. */

/** A list without `page`, an envelope with it. Both have the same URL. */
export function pageOf<Item>(items: readonly Item[], query: URLSearchParams): readonly Item[] | object {
  if (!query.has("page")) {
    return items;
  }
  const page = Number(query.get("page"));
  const limit = Number(query.get("limit") ?? 50);
  const start = (page - 1) * limit;
  return {
    items: items.slice(start, start + limit),
    page,
    limit,
    has_next_page: start + limit < items.length,
    total_count: items.length,
  };
}
