/**
 * The command line: from arguments to an exit code. Every method of the client is a command, made from the operation table
 * (`commands.ts`) and the few facts in `facade.ts`.
 *
 * This folder may import the client, its public entry, `errors`, `options`, `generated` and Node. In `src`, only
 * the program `cli.ts` imports this folder. `testing/mock-command.ts` is imported when the command `mock` runs.
 */
import { createRequire } from "node:module";
import { decimal, readArguments, type Values, wholeNumber } from "./args.js";
import { callMethod, readInput } from "./call.js";
import { checkIds, checkOptions, describeUnknownWord } from "./check.js";
import { findCommand, isMethod, type MethodCommand, shells, splitWords, type Tool, waitingFor } from "./commands.js";
import { complete, scripts } from "./complete.js";
import { confirm, describeEffect, effectOf } from "./confirm.js";
import { connect } from "./connect.js";
import { Console } from "./console.js";
import { describeCost } from "./cost.js";
import { watchResponses } from "./drift.js";
import {
  CommandLineError,
  describeFailure,
  describeStack,
  EXIT,
  exitCode,
  type FailureContext,
  isHarmless,
} from "./failure.js";
import { commandHelp, groupHelp } from "./help.js";
import { type Io, styleOf, widthOf } from "./io.js";
import { type Format, Printer } from "./print.js";
import { nearest } from "./suggest.js";
import { typesOf } from "./types-of.js";
import { readWorkspace } from "./workspace.js";

const WIDEST_HELP = 100;

/** What a running command works with. */
interface Session {
  io: Io;
  console: Console;
  printer: Printer;
  values: Values;
  context: FailureContext;
}

/**
 * Runs the program.
 *
 * @param args - The arguments, without the program's name.
 * @returns The exit code.
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const console = new Console(io);
  console.hide(io.env.DATABAR_API_KEY);
  const context: FailureContext = {
    command: undefined,
    interrupted: false,
    baseUrl: undefined,
    fromIndex: 0,
    changes: false,
  };
  try {
    return await run(args, io, console, context);
  } catch (error) {
    if (isHarmless(error, context)) {
      return EXIT.ok;
    }
    context.interrupted = io.signal.aborted;
    console.error(describeFailure(error, context));
    if (context.debug) {
      console.block(describeStack(error));
    }
    return context.interrupted ? EXIT.interrupted : exitCode(error);
  } finally {
    console.clear();
  }
}

async function run(args: readonly string[], io: Io, console: Console, context: FailureContext): Promise<number> {
  if (args[0] === "help") {
    return run([...args.slice(1), "--help"], io, console, context);
  }
  if (args[0] === "enrich") {
    // Its options are its own, and its code is loaded only here.
    const { runEnrich } = await import("./enrich.js");
    context.command = "enrich";
    return runEnrich(args.slice(1), { io, console, context });
  }
  const { words, values } = readArguments(args, (typed) => findCommand(splitWords(typed).path));
  context.debug = values.debug;
  const format = formatOf(values, io);
  const printer = new Printer(format, io, console, columnsOption(values, format));
  if (values.version) {
    await printer.text(version());
    return EXIT.ok;
  }
  const { path, ids } = splitWords(words);
  const command = findCommand(path);
  if (!command && ids[0] !== undefined) {
    throw new CommandLineError(describeUnknownWord(path, ids[0]));
  }
  if (values.help || !command) {
    const help = { width: Math.min(widthOf(io.stdout, io.env), WIDEST_HELP), style: styleOf(io.stdout, io.env) };
    const page = command ? commandHelp(command, help) : groupHelp(path, version(), help);
    // Requested help is a result. Help instead of the result of an incomplete command is not.
    values.help ? await printer.text(page) : console.page(page);
    return values.help ? EXIT.ok : EXIT.usage;
  }
  context.command = command.words.join(" ");
  const target = (values.wait && isMethod(command) && waitingFor(command)) || command;
  checkOptions([command, target], values);
  checkIds(target, ids);
  const session: Session = { io, console, printer, context, values };
  await (isMethod(target) ? runMethod(target, ids, session) : runTool(target, ids, session));
  return EXIT.ok;
}

async function runMethod(command: MethodCommand, ids: readonly string[], session: Session): Promise<void> {
  const { io, console, values, context } = session;
  context.changes = command.operation.method !== "GET";
  const drift = values.drift ? await watchResponses(console) : undefined;
  const databar = await connect(session, drift?.hooks);
  const input = await readInput(command, ids, values, io);
  context.fromIndex = input.fromIndex;
  if (effectOf(command) && !values.yes) {
    const isStdinFree = !values["api-key-stdin"] && values.body !== "-" && values.settings !== "-";
    const isRun = effectOf(command) === "spends credits";
    await confirm(describeEffect(command, ids, input.body), isStdinFree, io, console, async () =>
      isRun ? describeCost(command, input, databar, io.signal) : [],
    );
  }
  const onTask = (id: string, hasEnded: boolean): void => {
    context.task = { id, hasEnded };
  };
  try {
    await callMethod(command, input, { ...session, databar, onTask });
  } finally {
    // The checks run after the result, also after that of a failed call.
    await drift?.settled();
  }
}

async function runTool({ kind }: Tool, words: readonly string[], session: Session): Promise<void> {
  switch (kind) {
    case "complete":
      return session.printer.text(complete(words));
    case "completion":
      return session.printer.text(completionScript(words[0] ?? ""));
    case "mock":
      return mock(session);
    case "types":
      return session.printer.text(await types(session));
  }
}

async function types(session: Session): Promise<string> {
  const { enrichment = [], "table-id": tables = [] } = session.values;
  if (enrichment.length + tables.length === 0) {
    throw new CommandLineError("types needs --enrichment ID or --table UUID; both may be repeated");
  }
  const enrichments = enrichment.map((id) => {
    if (!/^\d{1,15}$/.test(id)) {
      throw new CommandLineError(`--enrichment must be a whole number, got ${JSON.stringify(id)}`);
    }
    return Number(id);
  });
  const databar = await connect(session);
  return typesOf(await readWorkspace(databar, { enrichments, tables }, session.io.signal)).trimEnd();
}

function completionScript(given: string): string {
  const shell = shells.find((each) => each === given);
  if (!shell) {
    throw new CommandLineError(
      `No completion for "${given}": did you mean ${nearest(given, shells) ?? shells.join(" or ")}?`,
    );
  }
  return scripts[shell];
}

async function mock({ io, console, values }: Session): Promise<void> {
  const { MockError, runMock } = await import("../testing/mock-command.js");
  // A closed log must not end the server.
  io.stdout.on("error", () => {});
  const simulatorOption = (["rate-limit", "balance"] as const).find((name) => values[name] !== undefined);
  if (simulatorOption && !values.simulate) {
    throw new CommandLineError(`--${simulatorOption} goes with --simulate`);
  }
  const rateLimit = decimal(values, "rate-limit");
  if (rateLimit === 0) {
    throw new CommandLineError("--rate-limit must be above 0");
  }
  const options = {
    simulate: values.simulate,
    rateLimit,
    balance: decimal(values, "balance"),
    port: wholeNumber(values, "port", 65_535),
    host: values.host,
    latencyMs: wholeNumber(values, "latency", 3_600_000),
    fail: values.fail,
    seed: wholeNumber(values, "seed"),
  };
  const write = (text: string): unknown => io.stdout.write(text);
  try {
    await runMock(options, { write, warn: (text) => console.note(text), signal: io.signal });
  } catch (error) {
    throw error instanceof MockError ? new CommandLineError(error.message, { cause: error.cause }) : error;
  }
}

function columnsOption({ columns }: Values, format: Format): string[] | undefined {
  if (columns === undefined) {
    return undefined;
  }
  const names = columns.split(",").map((name) => name.trim());
  if (names.includes("") || new Set(names).size < names.length) {
    throw new CommandLineError(`--columns must be different names, such as id,name, got ${JSON.stringify(columns)}`);
  }
  if (format !== "csv" && format !== "table") {
    throw new CommandLineError("--columns goes with --csv or --table");
  }
  return names;
}

function formatOf({ json, jsonl, table, csv }: Values, { stdout }: Io): Format {
  const given = Object.entries({ json, jsonl, table, csv }).flatMap(([name, isGiven]) =>
    isGiven ? [name as Format] : [],
  );
  if (given.length > 1) {
    throw new CommandLineError(`${given.map((each) => `--${each}`).join(" and ")} exclude each other: give one`);
  }
  return given[0] ?? (stdout.isTTY ? "table" : "json");
}

function version(): string {
  // The package's name finds the file from the source and from the bundle, which are in different folders.
  return createRequire(import.meta.url)("databar-client/package.json").version;
}
