/** Reads what `databar-client types` describes. */
import type { Databar } from "../index.js";
import type { DescribedWorkspace } from "./types-of.js";

/** What to read. */
export interface Wanted {
  enrichments: readonly number[];
  tables: readonly string[];
}

/** Reads enrichments, and tables with their columns, one after the other. What is given twice is read once. */
export async function readWorkspace(
  databar: Databar,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<DescribedWorkspace> {
  const options = { signal };
  const enrichments = [];
  for (const id of new Set(wanted.enrichments)) {
    enrichments.push(await databar.enrichments.get(id, options));
  }
  const ids = [...new Set(wanted.tables)];
  // A table's name is in the list of tables only.
  const known = ids.length > 0 ? await databar.tables.list(options) : [];
  const tables = [];
  for (const id of ids) {
    const table = known.find(({ identifier }) => identifier.toLowerCase() === id.toLowerCase());
    const columns = await databar.tables.columns.list(id, options);
    tables.push({ identifier: id, name: table?.name ?? "", columns });
  }
  return { enrichments, tables };
}
