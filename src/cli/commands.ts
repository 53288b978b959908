/** Every command, made of the operation table and the facade's further methods. */
import { examples } from "../generated/examples.gen.js";
import { type OperationName, operations } from "../generated/operations.gen.js";
import { type Derived, type Difference, derived, differences, type Kind } from "./facade.js";
import { resolve, type Schema } from "./schema.js";

/** A parameter, as the operation table has it. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** An operation, as the generated table has it. */
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

/** A parameter of a query, as the command takes it. */
export interface QueryParameter extends Parameter {
  readonly isJson: boolean;
  readonly default: unknown;
}

/** What a command sends as the body. */
export interface CommandBody {
  readonly schema: Schema;
  readonly required: boolean;
  /** No field of it is required. */
  readonly partial: boolean;
}

/** A method of the facade, as a command. */
export interface Command {
  /** The facade's name, such as `tables.rows.insertMany`. */
  readonly name: string;
  /** What is typed, such as `tables rows insert-many`. */
  readonly words: readonly string[];
  readonly kind: Kind;
  readonly operationName: OperationName;
  readonly operation: Operation;
  readonly summary: string;
  /** In the order of the path. */
  readonly ids: readonly Parameter[];
  readonly query: readonly QueryParameter[];
  readonly body: CommandBody | undefined;
}

/** All commands, each resource's together, in the order of the contract. */
export const commands: readonly Command[] = groupByResource([
  ...(Object.keys(operations) as OperationName[]).map((name) =>
    command(name, { on: name, kind: "call", ...differences[name] }),
  ),
  ...Object.entries(derived).map(([name, method]) => command(name, method)),
]);

/** How an id stands in usage lines. */
export function idName(name: string): string {
  return name.toUpperCase();
}

/** `insertMany` as it is typed: `insert-many`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);
}

/** The command with exactly these words. */
export function findCommand(words: readonly string[]): Command | undefined {
  return commands.find((each) => each.words.join(" ") === words.join(" "));
}

/** The commands that begin with these words. */
export function commandsUnder(words: readonly string[]): readonly Command[] {
  return commands.filter((each) => words.every((word, index) => each.words[index] === word));
}

/** The words that may follow these. */
export function nextWords(words: readonly string[]): string[] {
  return [...new Set(commandsUnder(words).flatMap((each) => each.words[words.length] ?? []))];
}

/** The command that runs the same and waits for the task. */
export function waitingFor(command: Command): Command | undefined {
  return commands.find((each) => each.kind === "run-and-wait" && each.operationName === command.operationName);
}

/** The first example of a command's body, and whether it is documented. */
export function bodyExample(command: Command): { source: string; value: unknown } | undefined {
  const bodies = examples[command.operationName];
  const all = "request" in bodies ? bodies.request["application/json"] : {};
  const [first] = Object.values<{ source: string; value: unknown }>(all);
  return first;
}

function command(name: string, method: Difference & Pick<Derived, "on" | "kind"> & Partial<Derived>): Command {
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

/** Something new may be made of nothing; a change of nothing is a slip. */
function needsBody({ method, requestBody }: Operation, schema: Schema): boolean {
  return requestBody?.required === true && (method !== "POST" || (resolve(schema).required?.length ?? 0) > 0);
}

function groupByResource(all: readonly Command[]): readonly Command[] {
  const paths = [...new Set(all.map(({ words }) => words.slice(0, -1).join(" ")))];
  const rank = (path: string): number => paths.findIndex((each) => each.split(" ")[0] === path.split(" ")[0]);
  return paths
    .toSorted((a, b) => rank(a) - rank(b) || a.split(" ").length - b.split(" ").length)
    .flatMap((path) => all.filter(({ words }) => words.slice(0, -1).join(" ") === path));
}
