/** What the operation table does not tell of the facade: its further methods, and where a method differs from its operation. */
import type { Databar } from "../client.js";
import type { OperationName } from "../generated/operations.gen.js";

type MethodsOf<T, Prefix extends string> = {
  [Key in keyof T & string]: T[Key] extends (...args: never[]) => unknown
    ? `${Prefix}${Key}`
    : MethodsOf<T[Key], `${Prefix}${Key}.`>;
}[keyof T & string];

/** Every method of the facade by its dotted name, such as `tables.rows.iterate`. */
export type FacadeMethod = Exclude<
  MethodsOf<Omit<Databar, "api">, "">,
  "request" | "tasks.waitAll" | "tasks.waitEach" | "connectors.duplicate"
>;

/** How a method takes its arguments after the ids, and what it gives. */
export type Kind =
  /** Body or query, then options; a promise. */
  | "call"
  /** Query, then options; an async iterable of items. */
  | "iterate"
  /** Body, then options of waiting; the finished task. */
  | "run-and-wait"
  /** Options of waiting; the finished task. */
  | "wait"
  /** Rows, settings, options; one result per row. */
  | "many";

/** Where a method differs from the operation it stands on. */
export interface Difference {
  /** Parameters that the method does not take. */
  readonly hides?: readonly string[];
  /** Parameters that are text on the wire and an object in the facade. */
  readonly json?: readonly string[];
  /** The facade's own defaults. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** No field of the body is required. */
  readonly partial?: boolean;
}

/** A method that is not an operation of its own. */
export interface Derived extends Difference {
  /** The operation it stands on. */
  readonly on: OperationName;
  readonly kind: Kind;
  /** What it does, in a line. */
  readonly summary: string;
}

const runAndWait = (on: OperationName, what: string): Derived => ({
  on,
  kind: "run-and-wait",
  summary: `Run ${what} and wait for the result`,
});

const rowFilter = { json: ["filter"], defaults: { per_page: 100 } } as const;

/** The methods that are not operations: one that is missing here, or is not the facade's, does not compile. */
export const derived: Readonly<Record<Exclude<FacadeMethod, OperationName>, Derived>> = {
  "tasks.wait": {
    on: "tasks.get",
    kind: "wait",
    summary: "Wait for a task to end and get its result",
    hides: ["include_partial"],
  },
  "enrichments.listPage": {
    on: "enrichments.list",
    kind: "call",
    summary: "List one page of enrichments",
    defaults: { page: 1 },
  },
  "enrichments.iterate": {
    on: "enrichments.list",
    kind: "iterate",
    summary: "Walk all enrichments, page by page",
    hides: ["page"],
  },
  "enrichments.iterateChoices": {
    on: "enrichments.choices",
    kind: "iterate",
    summary: "Walk all choices of a parameter, page by page",
    hides: ["page"],
  },
  "enrichments.runAndWait": runAndWait("enrichments.run", "an enrichment"),
  "enrichments.bulkRunAndWait": runAndWait("enrichments.bulkRun", "an enrichment in bulk"),
  "waterfalls.runAndWait": runAndWait("waterfalls.run", "a waterfall"),
  "waterfalls.bulkRunAndWait": runAndWait("waterfalls.bulkRun", "a waterfall in bulk"),
  "flows.runAndWait": runAndWait("flows.run", "a flow"),
  "flows.bulkRunAndWait": runAndWait("flows.bulkRun", "a flow in bulk"),
  "tables.rows.iterate": {
    on: "tables.rows.list",
    kind: "iterate",
    summary: "Walk all rows of a table, page by page",
    hides: ["page"],
    ...rowFilter,
  },
  "tables.rows.insertMany": {
    on: "tables.rows.insert",
    kind: "many",
    summary: "Insert any number of rows, in batches of 50",
  },
  "tables.rows.updateMany": {
    on: "tables.rows.update",
    kind: "many",
    summary: "Change any number of rows by their ids, in batches of 50",
  },
  "tables.rows.upsertMany": {
    on: "tables.rows.upsert",
    kind: "many",
    summary: "Change or create any number of rows by the value of one column, in batches of 50",
  },
  "exporters.listPage": {
    on: "exporters.list",
    kind: "call",
    summary: "List one page of exporters",
    defaults: { page: 1 },
  },
  "exporters.iterate": {
    on: "exporters.list",
    kind: "iterate",
    summary: "Walk all exporters, page by page",
    hides: ["page"],
  },
  "connectors.update": {
    on: "connectors.replace",
    kind: "call",
    summary: "Change some fields of a connector: it is read, merged and replaced",
    partial: true,
  },
};

/** The operations whose method takes something else than the contract says. */
export const differences: Readonly<Partial<Record<OperationName, Difference>>> = {
  // The facade gives the plain list; pages are listPage's.
  "enrichments.list": { hides: ["page", "limit"] },
  "exporters.list": { hides: ["page", "limit"] },
  "tables.rows.list": rowFilter,
};
