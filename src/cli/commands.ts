/** The table of commands, made from the generated operations and `facade.ts`. */
import { examples } from "../generated/examples.gen.js";
import { type OperationName, operations } from "../generated/operations.gen.js";
import { type Derived, type Difference, derived, differences, type Kind } from "./facade.js";
import { resolve, type Schema } from "./schema.js";
import { kebab } from "./shell.js";

/** What the user types to run the program. */
export const PROGRAM = "databar-client";

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** An operation of the generated table. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly source: string;
  readonly docs: string | null;
  readonly parameters: readonly Parameter[];
  readonly requestBody: { readonly required: boolean; readonly content: Readonly<Record<string, Schema>> } | null;
}

/** A query parameter of a command. */
export interface QueryParameter extends Parameter {
  readonly isJson: boolean;
  readonly default: unknown;
}

/** The body that a command sends. */
export interface CommandBody {
  readonly schema: Schema;
  readonly required: boolean;
  /** No field of it is required. */
  readonly partial: boolean;
}

interface AnyCommand {
  /** The method's name, such as `tables.rows.insertMany`. */
  readonly name: string;
  /** What is typed, such as `tables rows insert-many`. */
  readonly words: readonly string[];
  readonly summary: string;
  /** The arguments after the words, in the order of the path. */
  readonly ids: readonly Parameter[];
  readonly query: readonly QueryParameter[];
  readonly body: CommandBody | undefined;
}

/** A command that calls a method of the client. */
export interface MethodCommand extends AnyCommand {
  readonly kind: Kind;
  readonly operationName: OperationName;
  readonly operation: Operation;
}

/** A command that is no method of the client. `complete` is for the completion scripts only: help and completion omit it. */
export interface Tool extends AnyCommand {
  readonly kind: "completion" | "mock" | "types" | "complete";
  readonly description: string;
}

/** A command. */
export type Command = MethodCommand | Tool;

/** The commands that call a method of the client: each resource's together, in the order of the contract. */
export const commands: readonly MethodCommand[] = groupByResource([
  ...(Object.keys(operations) as OperationName[]).map((name) =>
    command(name, { on: name, kind: "call", ...differences[name] }),
  ),
  ...Object.entries(derived).map(([name, method]) => command(name, method)),
]);

/** The shells that have a completion script. */
export const shells = ["bash", "zsh", "fish"] as const;

/** The commands that are no methods. */
export const tools: readonly Tool[] = [
  tool("completion", "Print a completion script for a shell", "The first line of the script shows how to load it.", [
    { name: "shell", in: "path", required: true, description: "The shell.", schema: { type: "string", enum: shells } },
  ]),
  tool(
    "mock",
    "Serve the examples of the API's contract, or a simulated workspace, on a local port",
    "Needs no API key, no account and no network. Checks requests as the API does. With --simulate, what you write can be read afterwards: runs become tasks that progress, spend credits and have results. Use its address as the base URL of a client. Prints a line per request: method, path, status and time. Press Ctrl-C to end it.",
  ),
  tool(
    "types",
    "Print TypeScript types of enrichments and tables",
    "Reads the parameters and the results of enrichments, and the columns of tables, from your workspace. Redirect the output to a file such as databar-types.ts.",
  ),
  tool("complete", "List the words that can follow", "The completion scripts call this."),
];

/** Whether a command calls a method of the client. */
export function isMethod(command: Command): command is MethodCommand {
  return "operation" in command;
}

function tool(kind: Tool["kind"], summary: string, description: string, ids: readonly Parameter[] = []): Tool {
  return { name: kind, words: [kind], kind, summary, description, ids, query: [], body: undefined };
}

/** How usage lines show an id: `TABLE_UUID`, or the values that it may have. */
export function idName({ name, schema }: Parameter): string {
  return schema.enum?.join("|") ?? name.toUpperCase();
}

/** Splits words into those that name a command or a group of commands, and the ids after them. */
export function splitWords(words: readonly string[]): { path: string[]; ids: string[] } {
  const length = words.findIndex((word, index) => !nextWords(words.slice(0, index)).includes(word));
  const end = length === -1 ? words.length : length;
  return { path: words.slice(0, end), ids: words.slice(end) };
}

/** The command with exactly these words. */
export function findCommand(words: readonly string[]): Command | undefined {
  return [...commands, ...tools].find((each) => each.words.join(" ") === words.join(" "));
}

/** The commands that begin with these words. */
export function commandsUnder(words: readonly string[]): readonly Command[] {
  return [...commands, ...tools].filter((each) => words.every((word, index) => each.words[index] === word));
}

/** The words that can follow these. */
export function nextWords(words: readonly string[]): string[] {
  return [...new Set(commandsUnder(words).flatMap((each) => each.words[words.length] ?? []))];
}

/** The command that does the same and waits for the task. */
export function waitingFor(command: MethodCommand): MethodCommand | undefined {
  return commands.find((each) => each.kind === "run-and-wait" && each.operationName === command.operationName);
}

/** Whether the rows of a command have a key: one column that identifies the row. */
export function takesKey({ kind, body }: Command): boolean {
  const rows = kind === "many" && body ? resolve(body.schema).properties?.rows?.items : undefined;
  return rows !== undefined && "key" in (resolve(rows).properties ?? {});
}

/** The first example of a command's body, with its source. */
export function bodyExample(command: MethodCommand): { source: string; value: unknown } | undefined {
  const bodies = examples[command.operationName];
  const all = "request" in bodies ? bodies.request["application/json"] : {};
  const [first] = Object.values<{ source: string; value: unknown }>(all);
  return first;
}

function command(name: string, method: Difference & Pick<Derived, "on" | "kind"> & Partial<Derived>): MethodCommand {
  const { on: operationName, kind, summary, hides = [], json = [], defaults = {}, partial = false } = method;
  const operation: Operation = operations[operationName];
  const { parameters, path, requestBody } = operation;
  const order = [...path.matchAll(/\{(\w+)\}/g)].map(([, id]) => id);
  const schema = Object.values(requestBody?.content ?? {})[0];
  return {
    name,
    words: name.split(".").map(kebab),
    kind,
    operationName,
    operation,
    summary: summary ?? operation.summary,
    ids: order.flatMap((id) => parameters.find((each) => each.in === "path" && each.name === id) ?? []),
    query: parameters
      .filter((each) => each.in === "query" && !hides.includes(each.name))
      .map((each) => ({
        ...each,
        isJson: json.includes(each.name),
        default: defaults[each.name] ?? each.schema.default,
      })),
    body: schema && { schema, required: needsBody(operation, schema), partial },
  };
}

/** A POST may create something from an empty body. A change with an empty body is a mistake. */
function needsBody({ method, requestBody }: Operation, schema: Schema): boolean {
  return requestBody?.required === true && (method !== "POST" || (resolve(schema).required?.length ?? 0) > 0);
}

function groupByResource(all: readonly MethodCommand[]): readonly MethodCommand[] {
  const paths = [...new Set(all.map(({ words }) => words.slice(0, -1).join(" ")))];
  const rank = (path: string): number => paths.findIndex((each) => each.split(" ")[0] === path.split(" ")[0]);
  return paths
    .toSorted((a, b) => rank(a) - rank(b) || a.split(" ").length - b.split(" ").length)
    .flatMap((path) => all.filter(({ words }) => words.slice(0, -1).join(" ") === path));
}
