/** Reads the arguments. What an option means, whom it concerns and how it is told in the help stands in one table. */
import { parseArgs } from "node:util";
import type { Command } from "./commands.js";
import { CommandLineError } from "./failure.js";
import { nearest } from "./suggest.js";

/** An option, as the help tells it. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** How the help calls its value. */
  readonly value?: string;
  readonly text: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** The commands that take it; all, if left out. */
  readonly of?: (command: Command) => boolean;
}

const waits = ({ kind }: Command): boolean => kind === "wait" || kind === "run-and-wait";
const runs = ({ operation, name }: Command): boolean =>
  operation.method === "POST" && /^\w+\.(run|bulkRun)$/.test(name);
const many = ({ kind }: Command): boolean => kind === "many";

/** All options. */
export const options = {
  query: {
    type: "string",
    value: "NAME=VALUE",
    multiple: true,
    text: "a parameter of the query; may be repeated",
    of: ({ query }) => query.length > 0,
  },
  body: {
    type: "string",
    value: "JSON|@FILE|-",
    text: "the body: JSON, a file's with @FILE, standard input's with -",
    of: ({ body }) => body !== undefined,
  },
  settings: { type: "string", value: "JSON|@FILE", text: "what goes with each batch of rows", of: many },
  "from-index": { type: "string", value: "N", text: "leave out the first N rows: to go on after a failure", of: many },
  wait: { type: "boolean", text: "wait for the result: as the method's ...-and-wait", of: runs },
  "wait-timeout-ms": {
    type: "string",
    value: "N",
    text: "how long to wait in all, in milliseconds (default 300000)",
    of: waits,
  },
  "poll-interval-ms": {
    type: "string",
    value: "N",
    text: "first pause between two looks, in milliseconds; later ones grow to 10000 (default 2000)",
    of: waits,
  },
  "no-data-grace-ms": {
    type: "string",
    value: "N",
    text: "how long no_data must last to be believed, in milliseconds (default 10000)",
    of: waits,
  },
  yes: { type: "boolean", short: "y", text: "do not ask before spending credits, deleting or overwriting" },
  json: { type: "boolean", text: "exact JSON, secrets included (default where the output is no terminal)" },
  jsonl: { type: "boolean", text: "exact JSON, secrets included, one item per line as it comes" },
  table: { type: "boolean", text: "a table that fits the terminal, secrets masked (default on a terminal)" },
  "api-key-stdin": { type: "boolean", text: "read the key from standard input instead of DATABAR_API_KEY" },
  "base-url": { type: "string", value: "URL", text: "where the API is (default https://api.databar.ai)" },
  "timeout-ms": { type: "string", value: "N", text: "how long one attempt may take, in milliseconds (default 30000)" },
  "max-retries": { type: "string", value: "N", text: "how often a failed attempt may be repeated (default 2)" },
  debug: { type: "boolean", text: "with an error, its stack" },
  help: { type: "boolean", short: "h", text: "this help" },
  version: { type: "boolean", text: "the version" },
} as const satisfies Record<string, Option>;

/** The name of an option. */
export type OptionName = keyof typeof options;

/** The arguments, taken apart. */
export interface Arguments {
  /** The command's words and the ids. */
  words: string[];
  given: ReadonlyMap<OptionName, string[]>;
}

/** @throws CommandLineError for an option that is unknown, repeated, or lacks its value; a key is never repeated in it. */
export function readArguments(args: readonly string[]): Arguments {
  const config = Object.fromEntries(
    Object.entries<Option>(options).map(([name, { type, short }]) => [name, { type, ...(short && { short }) }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<OptionName, string[]>();
  for (const token of tokens) {
    if (token.kind === "option") {
      const name = knownOption(token.name, token.rawName, args);
      given.set(name, [...(given.get(name) ?? []), optionValue(name, token.value, token.inlineValue)]);
    }
  }
  for (const [name, values] of given) {
    const { multiple = false }: Option = options[name];
    if (values.length > 1 && !multiple && options[name].type === "string") {
      throw new CommandLineError(`--${name} was given ${values.length} times: give it once`);
    }
  }
  return { words: tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : [])), given };
}

/** The options that a command takes, with its own first. */
export function optionsOf(command: Command | undefined): [OptionName, Option][] {
  const all = Object.entries<Option>(options) as [OptionName, Option][];
  return all.filter(([, { of }]) => of === undefined || (command !== undefined && of(command)));
}

/** The one value of an option. */
export function text(given: Arguments["given"], name: OptionName): string | undefined {
  return given.get(name)?.[0];
}

/** The one value of an option, as a whole number from 0. */
export function wholeNumber(given: Arguments["given"], name: OptionName): number | undefined {
  const value = text(given, name);
  if (value !== undefined && !/^\d{1,15}$/.test(value)) {
    throw new CommandLineError(`--${name} must be a whole number: got ${JSON.stringify(value)}`);
  }
  return value === undefined ? undefined : Number(value);
}

function knownOption(name: string, rawName: string, args: readonly string[]): OptionName {
  if (Object.hasOwn(options, name)) {
    return name as OptionName;
  }
  if (/^(x-?)?(databar-?)?(api-?key|key|token)$/i.test(name)) {
    throw new CommandLineError(
      `${rawName} is refused: other users of the machine and your shell's history would see the key; set DATABAR_API_KEY, or pipe the key in with --api-key-stdin`,
    );
  }
  const meant = nearest(name, Object.keys(options));
  const hint = meant ? `did you mean --${meant}?` : "--help shows the options";
  const isQuery = rawName.startsWith("--") && !meant && !args.includes("--query");
  const asQuery = isQuery ? `; a parameter of the query goes in --query ${name}=...` : "";
  throw new CommandLineError(`Unknown option ${rawName}: ${hint}${asQuery}`);
}

function optionValue(name: OptionName, value: string | undefined, isInline: boolean | undefined): string {
  const { type, value: placeholder }: Option = options[name];
  if (type === "boolean") {
    if (isInline) {
      throw new CommandLineError(`--${name} takes no value`);
    }
    return "";
  }
  if (value === undefined || (!isInline && value.startsWith("--"))) {
    throw new CommandLineError(`--${name} needs a value: --${name} ${placeholder}`);
  }
  return value;
}
