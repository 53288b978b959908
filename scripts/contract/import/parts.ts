/** What merging pages and merging a whole contract have in common. */
import { isObject, type Json, type JsonObject, type OperationNode, valueAt } from "../document.js";

export interface Change {
  /** `GET /v1/connectors/`, `schemas/Connector`, `info`, `servers`. */
  what: string;
  /** `kept`: the page differs, and the stored part stays. */
  change: "added" | "replaced" | "removed" | "renamed" | "kept" | "unchanged";
  /** The differing places, and notes, a line for each. */
  details: string[];
  /** The former key of a renamed operation. */
  from?: string;
}

export interface Merged {
  data: JsonObject;
  changes: Change[];
}

/** Whether two operations are the same: equal ids, or equal paths except for the last slash and parameter names. */
export function isSameOperation(a: OperationNode, b: OperationNode): boolean {
  const plain = ({ at: [, path] }: OperationNode): string => path.replace(/\/$/, "").replaceAll(/\{\w+\}/g, "{}");
  return a.at[2] === b.at[2] && (a.node.operationId === b.node.operationId || plain(a) === plain(b));
}

/** Keys of an operation that this project adds. A page without them does not remove them. */
export function isProjectKey(key: string): boolean {
  return key.startsWith("x-") || key === "externalDocs";
}

/** Stores a component, a new one at its place in the alphabet. */
export function setComponent(data: JsonObject, reference: string, value: Json): void {
  const [kind = "", name = ""] = reference.split("/");
  const components = (data.components ?? {}) as JsonObject;
  const { ...siblings } = (components[kind] ?? {}) as JsonObject;
  const before = name in siblings ? undefined : Object.keys(siblings).find((sibling) => sibling > name);
  const entries = Object.entries(siblings).flatMap(([key, each]): [string, Json][] =>
    key === before
      ? [
          [name, value],
          [key, each],
        ]
      : [[key, each]],
  );
  const next = Object.fromEntries(entries);
  data.components = { ...components, [kind]: before === undefined ? { ...next, [name]: value } : next };
}

/** The components that values refer to, directly or through others: `schemas/Connector`. */
export function reachable(data: JsonObject, from: readonly Json[]): Set<string> {
  const found = new Set<string>();
  const search = (value: Json): void => {
    if (typeof value === "string") {
      const [, reference] = /^#\/components\/([^/]+\/[^/]+)/.exec(value) ?? [];
      if (reference && !found.has(reference)) {
        found.add(reference);
        search(valueAt(data, ["components", ...reference.split("/")]) ?? null);
      }
    } else if (typeof value === "object" && value !== null) {
      Object.values(value).forEach(search);
    }
  };
  from.forEach(search);
  return found;
}

/** Removes the components that were used before and are not any more. */
export function prune(data: JsonObject, before: ReadonlySet<string>): Change[] {
  const after = reachable(data, [data.paths ?? null]);
  return [...before].flatMap((reference): Change[] => {
    const [kind = "", name = ""] = reference.split("/");
    const holder = valueAt(data, ["components", kind]);
    if (after.has(reference) || !isObject(holder) || !(name in holder)) {
      return [];
    }
    delete holder[name];
    return [{ what: reference, change: "removed", details: ["no operation uses it"] }];
  });
}
