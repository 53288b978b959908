/** One result per row: the API answers every row that is sent, an example only its own. */

/**
 * An example's body, fitted to the rows of a request: its results in turn, as often as there are rows, each `index`
 * that of its row. The example itself where either has no such list, and where it fits as it is.
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

/** The JSON of a text; undefined where it is none, as in a body that its operation does not look at. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
