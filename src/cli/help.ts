/** The help texts, made from the same tables as the commands. */
import { type Option, type OptionName, optionList, optionsOf } from "./args.js";
import {
  bodyExample,
  type Command,
  commandsUnder,
  findCommand,
  idName,
  isMethod,
  type MethodCommand,
  nextWords,
  PROGRAM,
  type QueryParameter,
  tools,
} from "./commands.js";
import { effectOf } from "./confirm.js";
import type { Style } from "./io.js";
import { describeType, resolve, type Schema } from "./schema.js";
import { kebab, shellWord } from "./shell.js";
import { displayWidth, pad, wrap } from "./width.js";

/** The width and style of a help text. */
export interface HelpOptions {
  width: number;
  style: Style;
}

/** A term and its meaning. */
type Entry = [term: string, text: string];

const WIDEST_TERM = 50;

const EXIT_CODES: Entry[] = [
  ["0", "success"],
  ["1", "the API returned an error, or a task failed"],
  ["2", "the command line is wrong; nothing was sent"],
  ["3", "no response: network error or timeout"],
  ["4", "the result cannot be written"],
  ["130", "interrupted, or declined"],
];

/** `databar-client --help` */
function programHelp(version: string, help: HelpOptions): string {
  const isTool = (word: string): boolean => tools.some(({ name }) => name === word);
  const resources = nextWords([]).filter((word) => !isTool(word));
  const others = tools.filter(({ kind }) => kind !== "complete");
  return new Page(help)
    .paragraph(`${PROGRAM} ${version}: the Databar.ai API on the command line.`)
    .lines("Usage", [`${PROGRAM} RESOURCE [PART] METHOD [IDS...] [OPTIONS]`])
    .entries(
      "Resources and their methods",
      resources.map((word) => [word, describeResource(word)]),
    )
    .entries("Other commands", [
      ["help [COMMAND]", "Show this help, or the help of a command"],
      ["enrich", "Run an enrichment for each row of a file, with a cap on credits (enrich --help)"],
      ...others.map((each): Entry => [usageWords(each), each.summary]),
    ])
    .entries("Options", optionEntries(optionList.filter(([, { of }]) => isShared(of))))
    .entries("Exit codes", EXIT_CODES)
    .lines("Examples", [
      `${PROGRAM} user me`,
      `${PROGRAM} enrichments iterate --query q=email --jsonl | head -3`,
      `${PROGRAM} enrichments run-and-wait 123 --body '{"params":{"email":"ada@example.com"}}'`,
      `${PROGRAM} tables rows --help`,
    ])
    .paragraph(
      "The API key is read from DATABAR_API_KEY, or from standard input with --api-key-stdin, and never from an argument. It is in your Databar workspace under Integrations.",
    )
    .paragraph("DATABAR_LOG=debug|info|warn|error writes a log of the requests to stderr, without headers and bodies.")
    .text();
}

/** `databar-client tables --help`, or the help of the program for no words. */
export function groupHelp(words: readonly string[], version: string, help: HelpOptions): string {
  if (words.length === 0) {
    return programHelp(version, help);
  }
  const path = words.join(" ");
  const all = commandsUnder(words);
  return new Page(help)
    .paragraph(`${PROGRAM} ${path}: ${all.length} ${all.length === 1 ? "method" : "methods"}.`)
    .lines("Usage", [`${PROGRAM} ${path} METHOD [IDS...] [OPTIONS]`])
    .entries(
      "Methods",
      all.map((each) => [usageWords(each), each.summary]),
    )
    .paragraph(`${PROGRAM} ${path} METHOD --help describes a method.`)
    .text();
}

/** `databar-client tables rows list --help` */
export function commandHelp(command: Command, help: HelpOptions): string {
  const page = new Page(help).paragraph(`${command.summary}.`).lines("Usage", [usage(command)]);
  const ids = command.ids.map((each): Entry => [idName(each), parameterText(each)]);
  if (!isMethod(command)) {
    return page
      .paragraph(command.description)
      .entries("Arguments", ids)
      .entries("Options", optionEntries(optionsOf(command)))
      .text();
  }
  const { operation, query, body, kind, name, operationName } = command;
  const isMany = kind === "many";
  const note = effectOf(command) ? "Asks first on a terminal, needs --yes elsewhere." : "";
  const base = name === operationName ? "" : `Based on ${operationName.split(".").map(kebab).join(" ")}: `;
  const rows = body && isMany ? resolve(body.schema).properties?.rows?.items : undefined;
  page
    .paragraph([`${base}${operation.description}`, note].filter(Boolean).join(" "))
    .entries("Request", requestEntries(command))
    .entries("Ids", ids)
    .entries(
      "Query",
      query.map((each) => [each.name, parameterText(each)]),
    );
  if (body && rows) {
    const how =
      "A JSON list, or JSON lines: one object per line. A file named .csv or .tsv has a field in each column. Rows are sent while they are read, so the input may be of any size.";
    page
      .lines("Body: rows, each with", [...wrap(how, help.width - 2), ...page.columns(fieldEntries(rows))])
      .entries("Settings", fieldEntries(body.schema, { without: ["rows"] }));
  } else if (body) {
    page.entries("Body", fieldEntries(body.schema, { isPartial: body.partial }));
  }
  return page
    .entries("Options", optionEntries(optionsOf(command).filter(([, { of }]) => !isShared(of))))
    .lines("Example", exampleLines(command))
    .paragraph(`${PROGRAM} --help shows the options that all commands accept, and the exit codes.`)
    .text();
}

/** `databar-client tables rows list TABLE_UUID` */
export function usage(command: Command): string {
  const { query, body, kind } = command;
  const bodyUsage = body && (kind === "many" || body.required ? " --body JSON|@FILE|-" : " [--body JSON|@FILE|-]");
  const optionsUsage = isMethod(command) || command.ids.length > 0 ? "" : " [OPTIONS]";
  return `${PROGRAM} ${usageWords(command)}${query.length > 0 ? " [--query NAME=VALUE]..." : ""}${bodyUsage ?? ""}${optionsUsage}`;
}

/** Collects the lines of a help text. */
class Page {
  readonly #lines: string[] = [];
  readonly #help: HelpOptions;

  constructor(help: HelpOptions) {
    this.#help = help;
  }

  paragraph(text: string): this {
    text && this.#lines.push(...wrap(text, this.#help.width), "");
    return this;
  }

  /** A section of lines that are not wrapped, so that they can be copied. */
  lines(title: string, lines: readonly string[]): this {
    lines.length > 0 && this.#lines.push(this.#help.style.bold(title), ...lines.map((line) => `  ${line}`), "");
    return this;
  }

  entries(title: string, entries: Entry[]): this {
    return this.lines(title, this.columns(entries));
  }

  /** Terms on the left, their meanings on the right. A wide term has its meaning on the next line. */
  columns(entries: Entry[]): string[] {
    const { width } = this.#help;
    const widest = entries.reduce((most, [term]) => Math.max(most, displayWidth(term)), 0);
    const left = Math.min(WIDEST_TERM, Math.floor(width / 2), widest);
    return entries.flatMap(([term, text]) => {
      const lines = wrap(text, Math.max(20, width - left - 4));
      const isWide = displayWidth(term) > left;
      const terms = isWide ? [""] : [term];
      return [
        ...(isWide ? [term] : []),
        ...lines.map((line, index) => `${pad(terms[index] ?? "", left)}  ${line}`.trimEnd()),
      ];
    });
  }

  text(): string {
    return this.#lines.join("\n").trimEnd();
  }
}

/** Whether every method accepts an option. */
function isShared(of: Option["of"]): boolean {
  return commandsUnder([]).filter(isMethod).every(of);
}

/** A resource's methods and parts. */
function describeResource(resource: string): string {
  const words = nextWords([resource]);
  const isCommand = (word: string): boolean => findCommand([resource, word]) !== undefined;
  return [...words.filter(isCommand), ...words.filter((word) => !isCommand(word)).map((part) => `${part} ...`)].join(
    ", ",
  );
}

/** A command's words with its ids. */
function usageWords({ words, ids }: Command): string {
  return [...words, ...ids.map(idName)].join(" ");
}

function requestEntries({ name, operation, operationName, kind }: MethodCommand): Entry[] {
  const source =
    operation.source === "documented"
      ? (operation.docs ?? "documented; the contract names no page")
      : "undocumented; taken from Databar's own clients";
  const more = {
    call: "",
    iterate: ", once per page",
    many: ", once per 50 rows",
    wait: ", until the task has ended",
    "run-and-wait": ", then GET /v1/tasks/{task_id} until the task has ended",
  }[kind];
  const reads = name === "connectors.update" ? "GET, then " : "";
  return [
    ["HTTP", `${reads}${operation.method} ${operation.path}${more}`],
    ["source", source],
    ["in code", `databar.${name}()${name === operationName ? "" : `, based on databar.${operationName}()`}`],
  ];
}

function parameterText({ schema, description, ...more }: Partial<QueryParameter> & { schema: Schema }): string {
  return `${more.isJson ? "JSON" : describeType(schema)}${standard(more.default)}. ${description}`;
}

function standard(value: unknown): string {
  return value === undefined ? "" : `, default ${JSON.stringify(value)}`;
}

/** The fields of an object, and the fields of the objects in it. Fields of a partial object are neither required nor set. */
function fieldEntries(
  schema: Schema,
  { without = [], isPartial = false, depth = 0 }: { without?: string[]; isPartial?: boolean; depth?: number } = {},
): Entry[] {
  const { properties = {}, required = [] } = resolve(schema);
  return Object.entries(properties)
    .filter(([name]) => !without.includes(name))
    .flatMap(([name, property]): Entry[] => {
      const { description = "" } = { ...resolve(property), ...property };
      const marks = isPartial ? "" : `${required.includes(name) ? ", required" : ""}${standard(property.default)}`;
      const inner = innerObject(property);
      return [
        [`${"  ".repeat(depth)}${name}`, `${describeType(property)}${marks}. ${description}`.trim()],
        ...(inner && depth < 3 ? fieldEntries(inner, { depth: depth + 1 }) : []),
      ];
    });
}

/** The schema of the objects in a field: its own, one of its alternatives, or the items of its list. */
function innerObject(schema: Schema): Schema | undefined {
  const candidates = [schema, ...(schema.anyOf ?? [])].flatMap((each) => [each, ...(each.items ? [each.items] : [])]);
  return candidates.find((each) => each.$ref !== undefined && resolve(each).properties !== undefined);
}

function exampleLines(command: MethodCommand): string[] {
  const { kind, body, operation } = command;
  const example = body && bodyExample(command);
  const line = `${PROGRAM} ${usageWords(command)}`;
  const yes = effectOf(command) ? " --yes" : "";
  if (kind === "many") {
    return [`${line} --body @rows.jsonl`];
  }
  if (!example) {
    const parameter = command.query.find(({ isJson }) => !isJson);
    const value = parameter && (resolve(parameter.schema).type === "string" ? "email" : String(parameter.default ?? 1));
    const query = parameter ? ` --query ${parameter.name}=${value}` : "";
    return [`${line}${query}${yes}${kind === "iterate" ? " --jsonl" : ""}`];
  }
  const value = body.partial ? firstField(example.value) : example.value;
  const source = example.source === "documented" ? `as documented for ${operation.method}` : "synthesised";
  return [`${line} --body ${shellWord(JSON.stringify(value))}${yes}`, `(the body is ${source})`];
}

function firstField(value: unknown): object {
  return Object.fromEntries(Object.entries(Object(value)).slice(0, 1));
}

function optionEntries(all: [OptionName, Option][]): Entry[] {
  return all.map(([name, { value, short, text, typed = name }]) => [
    `${short ? `-${short}, ` : ""}--${typed}${value ? ` ${value}` : ""}`,
    text,
  ]);
}
