/** One result per row: the API returns a result for every sent row, an example only for its own rows. */

/**
 * Fits an example to the rows of a request: the example's results are repeated until there is one per row, and each
 * `index` is that of its row. Returns the example itself if it fits already, or if one of the two has no list.
 */
export function fitResults(example: unknown, requestBody: string): unknown {
  const results = listIn(example, "results");
  const rows = results && results.length > 0 ? listIn(parsed(requestBody), "rows") : undefined;
  if (!results || !rows || rows.length === results.length) {
    return example;
  }
  const fitted = rows.map((_, index) => withIndex(results[index % results.length], index));
  return { ...(example as object), results: fitted };
}

function withIndex(result: unknown, index: number): unknown {
  return typeof result === "object" && result !== null && "index" in result ? { ...result, index } : result;
}

function listIn(value: unknown, name: string): readonly unknown[] | undefined {
  const list: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return Array.isArray(list) ? list : undefined;
}

/** Undefined for a body that is not JSON: operations without a body accept any. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
