/** The command line: from arguments to an exit code. */
import { createRequire } from "node:module";
import { Databar } from "../client.js";
import { RUNTIME, type TestOptions } from "../options.js";
import {
  type Arguments,
  options as allOptions,
  type Option,
  optionsOf,
  readArguments,
  text,
  wholeNumber,
} from "./args.js";
import { readKey } from "./body.js";
import { callMethod, readInput } from "./call.js";
import { type Command, commands, commandsUnder, findCommand, idName, nextWords, waitingFor } from "./commands.js";
import { completionScript } from "./completion.js";
import { confirm, describeEffect, effectOf } from "./confirm.js";
import { Console } from "./console.js";
import { CommandLineError, describeFailure, describeStack, EXIT, exitCode, type FailureContext } from "./failure.js";
import { allWords, commandHelp, groupHelp, PROGRAM, programHelp, usage } from "./help.js";
import { type Io, PipeClosed, styleOf, widthOf } from "./io.js";
import { countOf, type Format, Printer } from "./print.js";
import { nearest } from "./suggest.js";

const WIDEST_HELP = 100;

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
    console.clear();
    if (error instanceof PipeClosed) {
      return EXIT.ok;
    }
    context.interrupted = io.signal.aborted;
    console.error(describeFailure(error, context));
    if (args.includes("--debug")) {
      console.block(describeStack(error));
    }
    return context.interrupted ? EXIT.interrupted : exitCode(error);
  }
}

async function run(args: readonly string[], io: Io, console: Console, context: FailureContext): Promise<number> {
  if (args[0] === "help") {
    return run([...args.slice(1), "--help"], io, console, context);
  }
  if (args[0] === "mock") {
    return runMock(args.slice(1), io);
  }
  if (args[0] === "enrich") {
    const { runEnrich } = await import("./enrich.js");
    const createClient = (options: TestOptions) =>
      new Databar({ ...options, fetch: io.fetch, [RUNTIME]: io.runtime } as TestOptions);
    context.command = "enrich";
    return runEnrich(args.slice(1), { io, console, createClient });
  }
  const { words, given } = readArguments(args);
  const printer = new Printer(formatOf(given, io), io, console);
  const help = { width: Math.min(widthOf(io.stdout, io.env), WIDEST_HELP), style: styleOf(io.stdout, io.env) };
  if (given.has("version")) {
    await printer.text(version());
  } else if (words[0] === "completion" && !given.has("help")) {
    await printer.text(completionScript(words[1]));
  } else if (words.length === 0 || words[0] === "completion") {
    return showHelp(programHelp(version(), help), given, printer, console);
  } else {
    const { path, ids } = splitWords(words);
    const command = findCommand(path);
    if (!command) {
      return showHelp(groupHelp(path, help), given, printer, console);
    }
    context.command = command.words.join(" ");
    if (given.has("help")) {
      await printer.text(commandHelp(command, help));
    } else {
      await runCommand(command, ids, given, io, { console, printer, context });
    }
  }
  return EXIT.ok;
}

/** Help that was asked for is a result; help in place of what was asked for is not. */
async function showHelp(page: string, given: Arguments["given"], printer: Printer, console: Console): Promise<number> {
  if (given.has("help")) {
    await printer.text(page);
    return EXIT.ok;
  }
  console.page(page);
  return EXIT.usage;
}

async function runCommand(
  named: Command,
  ids: readonly string[],
  given: Arguments["given"],
  io: Io,
  { console, printer, context }: { console: Console; printer: Printer; context: FailureContext },
): Promise<void> {
  const command = (given.has("wait") && waitingFor(named)) || named;
  checkOptions(named, command, given);
  checkIds(command, ids);
  context.baseUrl = text(given, "base-url");
  const apiKey = given.has("api-key-stdin") ? await readKey(io) : io.env.DATABAR_API_KEY;
  console.hide(apiKey);
  const databar = createClient(apiKey, given, io, console);
  const input = await readInput(command, ids, given, io);
  context.fromIndex = input.fromIndex;
  if (effectOf(command) && !given.has("yes")) {
    const isStdinFree = !given.has("api-key-stdin") && text(given, "body") !== "-";
    await confirm(describeEffect(command, ids, input.body), isStdinFree, io, console);
  }
  await callMethod(command, input, given, { databar, io, console, printer });
}

function createClient(apiKey: string | undefined, given: Arguments["given"], io: Io, console: Console): Databar {
  if (!apiKey) {
    throw new CommandLineError(
      given.has("api-key-stdin")
        ? "No API key: standard input was empty"
        : "No API key: set DATABAR_API_KEY, or pipe the key in with --api-key-stdin. The key is in your Databar workspace under Integrations",
    );
  }
  const options: TestOptions = {
    apiKey,
    baseUrl: text(given, "base-url"),
    timeoutMs: wholeNumber(given, "timeout-ms"),
    maxRetries: wholeNumber(given, "max-retries"),
    fetch: io.fetch,
    hooks: {
      onRetry: ({ reason, delayMs }) =>
        // What matters first: a terminal may cut off the end.
        console.progress(`trying again in ${Math.ceil(delayMs / 1_000)} s: ${reason}`),
    },
    [RUNTIME]: io.runtime,
  };
  return new Databar(options);
}

function formatOf(given: Arguments["given"], { stdout }: Io): Format {
  const asked = (["json", "jsonl", "table"] as const).filter((format) => given.has(format));
  if (asked.length > 1) {
    throw new CommandLineError(`${asked.map((each) => `--${each}`).join(" and ")} exclude each other: give one`);
  }
  return asked[0] ?? (stdout.isTTY ? "table" : "json");
}

/** The words that name something, and the ids after them. */
function splitWords(words: readonly string[]): { path: string[]; ids: string[] } {
  const path: string[] = [];
  for (const word of words) {
    const next = nextWords(path);
    if (next.length === 0) {
      break;
    }
    if (!next.includes(word)) {
      throw new CommandLineError(unknownWord(path, word, next));
    }
    path.push(word);
  }
  return { path, ids: words.slice(path.length) };
}

function unknownWord(path: readonly string[], word: string, next: readonly string[]): string {
  const before = path.map((each) => `${each} `).join("");
  const meant = nearest(word, path.length === 0 ? [...next, "help", "completion", "enrich", "mock"] : next);
  const hint = meant ? `${before}${meant}` : describePlaces(nearest(word, allWords()));
  return `Unknown command "${before}${word}": ${hint ? `did you mean ${hint}?` : `${PROGRAM} ${before}--help shows what there is`}`;
}

/** Where a word stands that was typed without what belongs before it. */
function describePlaces(word: string | undefined): string | undefined {
  const places = commands.flatMap(({ words }) =>
    word !== undefined && words.includes(word) ? [words.slice(0, words.indexOf(word) + 1).join(" ")] : [],
  );
  const all = [...new Set(places)];
  return all.length === 0 ? undefined : `${all.slice(0, 3).join(", ")}${all.length > 3 ? " or another" : ""}`;
}

function checkOptions(named: Command, command: Command, given: Arguments["given"]): void {
  const accepted = [...optionsOf(named), ...optionsOf(command)].map(([name]) => name);
  for (const name of given.keys()) {
    if (!accepted.includes(name)) {
      const { of }: Option = allOptions[name];
      const takers = commandsUnder([]).filter((each) => of?.(each));
      const only = takers.slice(0, 3).map(({ words }) => words.join(" "));
      throw new CommandLineError(
        `${named.words.join(" ")} takes no --${name}: it goes with ${only.join(", ")}${takers.length > 3 ? " and others" : ""}`,
      );
    }
  }
  const readers = ["body", "settings"].flatMap((name) => (text(given, name as "body") === "-" ? [`--${name} -`] : []));
  const all = [...readers, ...(given.has("api-key-stdin") ? ["--api-key-stdin"] : [])];
  if (all.length > 1) {
    throw new CommandLineError(`${all.join(" and ")} exclude each other: standard input can be read once`);
  }
}

function checkIds(command: Command, ids: readonly string[]): void {
  if (ids.length !== command.ids.length) {
    const names = command.ids.map(({ name }) => idName(name)).join(" ") || "no ids";
    const verb = ids.length < command.ids.length ? "needs" : "takes";
    throw new CommandLineError(
      `${command.words.join(" ")} ${verb} ${names}: got ${describeIds(ids)}; usage: ${usage(command)}`,
    );
  }
}

/** What was given, the first few of it; each as a whole, so that a key among them is known and masked. */
function describeIds(ids: readonly string[]): string {
  const shown = JSON.stringify([...ids.slice(0, 3), ...(ids.length > 3 ? ["..."] : [])].join(" "));
  return ids.length === 0 ? "none" : `${countOf(ids.length, "value")}, ${shown}`;
}

async function runMock(args: string[], io: Io): Promise<number> {
  const { runMock: run } = await import("../testing/mock-command.js");
  // A log that nobody reads any more is no reason to stop serving.
  io.stdout.on("error", () => {});
  return run(args, { stdout: io.stdout, stderr: io.stderr, signal: io.signal });
}

function version(): string {
  // By the package's own name: where this file lies differs between the source and the bundle.
  return createRequire(import.meta.url)("databar-client/package.json").version;
}
