/** Replaces the stored contract by a whole one. */
import { describe, differences } from "../differences.js";
import { type JsonObject, type OperationNode, operationNodes, valueAt } from "../document.js";
import { merged } from "./keep.js";
import { type Change, isProjectKey, isSameOperation, type Merged, prune, reachable, setComponent } from "./parts.js";

/**
 * Replaces the stored contract. A file with this project's marks is taken as it is. Any other file is Databar's own:
 * operations that only clients know stay, and so do names, comments and marks.
 */
export function mergeWhole(stored: JsonObject, incoming: JsonObject): Merged {
  const now = new Set(operationNodes(incoming).map(({ key }) => key));
  const old = operationNodes(stored);
  const isOurs = operationNodes(incoming).some(({ node }) => node["x-source"] !== undefined);
  const data = isOurs ? structuredClone(incoming) : wholeData(stored, incoming, old);
  const changes = operationNodes(data).flatMap(({ key, node }): Change[] => {
    const before = old.find((each) => each.key === key)?.node;
    const details = differences(before, node).map(describe);
    if (before && !now.has(key)) {
      return [{ what: key, change: "kept", details: ["the file lacks it; it is known from clients"] }];
    }
    return [
      {
        what: key,
        change: before ? (details.length > 0 ? "replaced" : "unchanged") : "added",
        details: before ? details : [],
      },
    ];
  });
  const left = new Set(operationNodes(data).map(({ key }) => key));
  const added = operationNodes(data).filter(({ key }) => !old.some((each) => each.key === key));
  for (const gone of old.filter(({ key }) => !left.has(key))) {
    const renamed = added.find((each) => isSameOperation(gone, each));
    const change = renamed && changes.find(({ what }) => what === renamed.key);
    if (change) {
      Object.assign(change, { change: "renamed", from: gone.key });
    } else {
      changes.push({ what: gone.key, change: "removed", details: [] });
    }
  }
  return { data, changes: [...changes, ...prune(data, schemas(data)).filter(({ what }) => schemas(stored).has(what))] };
}

function schemas(data: JsonObject): ReadonlySet<string> {
  return new Set(Object.keys(valueAt(data, ["components", "schemas"]) ?? {}).map((name) => `schemas/${name}`));
}

function wholeData(stored: JsonObject, incoming: JsonObject, old: readonly OperationNode[]): JsonObject {
  const data = merged(stored, incoming, [], [], (key) => key === "tags") as JsonObject;
  const now = operationNodes(data);
  for (const operation of now) {
    const before = old.find(({ key }) => key === operation.key) ?? old.find((each) => isSameOperation(each, operation));
    const marks = Object.entries(before?.node ?? { "x-source": "contract" }).filter(([key]) => isProjectKey(key));
    Object.assign(operation.node, Object.fromEntries(marks));
  }
  const isPresent = (operation: OperationNode): boolean =>
    now.some((each) => each.key === operation.key || each.node.operationId === operation.node.operationId);
  for (const operation of old.filter((each) => each.node["x-source"] === "sdk" && !isPresent(each))) {
    const paths = data.paths as JsonObject;
    const [, path, method] = operation.at;
    paths[path] = { ...(paths[path] as JsonObject | undefined), [method]: operation.node };
  }
  for (const reference of reachable(stored, [data.paths ?? null])) {
    if (valueAt(data, ["components", ...reference.split("/")]) === undefined) {
      setComponent(data, reference, valueAt(stored, ["components", ...reference.split("/")]) ?? {});
    }
  }
  return data;
}
