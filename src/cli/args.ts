/** Reads the arguments. One table defines each option: its value, its help text and the commands that accept it. */
import { parseArgs } from "node:util";
import { type Command, isMethod, takesKey } from "./commands.js";
import { CommandLineError } from "./failure.js";
import { nearest } from "./suggest.js";

/** An option. */
export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What the help shows for its value. */
  readonly value?: string;
  readonly text: string;
  /** What is typed, if another option with this name goes with other commands. */
  readonly typed?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  /** Whether a command accepts it. */
  readonly of: (command: Command) => boolean;
}

type Of = Option["of"];
const flag = (text: string, of: Of) => ({ type: "boolean", text, of }) as const;
const text = (value: string, text: string, of: Of) => ({ type: "string", value, text, of }) as const;
const list = (value: string, help: string, of: Of) =>
  ({ ...text(value, `${help}; may be repeated`, of), multiple: true }) as const;

const all = (): boolean => true;
const callsApi: Of = (command) => isMethod(command) || command.kind === "types";
const types: Of = ({ kind }) => kind === "types";
const waits: Of = ({ kind }) => kind === "wait" || kind === "run-and-wait";
const many: Of = ({ kind }) => kind === "many";
const mock: Of = ({ kind }) => kind === "mock";
const runs: Of = (command) =>
  isMethod(command) && command.operation.method === "POST" && /^\w+\.(run|bulkRun)$/.test(command.name);

/** All options. A test calls a command with each of them, so that no option is accepted and ignored. */
export const options = {
  query: list("NAME=VALUE", "a query parameter", ({ query }) => query.length > 0),
  body: text(
    "JSON|@FILE|-",
    "the body: JSON, @FILE for a file, - for standard input",
    ({ body }) => body !== undefined,
  ),
  settings: text("JSON|@FILE|-", "the other fields of the body, sent with each batch of rows", many),
  key: text("COLUMN", "the column that identifies a row, for --body @FILE.csv", takesKey),
  "from-index": text("N", "skip the first N rows, to continue after a failure", many),
  wait: flag("wait for the result, like the ...-and-wait method", runs),
  "wait-timeout-ms": text("N", "total time to wait for the task, in milliseconds (default 300000)", waits),
  "poll-interval-ms": text("N", "first pause between polls, in milliseconds; grows to 10000 (default 2000)", waits),
  "no-data-grace-ms": text("N", "how long no_data must last to be final, in milliseconds (default 10000)", waits),
  port: text("N", "port to listen on, 0 for any free one (default 4010)", mock),
  host: text("ADDRESS", "address to listen on (default 127.0.0.1, which only this machine reaches)", mock),
  simulate: flag("simulate a workspace that remembers: tasks, credits, tables, connectors", mock),
  "rate-limit": text("N", "with --simulate: requests per second, more get a 429 (default no limit)", mock),
  balance: text("N", "with --simulate: credits at the start (default 1000)", mock),
  latency: text("MS", "milliseconds to wait before each response (default 0)", mock),
  fail: list("STATUS:SHARE", "make a share of the requests fail: 503:0.1 for a tenth", mock),
  seed: text(
    "N",
    "selects the requests that fail, and the simulated results: the same ones for the same seed (default 1)",
    mock,
  ),
  enrichment: list("ID", "the id of an enrichment", types),
  "table-id": { ...list("UUID", "the id of a table", types), typed: "table" },
  yes: { ...flag("do not ask before spending credits, deleting or overwriting", isMethod), short: "y" },
  json: flag("print exact JSON, secrets included (default unless on a terminal)", isMethod),
  jsonl: flag("print exact JSON, secrets included, one item per line", isMethod),
  table: flag("print a table that fits the terminal, secrets masked (default on a terminal)", isMethod),
  csv: flag("print CSV, secrets included: a line of column names, then one line per item", isMethod),
  columns: text("A,B", "with --csv or --table: only these columns, in this order", isMethod),
  "api-key-stdin": flag("read the API key from standard input instead of DATABAR_API_KEY", callsApi),
  "base-url": text("URL", "the base URL of the API (default https://api.databar.ai)", callsApi),
  proxy: text("URL", "the proxy to use (default HTTPS_PROXY, except for the hosts in NO_PROXY)", callsApi),
  "timeout-ms": text("N", "time limit of one attempt, in milliseconds (default 30000)", callsApi),
  "max-retries": text("N", "how often a failed request may be retried (default 2)", callsApi),
  drift: flag("report on standard error where responses differ from the contract", isMethod),
  debug: flag("print the stack of an error", all),
  help: { ...flag("show help", all), short: "h" },
  version: flag("show the version", all),
} as const satisfies Record<string, Option>;

/** The name of an option. */
export type OptionName = keyof typeof options;

/** Every option with its name. */
export const optionList = Object.entries<Option>(options) as [OptionName, Option][];

/** The values of the given options. */
export type Values = ReturnType<typeof parse>["values"];

const parse = (args: string[]) => parseArgs({ args, options, allowPositionals: true });

/** The name of an option as it is typed. */
export function typedName(name: string): string {
  return optionList.find(([each]) => each === name)?.[1].typed ?? name;
}

/** Renames options whose meaning depends on the command. */
function rename(args: readonly string[]): string[] {
  const { positionals } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  const [first, second] = positionals;
  const isTypes = (first === "help" ? second : first) === "types";
  return isTypes ? args.map((each) => each.replace(/^--table(?==|$)/, "--table-id")) : [...args];
}

/** Parses arguments without checking them. */
export function tokenize(given: readonly string[]) {
  const args = rename(given);
  const { tokens } = parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
  const words = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : []));
  return { words, given: tokens.filter((token) => token.kind === "option"), last: tokens.at(-1) };
}

/**
 * @param commandOf - Finds the command that the words name, to suggest what it accepts.
 * @throws CommandLineError for an unknown or repeated option, or a missing value. The message never contains a key.
 */
export function readArguments(
  args: readonly string[],
  commandOf: (words: readonly string[]) => Command | undefined,
): { words: string[]; values: Values } {
  const { words, given } = tokenize(args);
  const command = commandOf(words);
  for (const token of given) {
    const option = checkOption(token, command);
    const { length } = given.filter(({ name }) => name === token.name);
    if (length > 1 && option.type === "string" && !option.multiple) {
      throw new CommandLineError(`--${typedName(token.name)} was given ${length} times: give it once`);
    }
  }
  return { words, values: parse(rename(args)).values };
}

/** The value of an option as a whole number. @throws CommandLineError if it is none, or larger than `most`. */
export function wholeNumber<Name extends OptionName>(
  values: Pick<Values, Name>,
  name: Name,
  most = 1e15 - 1,
): number | undefined {
  const value = values[name];
  if (value !== undefined && (!/^\d+$/.test(String(value)) || Number(value) > most)) {
    const range = most < 1e15 - 1 ? ` from 0 to ${most}` : "";
    throw new CommandLineError(`--${name} must be a whole number${range}, got ${JSON.stringify(value)}`);
  }
  return value === undefined ? undefined : Number(value);
}

/** The value of an option as a number, which may have decimals. @throws CommandLineError if it is none. */
export function decimal(values: Values, name: OptionName): number | undefined {
  const value = values[name];
  if (value !== undefined && !/^\d+(\.\d+)?$/.test(String(value))) {
    throw new CommandLineError(`--${name} must be a number, such as 20 or 0.5, got ${JSON.stringify(value)}`);
  }
  return value === undefined ? undefined : Number(value);
}

/** The options that a command accepts. */
export function optionsOf(command: Command): [OptionName, Option][] {
  return optionList.filter(([, { of }]) => of(command));
}

type OptionToken = ReturnType<typeof tokenize>["given"][number];

function checkOption({ name, rawName, value, inlineValue }: OptionToken, command: Command | undefined): Option {
  const option = optionList.find(([each]) => each === name)?.[1];
  // A command without key columns is given an API key.
  const isApiKey = name === "key" && !(command && option?.of(command));
  if (!option || isApiKey) {
    throw new CommandLineError(describeUnknown(name, rawName, command));
  }
  if (option.type === "boolean" && inlineValue) {
    throw new CommandLineError(`--${name} takes no value`);
  }
  if (option.type === "string" && (value === undefined || (!inlineValue && /^-./.test(value)))) {
    const typed = typedName(name);
    const form = value === undefined ? `--${typed} ${option.value}` : `write --${typed}=VALUE if it starts with -`;
    throw new CommandLineError(`--${typed} needs a value: ${form}`);
  }
  return option;
}

function describeUnknown(name: string, rawName: string, command: Command | undefined): string {
  if (/^(x-?)?(databar-?)?(api-?key|key|token)$/i.test(name)) {
    return `${rawName} is refused: other users of this machine and your shell history would see the key; set DATABAR_API_KEY, or pipe the key in with --api-key-stdin`;
  }
  if (command?.query.some((each) => each.name === name)) {
    return `Unknown option ${rawName}: a query parameter goes in --query ${name}=...`;
  }
  const meant = nearest(
    name,
    (command ? optionsOf(command) : optionList).map(([each]) => each),
  );
  return `Unknown option ${rawName}: ${meant ? `did you mean --${meant}?` : "--help shows the options"}`;
}
