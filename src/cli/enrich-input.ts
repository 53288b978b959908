/** The input of `enrich`: a table from a file or standard input, and the columns that become parameters. */
import { createReadStream } from "node:fs";
import type { JobInput, JobParameters, Table, TableFormat } from "../jobs/index.js";
import { CommandLineError } from "./failure.js";
import type { Io } from "./io.js";
import { nearest } from "./suggest.js";

/** Where the parameters of a row come from. */
export interface Mapping {
  /** Parameter to column. */
  map: ReadonlyMap<string, string>;
  /** Parameter to a value that is the same for every row. */
  set: ReadonlyMap<string, string>;
}

/** The bytes of a file, or of standard input for `-`. */
export function openInput(
  file: string,
  { stdin, signal }: Pick<Io, "stdin" | "signal">,
): AsyncIterable<Uint8Array | string> {
  const stream = file === "-" ? stdin : createReadStream(file, { signal });
  return readable(file, stream as AsyncIterable<Uint8Array | string>);
}

async function* readable(
  file: string,
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Uint8Array | string> {
  try {
    yield* stream;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isMissing = code === "ENOENT" || code === "EISDIR" || code === "EACCES";
    throw isMissing
      ? new CommandLineError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error })
      : error;
  }
}

/** The format of a file by its name; `undefined` if its content decides. */
export function inputFormat(file: string): TableFormat | undefined {
  if (/\.(jsonl|ndjson)$/i.test(file)) {
    return "jsonl";
  }
  return /\.(csv|tsv)$/i.test(file) ? "csv" : undefined;
}

/**
 * Turns the rows of a table into inputs. A parameter without an option comes from the column of its name.
 *
 * @throws CommandLineError for a parameter or a column that does not exist, or a required parameter without a column.
 */
export function mapRows(table: Table, mapping: Mapping, known: JobParameters): AsyncIterable<JobInput> {
  checkParameters(mapping, known);
  return table.format === "csv" ? mapCsv(table, mapping, known) : mapObjects(table.rows, mapping, known);
}

function mapCsv(
  { columns, rows }: Extract<Table, { format: "csv" }>,
  { map, set }: Mapping,
  { parameters, required }: JobParameters,
): AsyncIterable<JobInput> {
  const sources = new Map<string, number>();
  for (const name of new Set([...parameters, ...map.keys()])) {
    const column = map.get(name) ?? name;
    const index = columns.indexOf(column);
    if (index !== columns.lastIndexOf(column)) {
      throw new CommandLineError(`The input has two columns ${JSON.stringify(column)}: rename one of them`);
    }
    if (index === -1 && map.has(name)) {
      throw new CommandLineError(`The input has no column ${JSON.stringify(column)}: ${suggest(column, columns)}`);
    }
    if (index === -1 && required.includes(name) && !set.has(name)) {
      throw new CommandLineError(
        `The parameter ${name} is required, and the input has no column of this name: add --map ${name}=COLUMN; the columns are ${columns.join(", ")}`,
      );
    }
    if (index !== -1 && !set.has(name)) {
      sources.set(name, index);
    }
  }
  return inputsOf(rows, (row) => {
    const params: Record<string, unknown> = Object.fromEntries(set);
    for (const [name, index] of sources) {
      addValue(params, name, row[index]?.trim(), required);
    }
    return params;
  });
}

function mapObjects(
  rows: AsyncIterable<Record<string, unknown>>,
  { map, set }: Mapping,
  { parameters, required }: JobParameters,
): AsyncIterable<JobInput> {
  const names = [...new Set([...parameters, ...map.keys()])].filter((name) => !set.has(name));
  return inputsOf(rows, (row) => {
    const params: Record<string, unknown> = Object.fromEntries(set);
    for (const name of names) {
      addValue(params, name, row[map.get(name) ?? name], required);
    }
    return params;
  });
}

/** An empty value of an optional parameter is not sent, so that rows with and without it are the same input. */
function addValue(params: Record<string, unknown>, name: string, value: unknown, required: readonly string[]): void {
  const isEmpty = value === undefined || value === null || value === "";
  if (!isEmpty || (value !== undefined && required.includes(name))) {
    params[name] = value;
  }
}

async function* inputsOf<Row>(
  rows: AsyncIterable<Row>,
  paramsOf: (row: Row) => Record<string, unknown>,
): AsyncGenerator<JobInput> {
  for await (const row of rows) {
    yield { params: paramsOf(row), data: row };
  }
}

function checkParameters({ map, set }: Mapping, { parameters }: JobParameters): void {
  const both = [...map.keys()].find((name) => set.has(name));
  if (both !== undefined) {
    throw new CommandLineError(`--map ${both} and --set ${both} exclude each other: give one`);
  }
  const unknown = [...map.keys(), ...set.keys()].find((name) => parameters.length > 0 && !parameters.includes(name));
  if (unknown !== undefined) {
    throw new CommandLineError(`There is no parameter ${JSON.stringify(unknown)}: ${suggest(unknown, parameters)}`);
  }
}

function suggest(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant ? `did you mean ${meant}?` : `there are ${names.join(", ")}`;
}
