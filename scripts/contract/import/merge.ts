/** Merges the fragments of documentation pages into the stored contract's text. */
import { isDeepStrictEqual } from "node:util";
import { describe, differences, isObject } from "../differences.js";
import { ContractError, type Json, type JsonObject, METHODS, type Path } from "../document.js";
import type { Fragment } from "./page.js";
import { addPair, mergeValue, pairText, removePair, YamlText } from "./yaml-edit.js";

export interface Change {
  /** `GET /v1/connectors/`, `schemas/Connector` or `info`. */
  what: string;
  change: "added" | "replaced" | "removed" | "unchanged";
  /** What differs, a line for each place. */
  details: string[];
}

export interface Merged {
  text: string;
  changes: Change[];
}

interface Options {
  /** Where a page's schema differs from a stored one that other operations use, the page's is taken. */
  accept: boolean;
  /** How the stored contract is called in messages. */
  name: string;
}

/**
 * The stored text with the operations of all fragments in it.
 *
 * @throws ContractError with every conflict between the pages and the contract.
 */
export function merge(stored: string, fragments: readonly Fragment[], options: Options): Merged {
  const merger = new Merger(stored, fragments, options);
  for (const fragment of fragments) {
    merger.add(fragment);
  }
  return merger.finish();
}

class Merger {
  readonly #options: Options;
  readonly #imported: ReadonlySet<string>;
  readonly #before: ReadonlySet<string>;
  readonly #changes: Change[] = [];
  readonly #problems: string[] = [];
  /** Which page of this run a component or operation was read from. */
  readonly #origins = new Map<string, Fragment>();
  #yaml: YamlText;

  constructor(stored: string, fragments: readonly Fragment[], options: Options) {
    this.#options = options;
    this.#yaml = new YamlText(stored);
    this.#imported = new Set(fragments.map(({ key }) => key));
    this.#before = reachable(this.#data, [this.#data.paths ?? null]);
  }

  get #data(): JsonObject {
    return this.#yaml.data;
  }

  add(fragment: Fragment): void {
    const version = (data: JsonObject): string => String(data.openapi).split(".").slice(0, 2).join(".");
    if (version(fragment.data) !== version(this.#data)) {
      this.#problems.push(
        `${fragment.page}:${fragment.line + 1}: the page is OpenAPI ${fragment.data.openapi}, ${this.#options.name} is ${this.#data.openapi}; the two write null differently, so convert the page first`,
      );
      return;
    }
    this.#addDocumentParts(fragment);
    this.#addComponents(fragment);
    this.#addOperation(fragment);
  }

  finish(): Merged {
    this.#pruneComponents();
    if (this.#problems.length > 0) {
      throw new ContractError(this.#problems.join("\n"));
    }
    return { text: this.#yaml.text, changes: this.#changes };
  }

  /** Title, version, servers and the like: what the page says replaces what is stored, what it leaves out stays. */
  #addDocumentParts(fragment: Fragment): void {
    for (const [key, value] of Object.entries(fragment.data)) {
      const old = this.#data[key];
      if (!["paths", "components"].includes(key) && !covers(old, value)) {
        const page = new YamlText(fragment.text);
        const next =
          old === undefined
            ? addPair(this.#yaml, [], pairText(page, [key]), "paths")
            : mergeValue(this.#yaml, page, [key], () => true);
        this.#take(next, key, old === undefined ? "added" : "replaced", differences(old, value).map(describe));
      }
    }
  }

  #addComponents(fragment: Fragment): void {
    const operation = at(fragment.data, ["paths", fragment.path, fragment.method]);
    for (const reference of reachable(fragment.data, [operation ?? null])) {
      const path = ["components", ...reference.split("/")];
      const value = at(fragment.data, path);
      const old = at(this.#data, path);
      if (value === undefined) {
        if (old === undefined) {
          this.#problems.push(
            `${fragment.page}:${fragment.line + 1}: ${fragment.key} uses #/components/${reference}, which neither the page nor ${this.#options.name} has`,
          );
        }
      } else if (old === undefined) {
        this.#insertComponent(fragment, path, reference);
      } else if (!isDeepStrictEqual(old, value)) {
        this.#replaceComponent(fragment, path, reference, old, value);
      }
      this.#origins.set(reference, this.#origins.get(reference) ?? fragment);
    }
  }

  #insertComponent(fragment: Fragment, path: string[], reference: string): void {
    const [, kind = "", name = ""] = path;
    const siblings = at(this.#data, ["components", kind]);
    const lines = pairText(new YamlText(fragment.text), path);
    const nested = (key: string, inner: string[]): string[] => [`${key}:`, ...inner.map((line) => `  ${line}`)];
    if (isObject(siblings)) {
      const before = Object.keys(siblings).find((sibling) => sibling > name);
      this.#take(addPair(this.#yaml, ["components", kind], lines, before), reference, "added", []);
    } else if (isObject(this.#data.components)) {
      this.#take(addPair(this.#yaml, ["components"], nested(kind, lines)), reference, "added", []);
    } else {
      this.#take(addPair(this.#yaml, [], nested("components", nested(kind, lines))), reference, "added", []);
    }
  }

  #replaceComponent(fragment: Fragment, path: string[], reference: string, old: Json, value: Json): void {
    const details = differences(old, value).map(describe);
    const other = this.#origins.get(reference);
    const users = this.#users(reference).filter((key) => !this.#imported.has(key));
    if (!this.#options.accept && (other || users.length > 0)) {
      const rival = other
        ? place(other, path)
        : `${this.#options.name}:${this.#yaml.line(path)}, which is used by ${listed(users)}`;
      this.#problems.push(
        [
          `${place(fragment, path)}: ${path.join("/")} differs from the one of ${rival}:`,
          ...details.map((line) => `  ${line}`),
          other
            ? "  Get both pages again, or take the later page's with --accept."
            : "  Import the pages of those operations together with this one, or take the page's with --accept.",
        ].join("\n"),
      );
      return;
    }
    this.#take(mergeValue(this.#yaml, new YamlText(fragment.text), path), reference, "replaced", details);
  }

  #addOperation(fragment: Fragment): void {
    const { key, page, path, method, docs } = fragment;
    const value = at(fragment.data, ["paths", path, method]) ?? null;
    const other = this.#origins.get(key);
    if (other && !isDeepStrictEqual(at(other.data, ["paths", path, method]), value)) {
      this.#problems.push(`${page}:${fragment.line}: ${key} differs from the one of ${other.page}:${other.line}`);
      return;
    }
    this.#origins.set(key, fragment);
    const old = at(this.#data, ["paths", path, method]);
    if (isDocumentedAs(old, value)) {
      this.#changes.push({ what: key, change: "unchanged", details: [] });
      return;
    }
    const marked = withSource(fragment, docs);
    const details = isObject(old) ? differences(without(old), without(value)).map(describe) : [];
    this.#take(this.#placeOperation(fragment, marked, old), key, old === undefined ? "added" : "replaced", details);
    if (!isDocumentedAs(at(this.#data, ["paths", path, method]), value)) {
      throw new ContractError(
        `${page}:${fragment.line}: ${key} cannot be merged line by line into ${this.#options.name}`,
      );
    }
  }

  #placeOperation({ path, method }: Fragment, marked: YamlText, old: Json | undefined): string {
    const item = at(this.#data, ["paths", path]);
    if (isObject(old)) {
      return mergeValue(this.#yaml, marked, ["paths", path, method], isOurs);
    }
    if (isObject(item)) {
      return addPair(this.#yaml, ["paths", path], pairText(marked, ["paths", path, method]));
    }
    return addPair(this.#yaml, ["paths"], pairText(onlyMethod(marked, path, method), ["paths", path]));
  }

  /** What only the replaced operations used is no longer part of the contract. */
  #pruneComponents(): void {
    const after = reachable(this.#data, [this.#data.paths ?? null]);
    for (const reference of this.#before) {
      if (!after.has(reference) && this.#problems.length === 0) {
        this.#take(removePair(this.#yaml, ["components", ...reference.split("/")]), reference, "removed", [
          "no operation uses it",
        ]);
      }
    }
  }

  /** The operations that use a component, directly or through others. */
  #users(reference: string): string[] {
    return Object.entries((this.#data.paths ?? {}) as JsonObject).flatMap(([path, item]) =>
      METHODS.filter((method) => isObject(item) && reachable(this.#data, [item[method] ?? null]).has(reference)).map(
        (method) => `${method.toUpperCase()} ${path}`,
      ),
    );
  }

  #take(text: string, what: string, change: Change["change"], details: string[]): void {
    this.#yaml = new YamlText(text);
    this.#changes.push({ what, change, details });
  }
}

/** Keys of an operation that this project adds: a page without them does not take them away. */
function isOurs(key: string): boolean {
  return key.startsWith("x-") || key === "externalDocs";
}

function without(operation: Json): JsonObject {
  return Object.fromEntries(Object.entries(operation as JsonObject).filter(([key]) => !isOurs(key)));
}

/** Whether everything that the page says stands in the contract already; the contract may say more at the top. */
function covers(stored: Json | undefined, page: Json): boolean {
  if (isObject(stored) && isObject(page)) {
    return Object.entries(page).every(([key, value]) => isDeepStrictEqual(stored[key], value));
  }
  return isDeepStrictEqual(stored, page);
}

/**
 * Whether a stored operation says what its page says, and counts as documented. One without x-source does, as in the
 * generated table; so importing a page over the published document adds nothing to it.
 */
function isDocumentedAs(stored: Json | undefined, page: Json): boolean {
  return (
    isObject(stored) &&
    (stored["x-source"] ?? "documented") === "documented" &&
    isDeepStrictEqual(without(stored), without(page))
  );
}

/** The page's text, its operation marked as documented and linked to its page. */
function withSource({ text, path, method }: Fragment, docs: string): YamlText {
  const place = ["paths", path, method];
  const cleaned = ["externalDocs", "x-source"].reduce(
    (yaml, key) => new YamlText(removePair(yaml, [...place, key])),
    new YamlText(text),
  );
  const keys = Object.keys(at(cleaned.data, place) ?? {});
  const next = keys[keys.indexOf("operationId") + 1];
  return new YamlText(addPair(cleaned, place, ["externalDocs:", `  url: ${docs}`, "x-source: documented"], next));
}

/** The page's text without the other methods of a path. */
function onlyMethod(yaml: YamlText, path: string, method: string): YamlText {
  const others = Object.keys(at(yaml.data, ["paths", path]) ?? {}).filter((key) => key !== method);
  return others.reduce((rest, other) => new YamlText(removePair(rest, ["paths", path, other])), yaml);
}

function at(data: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((node, key) => (isObject(node) ? node[key] : undefined), data);
}

/** The components that values refer to, directly or through others: `schemas/Connector`. */
function reachable(data: JsonObject, from: readonly Json[]): Set<string> {
  const found = new Set<string>();
  const search = (value: Json): void => {
    if (typeof value === "string") {
      const [, reference] = /^#\/components\/([^/]+\/[^/]+)/.exec(value) ?? [];
      if (reference && !found.has(reference)) {
        found.add(reference);
        search(at(data, ["components", ...reference.split("/")]) ?? null);
      }
    } else if (typeof value === "object" && value !== null) {
      Object.values(value).forEach(search);
    }
  };
  from.forEach(search);
  return found;
}

/** `page.md:120` of a part of a page's block. */
function place({ page, line, text }: Fragment, path: Path): string {
  return `${page}:${line + new YamlText(text).line(path)}`;
}

function listed(keys: readonly string[]): string {
  return keys.length > 3 ? `${keys.slice(0, 3).join(", ")} and ${keys.length - 3} more` : keys.join(", ");
}
