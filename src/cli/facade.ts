/** How the client's methods differ from the operations of the generated table. */
import type { OperationName } from "../generated/operations.gen.js";
import type { Databar } from "../index.js";

type MethodsOf<T, Prefix extends string> = {
  [Key in keyof T & string]: T[Key] extends (...args: never[]) => unknown
    ? `${Prefix}${Key}`
    : MethodsOf<T[Key], `${Prefix}${Key}.`>;
}[keyof T & string];

/** Every method of the client by its dotted name, such as `tables.rows.iterate`. */
export type FacadeMethod = Exclude<MethodsOf<Omit<Databar, "api">, "">, (typeof noCommands)[number]>;

/** Methods that are no commands: other commands, or a shell, do the same. */
export const noCommands = [
  "request",
  "tasks.waitAll",
  "tasks.waitEach",
  "connectors.duplicate",
  // The question before a run shows the estimate.
  "enrichments.estimate",
  "waterfalls.estimate",
  "flows.estimate",
] as const;

/** The arguments of a method after the ids, and its result. */
export type Kind =
  /** Body or query, then options. Returns a promise. */
  | "call"
  /** Query, then options. Returns an async iterable of items. */
  | "iterate"
  /** Body, then wait options. Returns the finished task. */
  | "run-and-wait"
  /** Wait options. Returns the finished task. */
  | "wait"
  /** Rows, settings, options. Returns one result per row. */
  | "many";

/** How a method differs from its operation. */
export interface Difference {
  /** Query parameters that the method does not take. */
  readonly hides?: readonly string[];
  /** Query parameters that take an object, which the client sends as JSON. */
  readonly json?: readonly string[];
  /** The client's own defaults. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** No field of the body is required. */
  readonly partial?: boolean;
}

/** A method that is not an operation itself. */
export interface Derived extends Difference {
  /** The operation that it calls. */
  readonly on: OperationName;
  readonly kind: Kind;
  readonly summary: string;
}

const runAndWait = (on: OperationName, what: string): Derived => ({
  on,
  kind: "run-and-wait",
  summary: `Run ${what} and wait for the result`,
});
const iterate = (on: OperationName, what: string, more: Difference = {}): Derived => ({
  on,
  kind: "iterate",
  summary: `Get all ${what}, page by page`,
  hides: ["page"],
  ...more,
});
const listPage = (on: OperationName, what: string): Derived => ({
  on,
  kind: "call",
  summary: `List one page of ${what}`,
  defaults: { page: 1 },
});
const many = (on: OperationName, what: string): Derived => ({
  on,
  kind: "many",
  summary: `${what}, in batches of 50`,
});
const rowFilter = { json: ["filter"], defaults: { per_page: 100 } } as const;

/** The methods that are not operations. A missing or unknown method does not compile. */
export const derived: Readonly<Record<Exclude<FacadeMethod, OperationName>, Derived>> = {
  "tasks.wait": {
    on: "tasks.get",
    kind: "wait",
    summary: "Wait for a task to end and get its result",
    hides: ["include_partial"],
  },
  "enrichments.listPage": listPage("enrichments.list", "enrichments"),
  "enrichments.iterate": iterate("enrichments.list", "enrichments"),
  "enrichments.iterateChoices": iterate("enrichments.choices", "choices of a parameter"),
  "enrichments.runAndWait": runAndWait("enrichments.run", "an enrichment"),
  "enrichments.bulkRunAndWait": runAndWait("enrichments.bulkRun", "an enrichment in bulk"),
  "waterfalls.runAndWait": runAndWait("waterfalls.run", "a waterfall"),
  "waterfalls.bulkRunAndWait": runAndWait("waterfalls.bulkRun", "a waterfall in bulk"),
  "flows.runAndWait": runAndWait("flows.run", "a flow"),
  "flows.bulkRunAndWait": runAndWait("flows.bulkRun", "a flow in bulk"),
  "tables.rows.iterate": iterate("tables.rows.list", "rows of a table", rowFilter),
  "tables.rows.insertMany": many("tables.rows.insert", "Insert any number of rows"),
  "tables.rows.updateMany": many("tables.rows.update", "Update any number of rows by their ids"),
  "tables.rows.upsertMany": many("tables.rows.upsert", "Update or insert any number of rows by a key column"),
  "exporters.listPage": listPage("exporters.list", "exporters"),
  "exporters.iterate": iterate("exporters.list", "exporters"),
  "connectors.update": {
    on: "connectors.replace",
    kind: "call",
    summary: "Change some fields of a connector: read, merge and replace it",
    partial: true,
  },
};

/** The operations whose method takes other parameters than the contract. */
export const differences: Readonly<Partial<Record<OperationName, Difference>>> = {
  // The method returns the plain list. `listPage` returns pages.
  "enrichments.list": { hides: ["page", "limit"] },
  "exporters.list": { hides: ["page", "limit"] },
  "tables.rows.list": rowFilter,
};
