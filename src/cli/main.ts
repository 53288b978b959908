/**
 * The command line: from arguments to an exit code. Every method of the client is a command, made from the operation table
 * (`commands.ts`) and the few facts in `facade.ts`.
 *
 * This folder may import the client, its public entry, `errors`, `options`, `generated` and Node. In `src`, only
 * the program `cli.ts` imports this folder. `testing/mock-command.ts` is imported when the command `mock` runs.
 */
import { createRequire } from "node:module";
import { type ClientOptions, Databar, type Hooks } from "../index.js";
import { readArguments, type Values, wholeNumber } from "./args.js";
import { readKey } from "./body.js";
import { callMethod, readInput } from "./call.js";
import { checkIds, checkOptions, describeUnknownWord } from "./check.js";
import { findCommand, isMethod, type MethodCommand, shells, splitWords, type Tool, waitingFor } from "./commands.js";
import { complete, scripts } from "./complete.js";
import { confirm, describeEffect, effectOf } from "./confirm.js";
import { Console } from "./console.js";
import { watchResponses } from "./drift.js";
import { CommandLineError, describeFailure, describeStack, EXIT, exitCode, type FailureContext } from "./failure.js";
import { commandHelp, groupHelp } from "./help.js";
import { type Io, PipeClosed, styleOf, widthOf } from "./io.js";
import { type Format, Printer } from "./print.js";
import { nearest } from "./suggest.js";

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
  const context: FailureContext = { command: undefined, interrupted: false, baseUrl: undefined, fromIndex: 0 };
  try {
    return await run(args, io, console, context);
  } catch (error) {
    if (error instanceof PipeClosed) {
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
  const { words, values } = readArguments(args, (typed) => findCommand(splitWords(typed).path));
  context.debug = values.debug;
  const printer = new Printer(formatOf(values, io), io, console);
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
  context.baseUrl = values["base-url"];
  const readsKey = values["api-key-stdin"];
  const apiKey = readsKey ? await readKey(io) : io.env.DATABAR_API_KEY;
  if (!apiKey) {
    throw new CommandLineError(
      readsKey
        ? "No API key: standard input was empty"
        : "No API key: set DATABAR_API_KEY, or pipe the key in with --api-key-stdin. The key is in your Databar workspace under Integrations",
    );
  }
  console.hide(apiKey);
  const drift = values.drift ? await watchResponses(console) : undefined;
  const databar = createClient(apiKey, session, drift?.hooks);
  const input = await readInput(command, ids, values, io);
  context.fromIndex = input.fromIndex;
  if (effectOf(command) && !values.yes) {
    const isStdinFree = !readsKey && values.body !== "-" && values.settings !== "-";
    await confirm(describeEffect(command, ids, input.body), isStdinFree, io, console);
  }
  try {
    await callMethod(command, input, { ...session, databar });
  } finally {
    // The checks run after the result, also after that of a failed call.
    await drift?.settled();
  }
}

function createClient(apiKey: string, { io, console, values }: Session, hooks?: Hooks): Databar {
  const options: ClientOptions = {
    apiKey,
    baseUrl: values["base-url"],
    timeoutMs: wholeNumber(values, "timeout-ms"),
    maxRetries: wholeNumber(values, "max-retries"),
    hooks: {
      ...hooks,
      onRetry: ({ reason, delayMs }) =>
        // The delay comes first: a narrow terminal cuts off the end.
        console.progress(`retrying in ${Math.ceil(delayMs / 1_000)} s: ${reason}`),
    },
  };
  return io.createClient?.(options) ?? new Databar(options);
}

async function runTool({ kind }: Tool, words: readonly string[], session: Session): Promise<void> {
  switch (kind) {
    case "complete":
      return session.printer.text(complete(words));
    case "completion":
      return session.printer.text(completionScript(words[0] ?? ""));
    case "mock":
      return mock(session);
  }
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
  const options = {
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

function formatOf({ json, jsonl, table }: Values, { stdout }: Io): Format {
  const given = Object.entries({ json, jsonl, table }).flatMap(([name, isGiven]) => (isGiven ? [name as Format] : []));
  if (given.length > 1) {
    throw new CommandLineError(`${given.map((each) => `--${each}`).join(" and ")} exclude each other: give one`);
  }
  return given[0] ?? (stdout.isTTY ? "table" : "json");
}

function version(): string {
  // The package's name finds the file from the source and from the bundle, which are in different folders.
  return createRequire(import.meta.url)("databar-client/package.json").version;
}
