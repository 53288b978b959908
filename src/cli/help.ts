/** The help texts, made of the same tables as the commands. */
import { type Option, type OptionName, optionsOf } from "./args.js";
import {
  bodyExample,
  type Command,
  commands,
  commandsUnder,
  findCommand,
  idName,
  kebab,
  nextWords,
} from "./commands.js";
import { effectOf } from "./confirm.js";
import type { Style } from "./io.js";
import { describeType, resolve, type Schema } from "./schema.js";
import { displayWidth, pad, wrap } from "./width.js";

export const PROGRAM = "databar-client";

/** How a help text is set. */
export interface HelpOptions {
  width: number;
  style: Style;
}

/** A term and what it means. */
type Entry = [term: string, text: string];

const WIDEST_TERM = 50;

const EXIT_CODES: Entry[] = [
  ["0", "success"],
  ["1", "the API answered with an error, or a task failed"],
  ["2", "the command line is wrong; nothing was sent"],
  ["3", "no answer: network or timeout"],
  ["130", "interrupted, or not agreed to"],
];

/** `databar-client --help` */
export function programHelp(version: string, help: HelpOptions): string {
  const resources = nextWords([]).map((word): Entry => [word, describeResource(word)]);
  return page([
    ...paragraph(`${PROGRAM} ${version}: the Databar.ai API on the command line.`, help),
    ...section("Usage", [`${PROGRAM} RESOURCE [PART] METHOD [IDS...] [OPTIONS]`], help),
    ...section("Resources and their methods", entries(resources, help), help),
    ...section(
      "Other commands",
      entries(
        [
          ["help [COMMAND]", "this help, or a command's, as --help gives it"],
          ["completion SHELL", "print a completion script for bash, zsh or fish"],
          ["enrich", "run an enrichment for each row of a table; enrich --help tells more"],
          ["mock", "serve the contract's examples on a local port; mock --help tells more"],
        ],
        help,
      ),
      help,
    ),
    ...section("Options", optionEntries(optionsOf(undefined), help), help),
    ...section("Exit codes", entries(EXIT_CODES, help), help),
    ...section(
      "Examples",
      [
        `${PROGRAM} user me`,
        `${PROGRAM} enrichments iterate --query q=email --jsonl | head -3`,
        `${PROGRAM} enrichments run-and-wait 123 --body '{"params":{"email":"ada@example.com"}}'`,
        `${PROGRAM} tables rows --help`,
      ],
      help,
    ),
    ...paragraph(
      "The key is read from DATABAR_API_KEY, or from standard input with --api-key-stdin; never from an argument. It is in your Databar workspace under Integrations.",
      help,
    ),
  ]);
}

/** A resource's methods and parts. */
function describeResource(resource: string): string {
  const [methods, parts] = [true, false].map((isMethod) =>
    nextWords([resource]).filter((word) => (findCommand([resource, word]) !== undefined) === isMethod),
  );
  return [methods?.join(", "), ...(parts?.map((part) => `${part} ...`) ?? [])].filter(Boolean).join(", ");
}

/** `databar-client tables --help` */
export function groupHelp(words: readonly string[], help: HelpOptions): string {
  const path = words.join(" ");
  const all = commandsUnder(words).map((each): Entry => [usageWords(each), each.summary]);
  return page([
    `${PROGRAM} ${path}: ${all.length} ${all.length === 1 ? "method" : "methods"}.`,
    "",
    ...section("Usage", [`${PROGRAM} ${path} METHOD [IDS...] [OPTIONS]`], help),
    ...section("Methods", entries(all, help), help),
    ...paragraph(`${PROGRAM} ${path} METHOD --help tells what a method takes.`, help),
  ]);
}

/** `databar-client tables rows list --help` */
export function commandHelp(command: Command, help: HelpOptions): string {
  const { operation, ids, query, body, kind } = command;
  const own = optionsOf(command).filter(([, { of }]) => of !== undefined);
  const effect = effectOf(command);
  // What it does the description has said.
  const note = effect ? "On a terminal it asks first, elsewhere it needs --yes." : "";
  const base = command.name === command.operationName ? "" : `On top of ${operationWords(command)}: `;
  return page([
    ...paragraph(`${command.summary}.`, help),
    ...section("Usage", [usage(command)], help),
    ...paragraph([`${base}${operation.description}`, note].filter(Boolean).join(" "), help),
    ...section("Request", entries(requestEntries(command), help), help),
    ...section(
      "Ids",
      entries(
        ids.map((each) => [idName(each.name), parameterText(each)]),
        help,
      ),
      help,
    ),
    ...section(
      "Query",
      entries(
        query.map((each) => [each.name, parameterText(each)]),
        help,
      ),
      help,
    ),
    ...(body ? section(kind === "many" ? "Body: rows, each with" : "Body", bodyEntries(command, help), help) : []),
    ...(kind === "many" && body ? section("Settings", entries(fieldEntries(body.schema, ["rows"]), help), help) : []),
    ...section("Options", optionEntries(own, help), help),
    ...section("Example", exampleLines(command), help),
    ...paragraph(`${PROGRAM} --help shows the options that all commands take, and the exit codes.`, help),
  ]);
}

/** `databar-client tables rows list TABLE_UUID` */
export function usage(command: Command): string {
  const { query, body, kind } = command;
  const wants = body && (kind === "many" || body.required ? " --body JSON|@FILE|-" : " [--body JSON|@FILE|-]");
  return `${PROGRAM} ${usageWords(command)}${query.length > 0 ? " [--query NAME=VALUE]..." : ""}${wants ?? ""}`;
}

function operationWords({ operationName }: Command): string {
  return operationName.split(".").map(kebab).join(" ");
}

/** A command's words with its ids. */
export function usageWords({ words, ids }: Command): string {
  return [...words, ...ids.map(({ name }) => idName(name))].join(" ");
}

function requestEntries({ name, operation, operationName, kind }: Command): Entry[] {
  const source =
    operation.source === "documented"
      ? (operation.docs ?? "documented; the contract names no page")
      : "no page documents it: known from Databar's own clients";
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
    ["in code", `databar.${name}()${name === operationName ? "" : `, on top of databar.${operationName}()`}`],
  ];
}

function parameterText(parameter: {
  schema: Schema;
  description: string;
  default?: unknown;
  isJson?: boolean;
}): string {
  const type = parameter.isJson ? "JSON" : describeType(parameter.schema);
  const standard = parameter.default === undefined ? "" : `, default ${JSON.stringify(parameter.default)}`;
  return `${type}${standard}. ${parameter.description}`;
}

function bodyEntries({ body, kind }: Command, help: HelpOptions): string[] {
  if (!body) {
    return [];
  }
  const rows = resolve(body.schema).properties?.rows?.items;
  const lines =
    kind === "many" && rows ? fieldEntries(rows) : fieldEntries(body.schema, [], body.partial ? "changed" : "sent");
  const how =
    kind === "many"
      ? ["A JSON list, or JSON lines: one object per line. Read as it is sent, so it may be of any size."]
      : [];
  return [...how.flatMap((each) => wrap(each, help.width - 2)), ...entries(lines, help)];
}

/** The fields of an object, and those of the objects in it. */
function fieldEntries(schema: Schema, without: readonly string[] = [], mode = "sent", depth = 0): Entry[] {
  const { properties = {}, required = [] } = resolve(schema);
  return Object.entries(properties)
    .filter(([name]) => !without.includes(name))
    .flatMap(([name, property]): Entry[] => {
      const { description = "" } = { ...resolve(property), ...property };
      const isRequired = required.includes(name) && mode === "sent";
      const standard =
        property.default === undefined || mode === "changed" ? "" : `, default ${JSON.stringify(property.default)}`;
      const text = `${describeType(property)}${isRequired ? ", required" : ""}${standard}. ${description}`.trim();
      const inner = innerObject(property);
      return [
        [`${"  ".repeat(depth)}${name}`, text],
        ...(inner && depth < 3 ? fieldEntries(inner, [], "sent", depth + 1) : []),
      ];
    });
}

/** The schema of the objects that a field holds: itself, one of its alternatives, or the items of its list. */
function innerObject(schema: Schema): Schema | undefined {
  const candidates = [schema, ...(schema.anyOf ?? [])].flatMap((each) => [each, ...(each.items ? [each.items] : [])]);
  return candidates.find((each) => each.$ref !== undefined && resolve(each).properties !== undefined);
}

function exampleLines(command: Command): string[] {
  const { kind, body, operation } = command;
  const example = body && bodyExample(command);
  const line = `${PROGRAM} ${usageWords(command)}`;
  const yes = effectOf(command) ? " --yes" : "";
  if (kind === "many") {
    return [`${line} --body @rows.jsonl`];
  }
  if (!example) {
    const [parameter] = command.query.filter(({ isJson }) => !isJson);
    const value = parameter && (resolve(parameter.schema).type === "string" ? "email" : String(parameter.default ?? 1));
    const query = parameter ? [`${line} --query ${parameter.name}=${value}${yes}`] : [`${line}${yes}`];
    return kind === "iterate" ? query.map((each) => `${each} --jsonl`) : query;
  }
  const value = body.partial ? firstField(example.value) : example.value;
  const source =
    example.source === "documented" ? `as documented for ${operation.method}` : "made up to fit the contract";
  return [`${line} --body '${JSON.stringify(value).replaceAll("'", "'\\''")}'${yes}`, `(the body is ${source})`];
}

function firstField(value: unknown): object {
  return Object.fromEntries(Object.entries(Object(value)).slice(0, 1));
}

function optionEntries(all: [OptionName, Option][], help: HelpOptions): string[] {
  return entries(
    all.map(([name, { value, short, text }]) => [
      `${short ? `-${short}, ` : ""}--${kebab(name)}${value ? ` ${value}` : ""}`,
      text,
    ]),
    help,
  );
}

function section(title: string, lines: string[], { style }: HelpOptions): string[] {
  return lines.length > 0 ? [style.bold(title), ...lines.map((line) => `  ${line}`), ""] : [];
}

function paragraph(text: string, { width }: HelpOptions): string[] {
  return text === "" ? [] : [...wrap(text, width), ""];
}

/** Terms on the left, what they mean on the right; under the term where the left is too narrow. */
function entries(all: Entry[], { width }: HelpOptions): string[] {
  const left = Math.min(WIDEST_TERM, Math.floor(width / 2), Math.max(0, ...all.map(([term]) => displayWidth(term))));
  return all.flatMap(([term, text]) => {
    const lines = wrap(text, Math.max(20, width - left - 4));
    if (displayWidth(term) > left) {
      return [term, ...lines.map((line) => `${" ".repeat(left + 2)}${line}`)];
    }
    return lines.map((line, index) => `${pad(index === 0 ? term : "", left)}  ${line}`.trimEnd());
  });
}

function page(lines: string[]): string {
  return lines.join("\n").trimEnd();
}

/** All words that begin something: for did-you-mean. */
export function allWords(): string[] {
  return [...new Set(commands.flatMap(({ words }) => words))];
}
