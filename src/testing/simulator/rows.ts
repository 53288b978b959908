/** The rows of a simulated table: insert, update, upsert, delete, and pages of them. */
import { json, type PlainAnswer } from "../replay.js";
import { asText, readFilter } from "./filter.js";
import type { Schemas } from "./options.js";

type Cells = Record<string, unknown>;

/** The rows of one table, in the order of their creation. */
export class Rows {
  readonly #rows = new Map<string, Cells>();
  /** The ids of the rows by column and text. Made when a column is first searched, dropped when its cells change. */
  readonly #indexes = new Map<string, Map<string, string[]>>();
  readonly #createId: () => string;
  readonly #columns: () => readonly string[];
  readonly #addColumn: (name: string) => void;

  constructor(createId: () => string, columns: () => readonly string[], addColumn: (name: string) => void) {
    this.#createId = createId;
    this.#columns = columns;
    this.#addColumn = addColumn;
  }

  /** Adds a row and returns its id. */
  add(cells: Cells): string {
    const id = this.#createId();
    this.#rows.set(id, { ...cells });
    for (const [column, index] of this.#indexes) {
      addTo(index, asText(cells[column]), id);
    }
    return id;
  }

  /** Renames the cells of a column, or removes them. */
  changeColumn(from: string, to: string | undefined): void {
    this.#indexes.clear();
    for (const cells of this.#rows.values()) {
      if (to !== undefined && from in cells) {
        cells[to] = cells[from];
      }
      delete cells[from];
    }
  }

  /** `GET /v1/table/{table_uuid}/rows` */
  list(query: URLSearchParams): PlainAnswer {
    const test = readFilter(query.get("filter"), this.#columns());
    if ("refused" in test) {
      return test.refused;
    }
    const page = Number(query.get("page") ?? 1);
    const perPage = Number(query.get("per_page") ?? 100);
    const matching = [...this.#rows].filter(([, cells]) => test(cells));
    const start = (page - 1) * perPage;
    return json(200, {
      data: matching.slice(start, start + perPage).map(([id, cells]) => ({ ...this.#full(cells), id })),
      has_next_page: start + perPage < matching.length,
      total_count: matching.length,
      page,
    } satisfies Schemas["RowsPage"]);
  }

  /** `POST /v1/table/{table_uuid}/rows` */
  insert({ rows, options, return_rows }: Schemas["InsertRowsRequest"]): PlainAnswer {
    const unknown = this.#unknown(rows.map(({ fields }) => fields));
    if (unknown.length > 0) {
      if (!options?.allow_new_columns) {
        return unknownColumns(unknown);
      }
      unknown.forEach(this.#addColumn);
    }
    const keys = options?.dedupe?.enabled ? (options.dedupe.keys ?? []) : [];
    const results = rows.map(({ fields }, index): Schemas["InsertRowResult"] => {
      if (keys.length > 0 && this.#matching(fields, keys).length > 0) {
        return { index, id: null, action: "skipped_duplicate", row_data: null };
      }
      const id = this.add(fields);
      return { index, id, action: "created", row_data: this.#returned(id, return_rows) };
    });
    return json(200, { results } satisfies Schemas["InsertRowsResponse"]);
  }

  /** `PATCH /v1/table/{table_uuid}/rows` */
  update({ rows, overwrite = true, return_rows }: Schemas["UpdateRowsRequest"]): PlainAnswer {
    const unknown = this.#unknown(rows.map(({ fields }) => fields));
    if (unknown.length > 0) {
      return unknownColumns(unknown);
    }
    const results = rows.map(({ id, fields }): Schemas["UpdateRowResult"] => {
      const cells = this.#rows.get(id);
      if (!cells) {
        return { id, ok: false, error: { code: "ROW_NOT_FOUND" }, row_data: null };
      }
      for (const [name, value] of Object.entries(fields)) {
        if (overwrite || asText(cells[name]) === "") {
          this.#setCell(cells, name, value);
        }
      }
      return { id, ok: true, error: null, row_data: this.#returned(id, return_rows) };
    });
    return json(200, { results } satisfies Schemas["UpdateRowsResponse"]);
  }

  /** `POST /v1/table/{table_uuid}/rows/upsert` */
  upsert({ rows, return_rows }: Schemas["UpsertRowsRequest"]): PlainAnswer {
    const unknown = this.#unknown(rows.map(({ key, fields }) => ({ ...key, ...fields })));
    if (unknown.length > 0) {
      return unknownColumns(unknown);
    }
    const results = rows.map(({ key, fields }, index): Schemas["UpsertRowResult"] => {
      const [first, ...others] = this.#matching(key, Object.keys(key));
      if (others.length > 0) {
        const error = { code: "AMBIGUOUS_MATCH", matches: others.length + 1 };
        return { index, id: null, action: null, ok: false, error, row_data: null };
      }
      if (first !== undefined) {
        const cells = this.#rows.get(first) ?? {};
        for (const [name, value] of Object.entries(fields)) {
          this.#setCell(cells, name, value);
        }
      }
      const id = first ?? this.add({ ...key, ...fields });
      const row_data = this.#returned(id, return_rows);
      return { index, id, action: first === undefined ? "created" : "updated", ok: true, error: null, row_data };
    });
    return json(200, { results } satisfies Schemas["UpsertRowsResponse"]);
  }

  /** `POST /v1/table/{table_uuid}/rows/delete`. Unknown ids are ignored. */
  delete({ row_ids }: Schemas["DeleteRowsRequest"]): PlainAnswer {
    for (const id of row_ids) {
      this.#rows.delete(id);
    }
    this.#indexes.clear();
    return json(200, { status: "deleted" });
  }

  #unknown(rows: readonly object[]): string[] {
    const known = new Set(this.#columns());
    return [...new Set(rows.flatMap((fields) => Object.keys(fields)))].filter((name) => !known.has(name));
  }

  #matching(values: Cells, columns: readonly string[]): string[] {
    const [first = "", ...others] = columns;
    const candidates = this.#indexOf(first).get(asText(values[first])) ?? [];
    return candidates.filter((id) =>
      others.every((name) => asText(this.#rows.get(id)?.[name]) === asText(values[name])),
    );
  }

  #indexOf(column: string): ReadonlyMap<string, string[]> {
    let index = this.#indexes.get(column);
    if (!index) {
      index = new Map();
      for (const [id, cells] of this.#rows) {
        addTo(index, asText(cells[column]), id);
      }
      this.#indexes.set(column, index);
    }
    return index;
  }

  #setCell(cells: Cells, name: string, value: unknown): void {
    if (asText(cells[name]) !== asText(value)) {
      this.#indexes.delete(name);
    }
    cells[name] = value;
  }

  #returned(id: string, wanted: boolean | undefined): Cells | null {
    return wanted ? this.#full(this.#rows.get(id) ?? {}) : null;
  }

  /** A row has all columns: `null` for those without a value. */
  #full(cells: Cells): Cells {
    return Object.fromEntries(this.#columns().map((name) => [name, cells[name] ?? null]));
  }
}

function addTo(index: Map<string, string[]>, text: string, id: string): void {
  const ids = index.get(text);
  if (ids) {
    ids.push(id);
  } else {
    index.set(text, [id]);
  }
}

function unknownColumns(names: readonly string[]): PlainAnswer {
  return json(400, { error: "UNKNOWN_COLUMNS", detail: `Unknown columns: ${names.join(", ")}`, fields: names });
}
