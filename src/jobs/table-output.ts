/** Writes the results of a job as a table: CSV or JSON lines. */
import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import type { Job } from "./job.js";
import type { JobRow } from "./results.js";
import type { TableFormat } from "./table-input.js";

/** The names of a table's columns. */
interface Columns {
  /** Of the input: where each value is, and its name. */
  input: readonly string[];
  /** The fields of the results, each with the name of its column. */
  result: ReadonlyMap<string, string>;
  status: string;
  error: string;
}

/** What a job's `meta` is if its rows are arrays. */
interface Meta {
  columns?: unknown;
}

/** The field of a result that is no object, or a list. */
const WHOLE = "result";
/** `+15550100` and `-0.5` are no formulas. */
const SIGNED_NUMBER = /^[+-]\d[\d.,]*$/;

/**
 * Writes one line for each row of a job, in the order of the input: the columns of the input, the fields of the result,
 * `_status` and `_error`. A field that has the name of an input's column is written as `result_...`. Values that a
 * spreadsheet would run as a formula start with a quote in CSV.
 *
 * The file is replaced at once: whoever reads it sees the old one or the new one.
 *
 * @param job - Its rows' `data` is an object, or an array with the names in `meta.columns`.
 * @param path - The file.
 * @param format - Default: JSON lines for a path that ends with `.jsonl` or `.ndjson`, otherwise CSV.
 */
export async function writeResults(job: Job, path: string, format: TableFormat = formatOf(path)): Promise<void> {
  const columns = await findColumns(job);
  const draft = `${path}.${randomUUID().slice(0, 8)}.tmp`;
  const mode = await stat(path).then(
    (before) => before.mode & 0o777,
    () => 0o666,
  );
  try {
    const file = createWriteStream(draft, { flags: "wx", mode });
    await (format === "csv"
      ? pipeline(Readable.from(csvLines(job, columns)), stringify(CSV), file)
      : pipeline(Readable.from(jsonLines(job, columns)), file));
    await sync(draft);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The format of a file by its name. */
export function formatOf(path: string): TableFormat {
  return /\.(jsonl|ndjson)$/i.test(path) ? "jsonl" : "csv";
}

const CSV = {
  escape_formulas: true,
  cast: {
    boolean: String,
    string: (value: string) => (SIGNED_NUMBER.test(value) ? { value, escape_formulas: false } : value),
  },
};

async function* csvLines(job: Job, columns: Columns): AsyncGenerator<unknown[]> {
  const { input, result, status, error } = columns;
  yield [...input, ...result.values(), status, error];
  const fields = [...result.keys()];
  for await (const row of job.results()) {
    const inputs = Array.isArray(row.data) ? row.data : input.map((name) => cell(Object(row.data)[name]));
    const found = fieldsOf(row.result);
    yield [...inputs, ...fields.map((field) => cell(found[field])), row.status, row.error ?? ""];
  }
}

/** Many lines at a time: a stream costs more for each chunk than for its size. */
async function* jsonLines(job: Job, columns: Columns): AsyncGenerator<string> {
  let lines: string[] = [];
  for await (const row of job.results()) {
    lines.push(`${JSON.stringify(toObject(row, columns))}\n`);
    if (lines.length === 500) {
      yield lines.join("");
      lines = [];
    }
  }
  yield lines.join("");
}

function toObject({ data, result, status, error }: JobRow, columns: Columns): object {
  const given: object = Array.isArray(data)
    ? Object.fromEntries(columns.input.map((name, index) => [name, data[index]]))
    : { ...Object(data) };
  const found = Object.entries(fieldsOf(result)).map(([field, value]) => [columns.result.get(field) ?? field, value]);
  return {
    ...given,
    ...Object.fromEntries(found),
    [columns.status]: status,
    ...(error !== undefined && { [columns.error]: error }),
  };
}

/** The names of all columns: every row is read, because each may have fields of its own. */
async function findColumns(job: Job): Promise<Columns> {
  const names = (job.meta as Meta | undefined)?.columns;
  const input = new Set<string>();
  const fields = new Set<string>();
  for await (const { data, result } of job.results()) {
    if (!Array.isArray(data)) {
      addAll(input, Object(data));
    }
    addAll(fields, fieldsOf(result));
  }
  const columns = Array.isArray(names) ? names.map(String) : [...input];
  const taken = new Set(columns);
  const unique = (name: string): string => {
    let free = name;
    for (let number = 2; taken.has(free); number++) {
      free = `${name}_${number}`;
    }
    taken.add(free);
    return free;
  };
  const result = [...fields].map((field): [string, string] => [
    field,
    unique(taken.has(field) ? `result_${field}` : field),
  ]);
  return { input: columns, result: new Map(result), status: unique("_status"), error: unique("_error") };
}

function addAll(names: Set<string>, value: object): void {
  for (const name of Object.keys(value)) {
    names.add(name);
  }
}

/** The fields of a result. */
function fieldsOf(result: unknown): Record<string, unknown> {
  if (result === undefined) {
    return {};
  }
  const isObject = typeof result === "object" && result !== null && !Array.isArray(result);
  return isObject ? (result as Record<string, unknown>) : { [WHOLE]: result };
}

function cell(value: unknown): unknown {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

async function sync(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}
