/** CSV as output, and as the rows of a command that takes rows. */
import { fileChunks } from "./body.js";
import type { MethodCommand } from "./commands.js";
import { CommandLineError } from "./failure.js";
import type { Io } from "./io.js";
import { resolve } from "./schema.js";
import { nearest } from "./suggest.js";

/** `+15550100` and `-0.5` are no formulas. */
const SIGNED_NUMBER = /^[+-]\d[\d.,]*$/;

/** Values that a spreadsheet would run as a formula start with an apostrophe. */
const OPTIONS = {
  escape_formulas: true,
  cast: {
    boolean: String,
    string: (value: string) => (SIGNED_NUMBER.test(value) ? { value, escape_formulas: false } : value),
  },
};

/** The names of all columns of some items. */
export function columnsOf(items: readonly unknown[]): string[] {
  return [...new Set(items.flatMap((item) => Object.keys(fieldsOf(item))))];
}

/** Loads the writer: a function that turns items into lines, each with the values of the columns. */
export async function csvWriter(): Promise<(lines: readonly (readonly unknown[])[]) => string> {
  const { stringify } = await import("csv-stringify/sync");
  return (lines) =>
    stringify(
      lines.map((cells) => cells.map(cellOf)),
      OPTIONS,
    );
}

/** The values of an item's columns. */
export function cellsOf(item: unknown, columns: readonly string[]): unknown[] {
  const fields = fieldsOf(item);
  return columns.map((name) => (Object.hasOwn(fields, name) ? Reflect.get(fields, name) : undefined));
}

/** An item that is no object is in a column of its own. */
function fieldsOf(item: unknown): object {
  if (item === null || item === undefined) {
    return {};
  }
  return typeof item === "object" && !Array.isArray(item) ? item : { value: item };
}

/** An object or a list is one cell, as JSON. */
function cellOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** Whether the value of `--body` names a CSV file. */
export function isCsvFile(body: string): boolean {
  return /^@.*\.(csv|tsv)$/is.test(body);
}

/**
 * Reads the rows of a CSV file: a cell is a field with the name of its column. The row's id is in the column `id`.
 *
 * @param body - `@FILE`.
 * @param key - The column that identifies a row, for a command that updates or inserts.
 * @throws CommandLineError or UsageError for a file that is no table, or lacks a column.
 */
export async function* readCsvRows(
  command: MethodCommand,
  body: string,
  key: string | undefined,
  { signal }: Pick<Io, "signal">,
): AsyncGenerator<object, void, undefined> {
  const { readTable } = await import("../jobs/table-input.js");
  const table = await readTable(fileChunks("--body", body.slice(1), signal), "csv");
  if (table.format !== "csv") {
    return;
  }
  const { columns } = table;
  checkColumns(columns);
  const parts = Object.keys(resolve(rowSchema(command)).properties ?? {});
  const id = parts.includes("id") ? indexOf("id", columns, 'The CSV has no column "id"') : undefined;
  // An API key that is given as --key must not be printed.
  const keyIndex =
    key === undefined ? undefined : indexOf(key, columns, "The CSV has no column with the name in --key");
  let index = 0;
  for await (const cells of table.rows) {
    const entries = columns.map((name, at): [string, string] => [name, cells[at] ?? ""]);
    const fields = Object.fromEntries(entries.filter((_, at) => at !== id && at !== keyIndex));
    for (const at of [id, keyIndex]) {
      if (at !== undefined && entries[at]?.[1].trim() === "") {
        throw new CommandLineError(`the row at index ${index} has no ${entries[at][0]}`);
      }
    }
    yield {
      ...(id !== undefined && { id: cells[id] }),
      ...(keyIndex !== undefined && { key: Object.fromEntries([entries[keyIndex] ?? []]) }),
      fields,
    };
    index++;
  }
}

function rowSchema({ body }: MethodCommand) {
  return (body && resolve(body.schema).properties?.rows?.items) ?? {};
}

function checkColumns(columns: readonly string[]): void {
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  const unnamed = columns.indexOf("");
  if (unnamed !== -1 || twice !== undefined) {
    const problem = unnamed !== -1 ? `column ${unnamed + 1} has no name` : `two columns are named "${twice}"`;
    throw new CommandLineError(`The first line of the CSV must name the columns: ${problem}`);
  }
}

function indexOf(name: string, columns: readonly string[], problem: string): number {
  const index = columns.indexOf(name);
  if (index === -1) {
    const meant = nearest(name, columns);
    const hint = meant ? `did you mean ${meant}?` : `there are ${columns.join(", ")}`;
    throw new CommandLineError(`${problem}: ${hint}`);
  }
  return index;
}
