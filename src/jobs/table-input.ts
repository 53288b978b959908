/** Reads tables: CSV with a header, or JSON lines. Rows are read one by one, so that a table may be of any size. */
import { Readable } from "node:stream";
import { type CsvError, parse } from "csv-parse";
import { UsageError } from "../errors/classes.js";
import { decode, peek, splitLines } from "./text.js";

/** The formats of tables. */
export type TableFormat = "csv" | "jsonl";

/** A table that is being read. */
export type Table =
  | { format: "csv"; columns: string[]; rows: AsyncIterable<string[]> }
  | { format: "jsonl"; rows: AsyncIterable<Record<string, unknown>> };

const LONGEST_HEADER = 1024 * 1024;

/**
 * Reads a table. CSV may be separated by commas, semicolons or tabs, with quotes, a byte order mark, and any line
 * breaks. Blank lines are skipped. A row that is shorter than the header is filled with empty values.
 *
 * @param source - The bytes or the text of the table, such as a file's read stream.
 * @param format - Default: JSON lines if the text starts with `{`, otherwise CSV.
 * @throws UsageError for text that is not UTF-8 or not a table. Errors in rows are thrown when the row is read.
 */
export async function readTable(source: AsyncIterable<Uint8Array | string>, format?: TableFormat): Promise<Table> {
  const text = decode(source);
  const { start, all } = await peek(text, (each) => headerLength(each) !== undefined || each.length > LONGEST_HEADER);
  const used = format ?? (/^\uFEFF?\s*\{/.test(start) ? "jsonl" : "csv");
  return used === "jsonl" ? { format: "jsonl", rows: jsonRows(all) } : csvTable(start, all);
}

async function csvTable(start: string, all: AsyncIterable<string>): Promise<Table> {
  const options = { bom: true, delimiter: delimiterOf(start), skip_empty_lines: true, relax_column_count: true };
  const parser = parse(options);
  const input = Readable.from(all);
  input.on("error", (error) => parser.destroy(error));
  parser.on("close", () => input.destroy());
  const records = input.pipe(parser)[Symbol.asyncIterator]();
  const header = await next(records);
  if (!header) {
    throw new UsageError("The input is empty: a CSV input starts with a line of column names");
  }
  // Excel writes the separator in a line of its own.
  const columns = /^sep=$/i.test(header[0] ?? "") && header.length <= 2 ? ((await next(records)) ?? []) : header;
  return { format: "csv", columns: columns.map((name) => name.trim()), rows: csvRows(records, columns.length) };
}

async function* csvRows(records: AsyncIterator<string[]>, width: number): AsyncGenerator<string[]> {
  try {
    let number = 1;
    for (let row = await next(records); row; row = await next(records)) {
      if (row.length > width) {
        throw new UsageError(`Row ${number} of the input has ${row.length} fields, the header has ${width}`);
      }
      yield row.length < width ? [...row, ...Array<string>(width - row.length).fill("")] : row;
      number++;
    }
  } finally {
    await records.return?.();
  }
}

async function next(records: AsyncIterator<string[]>): Promise<string[] | undefined> {
  try {
    const { value, done } = await records.next();
    return done ? undefined : value;
  } catch (error) {
    const isCsv = error instanceof Error && "code" in error && String((error as CsvError).code).startsWith("CSV_");
    throw isCsv ? new UsageError(`The input is not valid CSV: ${error.message}`, { cause: error }) : error;
  }
}

async function* jsonRows(text: AsyncIterable<string>): AsyncGenerator<Record<string, unknown>> {
  let number = 0;
  for await (const line of splitLines(text)) {
    number++;
    const json = line.replace(/^\uFEFF/, "").trim();
    if (json === "") {
      continue;
    }
    let row: unknown;
    try {
      row = JSON.parse(json);
    } catch (cause) {
      throw new UsageError(`Line ${number} of the input is not JSON`, { cause });
    }
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      throw new UsageError(`Line ${number} of the input is not a JSON object`);
    }
    yield row as Record<string, unknown>;
  }
}

/** The separator that is most frequent in the header, outside of quotes. */
function delimiterOf(text: string): string {
  const start = text.replace(/^\uFEFF/, "");
  const [, named] = /^sep=(.)\r?\n/i.exec(start) ?? [];
  const header = start.slice(0, headerLength(start)).replace(/"(?:[^"]|"")*"/g, "");
  const counts = [",", ";", "\t"].map((each) => ({ each, count: header.split(each).length }));
  return named ?? counts.reduce((most, other) => (other.count > most.count ? other : most)).each;
}

/** The length of the first line, whose quotes may contain line breaks. */
function headerLength(text: string): number | undefined {
  let isQuoted = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (character === "\n" || character === "\r") && text.slice(0, index).trim() !== "") {
      return index;
    }
  }
  return undefined;
}
