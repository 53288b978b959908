/** Carries out a command: makes the method's arguments, calls it, prints what it gives. */
import type { Databar } from "../client.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import { BatchError, TaskError, type WaitOptions } from "../index.js";
import type { RequestOptions } from "../options.js";
import { type Arguments, text, wholeNumber } from "./args.js";
import { jsonObject, parseJson, textOf } from "./body.js";
import { type Command, idName, type QueryParameter } from "./commands.js";
import type { Console } from "./console.js";
import { CommandLineError } from "./failure.js";
import type { Io } from "./io.js";
import { countOf, type Printer } from "./print.js";
import { readRows } from "./rows.js";
import { readValue } from "./schema.js";
import { nearest } from "./suggest.js";

/** What a command was given, read and checked. */
export interface Input {
  ids: (string | number | boolean)[];
  query: Readonly<Record<string, unknown>>;
  /** For `many`, the settings. */
  body: object | undefined;
  /** For `many`: where the rows are. */
  rows: string;
  fromIndex: number;
}

/** Reads what a command was given. @throws CommandLineError for what does not fit it. */
export async function readInput(
  command: Command,
  ids: readonly string[],
  given: Arguments["given"],
  io: Io,
): Promise<Input> {
  const body = text(given, "body");
  if (body === undefined && (command.body?.required || command.kind === "many")) {
    throw new CommandLineError(
      `${command.words.join(" ")} needs --body JSON, --body @FILE or --body -; --help shows its fields`,
    );
  }
  const object = command.kind === "many" ? "settings" : "body";
  const objectText = text(given, object);
  return {
    ids: command.ids.map((each, index) => readValue(idName(each.name), ids[index] ?? "", each.schema)),
    query: readQuery(command, given.get("query") ?? []),
    body: objectText === undefined ? undefined : await jsonObject(`--${object}`, objectText, io),
    rows: body ?? "",
    fromIndex: wholeNumber(given, "from-index") ?? 0,
  };
}

/** Calls the method and prints its result. What a failure leaves of use is printed before it is thrown. */
export async function callMethod(
  command: Command,
  input: Input,
  given: Arguments["given"],
  { databar, io, console, printer }: { databar: Databar; io: Io; console: Console; printer: Printer },
): Promise<void> {
  const { ids, query, body } = input;
  const request: RequestOptions = { signal: io.signal };
  const shown = !(io.stdout.isTTY && printer.format !== "table");
  const progress = (message: string): void => (shown ? console.progress(message) : undefined);
  const call = (...args: unknown[]): unknown => invoke(databar, command.name, [...ids, ...args]);
  try {
    switch (command.kind) {
      case "iterate":
        await printer.items(call(query, request) as AsyncIterable<unknown>, (count) => progress(`${count} so far ...`));
        break;
      case "many": {
        const rows = counted(skip(readRows(textOf("--body", input.rows, io)), input.fromIndex), (count) =>
          progress(`${countOf(count, "row")} read, sending in batches ...`),
        );
        await printer.value(shifted(await call(rows, body, request), input.fromIndex));
        break;
      }
      case "wait":
        await printer.value(await call(waitOptions(given, io, progress)));
        break;
      case "run-and-wait":
        await printer.value(await call(body, waitOptions(given, io, progress)));
        break;
      default:
        await printer.value(await call(...callArguments(command, query, body), request));
    }
  } catch (error) {
    await printRemains(error, input, printer);
    throw error;
  }
}

function callArguments(command: Command, query: object, body: object | undefined): unknown[] {
  return [...(command.body ? [body] : []), ...(command.query.length > 0 ? [query] : [])];
}

function invoke(databar: Databar, name: string, args: unknown[]): unknown {
  const path = name.split(".");
  const owner = path.slice(0, -1).reduce<object>((object, key) => Reflect.get(object, key), databar);
  const method: unknown = Reflect.get(owner, path.at(-1) ?? "");
  if (typeof method !== "function") {
    throw new Error(`the client has no method ${name}`);
  }
  return Reflect.apply(method, owner, args);
}

function readQuery(command: Command, pairs: readonly string[]): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [name = ""] = pair.split("=", 1);
    const value = pair.slice(name.length + 1);
    const parameter = command.query.find((each) => each.name === name);
    if (!parameter) {
      throw new CommandLineError(unknownParameter(name, command));
    }
    if (!pair.includes("=")) {
      throw new CommandLineError(`--query ${name} needs a value: --query ${name}=VALUE`);
    }
    if (name in query) {
      throw new CommandLineError(`--query ${name} was given twice: give it once`);
    }
    query[name] = readParameter(parameter, value);
  }
  const missing = command.query.find(({ name, required }) => required && !(name in query));
  if (missing) {
    throw new CommandLineError(`${command.words.join(" ")} needs --query ${missing.name}=VALUE`);
  }
  return query;
}

function readParameter({ name, schema, isJson }: QueryParameter, value: string): unknown {
  const option = `--query ${name}`;
  return isJson ? parseJson(option, value) : readValue(option, value, schema);
}

function unknownParameter(name: string, { query, words }: Command): string {
  const names = query.map((each) => each.name);
  const meant = nearest(name, names);
  return `${words.join(" ")} takes no ${JSON.stringify(name)} in its query: ${meant ? `did you mean ${meant}?` : `accepted are ${names.join(", ")}`}`;
}

function waitOptions(given: Arguments["given"], io: Io, progress: (message: string) => void): WaitOptions {
  return {
    signal: io.signal,
    timeoutMs: wholeNumber(given, "wait-timeout-ms"),
    pollIntervalMs: wholeNumber(given, "poll-interval-ms"),
    noDataGraceMs: wholeNumber(given, "no-data-grace-ms"),
    onProgress: (task) => progress(describeTask(task)),
  };
}

function describeTask({ task_id, status, progress, credits_spent }: TaskResponse): string {
  const rows =
    progress?.total === undefined
      ? ""
      : `, ${(progress.completed ?? 0) + (progress.no_data ?? 0) + (progress.failed ?? 0)} of ${progress.total} done`;
  const credits = credits_spent === undefined ? "" : `, ${countOf(credits_spent, "credit")} spent`;
  return `${status}${rows}${credits} ... (task ${task_id})`;
}

/** The results of the batches before a failure, and what a task that ended badly had found: they are paid for. */
async function printRemains(error: unknown, { fromIndex }: Input, printer: Printer): Promise<void> {
  if (error instanceof BatchError && error.results.length > 0) {
    await printer.value(shifted(error.results, fromIndex));
  }
  const data = error instanceof TaskError ? error.task?.data : undefined;
  if (error instanceof TaskError && data !== undefined && data !== null) {
    await printer.value(error.task);
  }
}

async function* skip(rows: AsyncIterable<object>, count: number): AsyncGenerator<object, void, undefined> {
  let index = 0;
  for await (const row of rows) {
    if (index++ >= count) {
      yield row;
    }
  }
}

async function* counted(
  rows: AsyncIterable<object>,
  onRow: (count: number) => void,
): AsyncGenerator<object, void, undefined> {
  let count = 0;
  for await (const row of rows) {
    onRow(++count);
    yield row;
  }
}

/** Results count from the first row that was sent: here, from the first row that was given. */
function shifted(results: unknown, by: number): unknown {
  return Array.isArray(results) && by > 0
    ? results.map((result: { index: number }) => ({ ...result, index: result.index + by }))
    : results;
}
