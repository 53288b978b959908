/** Merges the operations of documentation pages into the stored contract. */
import { isDeepStrictEqual } from "node:util";
import { canonicalComponent, keySchemes } from "../compare/canonical.js";
import { splitNotes } from "../compare/notes.js";
import { isSubset } from "../compare/subset.js";
import { describe, differences } from "../differences.js";
import {
  ContractError,
  isObject,
  type Json,
  type JsonObject,
  type OperationNode,
  operationNodes,
  valueAt,
  type YamlFile,
} from "../document.js";
import { closed } from "../examples.js";
import { merged } from "./keep.js";
import type { Fragment } from "./page.js";
import { type Change, isProjectKey, isSameOperation, type Merged, prune, reachable, setComponent } from "./parts.js";

export interface MergeOptions {
  /** Schemas that are taken from the page although other documented operations use them: `Connector`. */
  accept?: readonly string[];
  /** Takes the page's servers. By default only a whole contract changes the host, because the key goes there. */
  servers?: boolean;
}

/**
 * The stored contract with the operations of all pages.
 *
 * @throws ContractError with every conflict between the pages and the contract.
 */
export function merge(stored: YamlFile, fragments: readonly Fragment[], options: MergeOptions): Merged {
  const merger = new Merger(stored, fragments, options);
  for (const fragment of fragments) {
    merger.add(fragment);
  }
  return merger.finish();
}

class Merger {
  readonly #options: MergeOptions;
  readonly #stored: YamlFile;
  readonly #imported: ReadonlySet<string>;
  readonly #before: ReadonlySet<string>;
  readonly #changes: Change[] = [];
  readonly #problems: string[] = [];
  /** The page of this run that a component or operation was read from. */
  readonly #origins = new Map<string, Fragment>();
  #data: JsonObject;

  constructor(stored: YamlFile, fragments: readonly Fragment[], options: MergeOptions) {
    this.#options = options;
    this.#stored = stored;
    this.#data = structuredClone(stored.data);
    this.#imported = new Set(fragments.map(({ key }) => key));
    this.#before = reachable(stored.data, [stored.data.paths ?? null]);
  }

  add(fragment: Fragment): void {
    const from = this.#rename(fragment);
    this.#addDocumentParts(fragment);
    this.#addComponents(fragment);
    this.#addOperation(fragment, from);
  }

  finish(): Merged {
    if (this.#problems.length > 0) {
      throw new ContractError(this.#problems.join("\n"));
    }
    this.#changes.push(...prune(this.#data, this.#before));
    return { data: this.#data, changes: this.#changes };
  }

  /** Title, version and tags: the page's values replace the stored ones, other values stay. */
  #addDocumentParts({ data }: Fragment): void {
    for (const key of ["info", "externalDocs", ...(this.#options.servers ? ["servers"] : [])]) {
      const [old, own] = [this.#data[key], data[key]];
      const next = own === undefined ? old : merged(old, own, [], [], () => true);
      this.#set(key, old, next);
    }
    const named = (tags: Json | undefined): [string, Json][] =>
      (Array.isArray(tags) ? tags : []).map((tag) => [String((tag as JsonObject).name), tag]);
    const tags = [...new Map([...named(this.#data.tags), ...named(data.tags)]).values()];
    this.#set("tags", this.#data.tags, tags.length > 0 ? tags : undefined);
    const details = differences(this.#data.servers, data.servers).map(describe);
    if (data.servers !== undefined && details.length > 0) {
      this.#note("servers", "kept", [...details, "a page does not change the host; --servers takes it"]);
    }
  }

  #set(key: string, old: Json | undefined, next: Json | undefined): void {
    if (next !== undefined && !isDeepStrictEqual(old, next)) {
      this.#note(key, old === undefined ? "added" : "replaced", differences(old, next).map(describe));
      const { paths = {}, components, ...head } = this.#data;
      this.#data = { ...head, [key]: next, paths, ...(components !== undefined && { components }) };
    }
  }

  #addComponents(fragment: Fragment): void {
    const { page, key, at, data } = fragment;
    for (const reference of reachable(data, [valueAt(data, at) ?? null])) {
      const path = ["components", ...reference.split("/")];
      const [value, old] = [valueAt(data, path), valueAt(this.#data, path)];
      if (value === undefined && old === undefined) {
        this.#problems.push(
          `${page}:${fragment.line + 1}: ${key} uses #/components/${reference}, which neither the page nor ${this.#stored.place([])} has`,
        );
      } else if (value !== undefined && old === undefined) {
        setComponent(this.#data, reference, value);
        this.#note(reference, "added", []);
      } else if (value !== undefined && !isDeepStrictEqual(value, this.#originOf(path))) {
        this.#replaceComponent(fragment, reference, old ?? null, value);
      }
      this.#origins.set(reference, this.#origins.get(reference) ?? fragment);
    }
  }

  /** What an earlier page of this run has at a path. */
  #originOf(path: readonly string[]): Json | undefined {
    const [, ...reference] = path;
    return valueAt(this.#origins.get(reference.join("/"))?.data, path);
  }

  #replaceComponent(fragment: Fragment, reference: string, old: Json, value: Json): void {
    const notes: string[] = [];
    const next = merged(old, value, notes);
    if (isDeepStrictEqual(old, next)) {
      if (notes.length > 0) {
        this.#note(reference, "kept", notes);
      }
      return;
    }
    const details = differences(old, next).map(describe);
    const before = structuredClone(this.#data);
    setComponent(this.#data, reference, next);
    const name = reference.split("/").at(-1) ?? "";
    const other = this.#origins.get(reference);
    const others = this.#users(reference);
    const documented = others.filter(({ node }) => (node["x-source"] ?? "documented") !== "sdk");
    const isTaken = this.#options.accept?.includes(name) === true;
    const isCompatible = !other && documented.every((user) => this.#isCompatible(reference, user, before));
    if (!isTaken && !isCompatible) {
      this.#refuseComponent(fragment, reference, before, documented, details);
      return;
    }
    const also = others.length > 0 ? [`also used by ${listed(others.map(({ key }) => key))}`] : [];
    this.#note(reference, "replaced", [...details, ...notes, ...also]);
  }

  #refuseComponent(
    fragment: Fragment,
    reference: string,
    before: JsonObject,
    users: OperationNode[],
    details: string[],
  ) {
    const path = ["components", ...reference.split("/")];
    const other = this.#origins.get(reference);
    const rival = other
      ? `${other.page}:${other.lineOf(path)}`
      : `${this.#stored.place(path)}, which is used by ${listed(users.map(({ key }) => key))}`;
    this.#problems.push(
      [
        `${fragment.page}:${fragment.lineOf(path)}: ${path.join("/")} differs from the one of ${rival}:`,
        ...details.map((line) => `  ${line}`),
        `  The change breaks users of the other. Import the pages of all its operations together, or take this page's with --accept ${path.at(-1)}.`,
      ].join("\n"),
    );
    setComponent(this.#data, reference, valueAt(before, path) ?? null);
  }

  /** The operations outside this import that use a component, directly or through others. */
  #users(reference: string): OperationNode[] {
    return operationNodes(this.#data).filter(
      ({ key, node }) => !this.#imported.has(key) && reachable(this.#data, [node]).has(reference),
    );
  }

  /** Whether correct programs that call an operation still work with the changed component. */
  #isCompatible(reference: string, { node }: OperationNode, before: JsonObject): boolean {
    const [old, now] = [before, this.#data].map((data) => canonicalComponent(splitNotes(data).demands, reference));
    const isIn = (part: Json | undefined): boolean => reachable(this.#data, [part ?? null]).has(reference);
    const isSent = isIn(node.requestBody) || isIn(node.parameters);
    return (
      (!isIn(node.responses) || isSubset(now ?? {}, old ?? {})) && (!isSent || isSubset(closed(old ?? {}), now ?? {}))
    );
  }

  #addOperation(fragment: Fragment, from: string | undefined): void {
    const { key, page, at, docs } = fragment;
    const value = this.#published(fragment);
    const other = this.#origins.get(key);
    if (other && !isDeepStrictEqual(valueAt(other.data, at), valueAt(fragment.data, at))) {
      this.#problems.push(`${page}:${fragment.line}: ${key} differs from the one of ${other.page}:${other.line}`);
      return;
    }
    this.#origins.set(key, fragment);
    const old = valueAt(this.#data, at);
    const notes: string[] = [];
    const next = merged(old, value, notes, [], isProjectKey) as JsonObject;
    const isDocumented = isObject(old) && (old["x-source"] ?? "documented") === "documented";
    if (isDocumented && !from && isDeepStrictEqual(without(old), without(next))) {
      this.#note(key, "unchanged", notes);
      return;
    }
    const [, path, method] = at;
    const paths = this.#data.paths as JsonObject;
    paths[path] = { ...(paths[path] as JsonObject | undefined), [method]: withSource(next, docs) };
    const details = isObject(old) ? differences(without(old), without(next)).map(describe) : [];
    const change = from ? "renamed" : old === undefined ? "added" : "replaced";
    this.#changes.push({ what: key, change, details: [...details, ...notes], ...(from && { from }) });
  }

  /** The page's operation. Security that the page states for all operations is moved into it. */
  #published({ data, at }: Fragment): JsonObject {
    const { "x-source": _, externalDocs: __, ...operation } = valueAt(data, at) as JsonObject;
    const security = operation.security ?? data.security;
    const isNew = security !== undefined && !isDeepStrictEqual(security, this.#data.security ?? []);
    const names = (Array.isArray(security) ? security : []).flatMap((need) => Object.keys(need as JsonObject));
    for (const name of isNew ? names : []) {
      const scheme = valueAt(data, ["components", "securitySchemes", name]);
      if (scheme !== undefined && valueAt(this.#data, ["components", "securitySchemes", name]) === undefined) {
        setComponent(this.#data, `securitySchemes/${name}`, scheme);
        const note = keySchemes(this.#data).includes(name) ? ["the API key, which the client sends by itself"] : [];
        this.#note(`securitySchemes/${name}`, "added", note);
      }
    }
    return isNew ? { ...operation, security } : operation;
  }

  /** Moves a stored operation whose path differs on the page. Returns its former key. */
  #rename({ key, at, data }: Fragment): string | undefined {
    const page = { key, at, node: valueAt(data, at) as JsonObject };
    const stored = operationNodes(this.#data);
    const old = stored.some((each) => each.key === key)
      ? undefined
      : stored.find((each) => !this.#imported.has(each.key) && isSameOperation(each, page));
    if (!old) {
      return undefined;
    }
    const [, path, method] = old.at;
    const moved = Object.entries(this.#data.paths as JsonObject).flatMap(([name, item]): [string, Json][] => {
      if (name !== path) {
        return [[name, item]];
      }
      const { [method]: node = null, ...rest } = item as JsonObject;
      const isEmpty = Object.keys(rest).length === 0;
      return [...(isEmpty ? [] : [[name, rest] as [string, Json]]), [at[1], { [at[2]]: node }]];
    });
    this.#data.paths = Object.fromEntries(moved);
    return old.key;
  }

  #note(what: string, change: Change["change"], details: string[]): void {
    this.#changes.push({ what, change, details });
  }
}

function without(operation: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(operation).filter(([key]) => !isProjectKey(key)));
}

/** An operation marked as documented and linked to its page. */
function withSource(operation: JsonObject, docs: string): JsonObject {
  const entries = Object.entries(operation).filter(([key]) => key !== "externalDocs" && key !== "x-source");
  const index = entries.findIndex(([key]) => key === "operationId") + 1;
  const marks: [string, Json][] = [
    ["externalDocs", { url: docs }],
    ["x-source", "documented"],
  ];
  return Object.fromEntries([...entries.slice(0, index), ...marks, ...entries.slice(index)]);
}

function listed(keys: readonly string[]): string {
  return keys.length > 3 ? `${keys.slice(0, 3).join(", ")} and ${keys.length - 3} more` : keys.join(", ");
}
