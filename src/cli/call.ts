/** Calls the method of a command and prints its result. */
import type { TaskResponse } from "../generated/schema.gen.js";
import { BatchError, type Databar, type RequestOptions, type RunAndWaitOptions, TaskError } from "../index.js";
import { ABORT_GRACE_MS, type GracefulOptions } from "../options.js";
import { type Values, wholeNumber } from "./args.js";
import { jsonObject, parseJson, textOf } from "./body.js";
import { idName, type MethodCommand, takesKey } from "./commands.js";
import { effectOf } from "./confirm.js";
import type { Console } from "./console.js";
import { isCsvFile, readCsvRows } from "./csv.js";
import { CommandLineError } from "./failure.js";
import type { Io } from "./io.js";
import { countOf, type Printer } from "./print.js";
import { readRows } from "./rows.js";
import { readValue } from "./schema.js";
import { nearest } from "./suggest.js";

/** The checked input of a command. */
export interface Input {
  ids: (string | number | boolean)[];
  query: Readonly<Record<string, unknown>>;
  /** The settings of a command that takes rows. */
  body: object | undefined;
  /** The value of `--body` for a command that takes rows. */
  rows: string;
  /** The column that identifies a row of a CSV file. */
  key: string | undefined;
  fromIndex: number;
  wait: RunAndWaitOptions;
}

/** A run may take long to be accepted, and an interrupt must not lose its task's id. */
const SUBMIT_TIMEOUT_MS = 120_000;
const SUBMIT_GRACE_MS = 10_000;

/** Reads the input of a command. @throws CommandLineError for input that the command does not accept. */
export async function readInput(
  command: MethodCommand,
  ids: readonly string[],
  values: Values,
  io: Io,
): Promise<Input> {
  const { query = [], body, settings, key } = values;
  const isMany = command.kind === "many";
  if (body === undefined && (command.body?.required || isMany)) {
    throw new CommandLineError(
      `${command.words.join(" ")} needs --body JSON, --body @FILE or --body -; --help shows its fields`,
    );
  }
  checkKey(command, body, key);
  const [option, object] = isMany ? ["--settings", settings] : ["--body", body];
  return {
    ids: command.ids.map((each, index) => readValue(idName(each), ids[index] ?? "", each.schema)),
    query: readQuery(command, query),
    body: object === undefined ? undefined : await jsonObject(option ?? "", object, io),
    rows: body ?? "",
    key,
    fromIndex: wholeNumber(values, "from-index") ?? 0,
    wait: {
      timeoutMs: wholeNumber(values, "wait-timeout-ms"),
      pollIntervalMs: wholeNumber(values, "poll-interval-ms"),
      noDataGraceMs: wholeNumber(values, "no-data-grace-ms"),
      submitTimeoutMs: wholeNumber(values, "timeout-ms"),
    },
  };
}

/** JSON rows contain their keys. */
function checkKey(command: MethodCommand, body: string | undefined, key: string | undefined): void {
  const isCsv = command.kind === "many" && body !== undefined && isCsvFile(body);
  if (key !== undefined && !isCsv) {
    throw new CommandLineError("--key goes with a CSV file: --body @FILE.csv");
  }
  if (isCsv && key === undefined && takesKey(command)) {
    throw new CommandLineError(
      `${command.words.join(" ")} needs --key COLUMN for a CSV file: the column that identifies a row`,
    );
  }
}

/** What a call needs beside its input. */
interface CallContext {
  databar: Databar;
  io: Io;
  console: Console;
  printer: Printer;
  /** Called when the command has started a task, and when a task has ended, before its result is printed. */
  onTask: (taskId: string, hasEnded: boolean) => void;
}

/** Calls the method and prints its result. If it fails, its partial results are printed before the error is thrown. */
export async function callMethod(
  command: MethodCommand,
  input: Input,
  { databar, io, console, printer, onTask }: CallContext,
): Promise<void> {
  const { ids, query, body, fromIndex } = input;
  const { submitTimeoutMs, ...polling } = input.wait;
  const request: RequestOptions = { signal: io.signal };
  const call = (...args: unknown[]): unknown => invoke(databar, command.name, [...ids, ...args]);
  // JSON that scrolls over the terminal is progress enough.
  const progress = (message: string): void =>
    io.stdout.isTTY && printer.format !== "table" ? undefined : console.progress(message);
  const wait = {
    ...polling,
    signal: io.signal,
    onProgress: (task: TaskResponse) => progress(describeTask(task)),
  };
  const printTask = async (task: TaskResponse): Promise<void> => {
    onTask(task.task_id, true);
    await printer.value(task);
  };
  try {
    switch (command.kind) {
      case "iterate":
        await printer.items(call(query, request) as AsyncIterable<unknown>, (count) => progress(`${count} so far ...`));
        break;
      case "many": {
        const onRow = (count: number): void => progress(`${countOf(count, "row")} read, sending in batches ...`);
        const all = isCsvFile(input.rows)
          ? readCsvRows(command, input.rows, input.key, io)
          : readRows(textOf("--body", input.rows, io));
        const rows = rowsFrom(all, fromIndex, onRow);
        await printer.value(shifted(await call(rows, body, request), fromIndex));
        break;
      }
      case "wait":
        await printTask((await call(wait)) as TaskResponse);
        break;
      case "run-and-wait": {
        const onAccepted = (taskId: string): void => {
          onTask(taskId, false);
          console.note(`The run was accepted as task ${taskId}`);
        };
        await printTask((await call(body, { ...wait, submitTimeoutMs, onAccepted })) as TaskResponse);
        break;
      }
      default: {
        const isRun = effectOf(command) === "spends credits";
        const options = isRun ? submitOptions(request, submitTimeoutMs) : request;
        const result = await call(
          ...(command.body ? [body] : []),
          ...(command.query.length > 0 ? [query] : []),
          options,
        );
        const taskId: unknown = isRun ? Object(result).task_id : undefined;
        if (typeof taskId === "string") {
          onTask(taskId, false);
        }
        await printer.value(result);
      }
    }
  } catch (error) {
    await printPartialResults(error, fromIndex, printer).catch((reason: Error) =>
      // The first error is the one to report: it names the rows or the task.
      console.note(`The results so far cannot be printed: ${reason.message}`),
    );
    throw error;
  }
}

function submitOptions(request: RequestOptions, timeoutMs = SUBMIT_TIMEOUT_MS): GracefulOptions {
  return { ...request, timeoutMs, [ABORT_GRACE_MS]: SUBMIT_GRACE_MS };
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

function readQuery(command: MethodCommand, pairs: readonly string[]): Record<string, unknown> {
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
    const option = `--query ${name}`;
    query[name] = parameter.isJson ? parseJson(option, value) : readValue(option, value, parameter.schema);
  }
  const missing = command.query.find(({ name, required }) => required && !(name in query));
  if (missing) {
    throw new CommandLineError(`${command.words.join(" ")} needs --query ${missing.name}=VALUE`);
  }
  return query;
}

function unknownParameter(name: string, { query, words }: MethodCommand): string {
  const names = query.map((each) => each.name);
  const meant = nearest(name, names);
  return `${words.join(" ")} takes no ${JSON.stringify(name)} in its query: ${meant ? `did you mean ${meant}?` : `accepted are ${names.join(", ")}`}`;
}

function describeTask({ task_id, status, progress, credits_spent }: TaskResponse): string {
  const rows =
    progress?.total === undefined
      ? ""
      : `, ${(progress.completed ?? 0) + (progress.no_data ?? 0) + (progress.failed ?? 0)} of ${progress.total} done`;
  const credits = credits_spent === undefined ? "" : `, ${countOf(credits_spent, "credit")} spent`;
  return `${status}${rows}${credits} ... (task ${task_id})`;
}

/** Prints the results of the batches before a failure, or of a task that did not complete: the user paid for them. */
async function printPartialResults(error: unknown, fromIndex: number, printer: Printer): Promise<void> {
  if (error instanceof BatchError && error.results.length > 0) {
    await printer.value(shifted(error.results, fromIndex));
  }
  const data = error instanceof TaskError ? error.task?.data : undefined;
  if (error instanceof TaskError && data !== undefined && data !== null) {
    await printer.value(error.task);
  }
}

/** The rows from an index on. */
async function* rowsFrom(rows: AsyncIterable<object>, fromIndex: number, onRow: (count: number) => void) {
  let index = 0;
  for await (const row of rows) {
    if (index++ >= fromIndex) {
      onRow(index - fromIndex);
      yield row;
    }
  }
}

/** The method counts results from the first sent row. The command counts them from the first row of its input. */
function shifted(results: unknown, by: number): unknown {
  return Array.isArray(results) && by > 0
    ? results.map((result: { index: number }) => ({ ...result, index: result.index + by }))
    : results;
}
