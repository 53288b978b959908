/** Tables and their columns. */
import { createUuid, type Random } from "../random.js";
import { json, type Match, type PlainAnswer } from "../replay.js";
import type { Schemas } from "./options.js";
import { Rows } from "./rows.js";

interface Table {
  readonly body: Schemas["Table"];
  readonly columns: Schemas["Column"][];
  readonly rows: Rows;
}

const WORKSPACE = "f2a85c07-19d3-4be6-8c41-60b7e9d3a125";

/** Answers the operations on tables, columns and rows. */
export class Tables {
  readonly #tables = new Map<string, Table>();
  readonly #random: Random;
  readonly #now: () => number;

  constructor(random: Random, now: () => number) {
    this.#random = random;
    this.#now = now;
  }

  /** Undefined for an operation that is not simulated here. */
  answer({ name, values }: Match, query: URLSearchParams, body: unknown): PlainAnswer | undefined {
    if (!name.startsWith("tables.")) {
      return undefined;
    }
    if (name === "tables.list") {
      return json(
        200,
        [...this.#tables.values()].map((table) => table.body),
      );
    }
    if (name === "tables.create") {
      return json(200, this.#create((body ?? {}) as Schemas["TableCreate"]));
    }
    const id = (values.table_uuid ?? "").toLowerCase();
    const table = this.#tables.get(id);
    if (!table) {
      return json(404, { detail: "Table not found" });
    }
    switch (name) {
      case "tables.delete":
        this.#tables.delete(id);
        return json(200, { status: "deleted" });
      case "tables.rename":
        table.body.name = (body as Schemas["TableRename"]).name;
        table.body.updated_at = this.#time();
        return json(200, table.body);
      case "tables.rows.list":
        return table.rows.list(query);
      case "tables.rows.insert":
        return table.rows.insert(body as Schemas["InsertRowsRequest"]);
      case "tables.rows.update":
        return table.rows.update(body as Schemas["UpdateRowsRequest"]);
      case "tables.rows.upsert":
        return table.rows.upsert(body as Schemas["UpsertRowsRequest"]);
      case "tables.rows.delete":
        return table.rows.delete(body as Schemas["DeleteRowsRequest"]);
    }
    return this.#columns(table, name, values.column_id ?? "", body);
  }

  #columns({ columns, rows }: Table, name: string, id: string, body: unknown): PlainAnswer | undefined {
    const column = columns.find(({ identifier }) => identifier === id.toLowerCase());
    switch (name) {
      case "tables.columns.list":
        return json(200, columns);
      case "tables.columns.create": {
        const { name: columnName, type = "text" } = body as Schemas["ColumnCreate"];
        const added = this.#column(columnName, type);
        columns.push(added);
        return json(200, summaryOf(added));
      }
      case "tables.columns.rename":
        if (column) {
          const to = (body as Schemas["ColumnRename"]).name;
          rows.changeColumn(column.name, to);
          column.name = to;
        }
        return column ? json(200, summaryOf(column)) : NO_COLUMN;
      case "tables.columns.delete":
        if (column) {
          rows.changeColumn(column.name, undefined);
          columns.splice(columns.indexOf(column), 1);
        }
        return column ? json(200, { status: "deleted" }) : NO_COLUMN;
    }
    return undefined;
  }

  #create({ name = "New empty table", columns, rows = 0 }: Partial<Schemas["TableCreate"]>): Schemas["Table"] {
    const identifier = createUuid(this.#random);
    const list = (columns ?? ["column1", "column2", "column3"]).map((each) => this.#column(each, "text"));
    const table: Table = {
      body: {
        identifier,
        name,
        created_at: this.#time(),
        updated_at: this.#time(),
        workspace_identifier: WORKSPACE,
        table_url: `https://databar.ai/table/${identifier}`,
      },
      columns: list,
      rows: new Rows(
        () => createUuid(this.#random),
        () => list.map((column) => column.name),
        (added) => list.push(this.#column(added, "text")),
      ),
    };
    for (let row = 0; row < rows; row++) {
      table.rows.add({});
    }
    this.#tables.set(identifier, table);
    return table.body;
  }

  #column(name: string, type_of_value: string): Schemas["Column"] {
    const internal_name = name.toLowerCase().replace(/\W+/g, "_");
    return {
      identifier: createUuid(this.#random),
      internal_name,
      additional_intenal_name: internal_name,
      name,
      type_of_value,
      data_processor_id: null,
    };
  }

  #time(): string {
    return new Date(this.#now()).toISOString();
  }
}

const NO_COLUMN = json(404, { detail: "Column not found" });

function summaryOf({ identifier, name, type_of_value }: Schemas["Column"]): Schemas["ColumnSummary"] {
  return { identifier, name, type_of_value };
}
