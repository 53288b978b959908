/** Chooses the example that answers a request. */
import type { NamedExamples, OperationRecord } from "./contract.js";

/** An example, by its name. */
export interface NamedExample {
  readonly name: string;
  readonly value: unknown;
}

type Values = Readonly<Record<string, string>>;

interface PageLike {
  readonly page: number;
  readonly has_next_page?: boolean;
}

/** The examples of one body. */
export class ExampleSet {
  readonly #all: readonly NamedExample[];
  readonly #takesPage: boolean;
  /** For each path parameter, the fields of the body that hold its value. */
  readonly #idFields: ReadonlyMap<string, readonly string[]>;
  readonly #listed: readonly unknown[];
  /** By `parameter=value`. */
  readonly #byId = new Map<string, NamedExample>();

  /**
   * @param listed - Items of the list that the operation's path is a part of. The item with the requested id completes
   *   an example of another id, so that an item of a list and its details agree.
   */
  constructor(operation: OperationRecord, examples: NamedExamples, listed: readonly unknown[] = []) {
    this.#listed = listed;
    this.#all = Object.entries(examples).map(([name, { value }]) => ({ name, value }));
    this.#takesPage = operation.parameters.some(({ in: where, name }) => where === "query" && name === "page");
    this.#idFields = new Map(
      operation.parameters
        .filter(({ in: where }) => where === "path")
        .map(({ name }) => [name, idFields(operation.path, name)]),
    );
    for (const [parameter, fields] of this.#idFields) {
      for (const example of this.#all) {
        const id = fields.map((field) => fieldOf(example.value, field)).find(isId);
        if (id !== undefined && !this.#byId.has(`${parameter}=${id}`)) {
          this.#byId.set(`${parameter}=${id}`, example);
        }
      }
    }
  }

  /** The example of that name, if there is one. */
  named(name: string): NamedExample | undefined {
    return this.#all.find((example) => example.name === name);
  }

  /**
   * The example that fits a request: the one with the requested id, or the requested page. Without a match it is the
   * first example.
   *
   * Some operations return a plain list without `page`, and a page with it. Their lists answer requests without `page`.
   */
  fitting(values: Values, query: string): NamedExample | undefined {
    const page = this.#takesPage ? byPage(this.#all, new URLSearchParams(query).get("page")) : undefined;
    return this.#withId(values) ?? page ?? this.#all[0];
  }

  /** A body in which the ids are the requested ones. */
  withRequestedIds(body: unknown, values: Values): unknown {
    if (this.#withId(values)?.value === body) {
      return body;
    }
    const changes: Record<string, unknown> = {};
    for (const [parameter, fields] of this.#idFields) {
      const isRequested = (item: unknown): boolean =>
        fields.some((field) => isId(fieldOf(item, field)) && String(fieldOf(item, field)) === values[parameter]);
      Object.assign(changes, this.#listed.find(isRequested));
    }
    for (const [parameter, fields] of this.#idFields) {
      for (const field of fields) {
        const own = fieldOf(body, field);
        const requested = values[parameter];
        if (requested !== undefined && isId(own) && String(own) !== requested) {
          changes[field] = typeof own === "number" ? toNumber(requested, own) : requested;
        }
      }
    }
    return Object.keys(changes).length > 0 ? { ...(body as object), ...changes } : body;
  }

  #withId(values: Values): NamedExample | undefined {
    for (const parameter of this.#idFields.keys()) {
      const found = this.#byId.get(`${parameter}=${values[parameter]}`);
      if (found) {
        return found;
      }
    }
    return undefined;
  }
}

function isId(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

/** A path that ends with a parameter identifies the body itself: its `id` or `identifier` is the parameter's value. */
function idFields(path: string, parameter: string): string[] {
  const own = path.endsWith(`{${parameter}}`) ? ["id", "identifier"] : [];
  // The deprecated alias has the same value.
  const alias = parameter === "task_id" ? ["request_id"] : [];
  return [parameter, ...own, ...alias];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Reflect.get(value, name) : undefined;
}

/** The server accepts spellings such as `1_000` and `+7`. */
function toNumber(text: string, otherwise: number): number {
  const number = Number(text.replaceAll("_", ""));
  return Number.isFinite(number) ? number : otherwise;
}

function byPage(all: readonly NamedExample[], requested: string | null): NamedExample | undefined {
  const lists = all.filter(({ value }) => Array.isArray(value));
  if (requested === null) {
    return lists[0];
  }
  const number = Number(requested);
  const pages = all.filter(({ value }) => isPage(value));
  if (pages.length > 0) {
    const page = ({ value }: NamedExample): PageLike => value as PageLike;
    // A page beyond the end gets the last page, which reports that nothing follows. So a walk over the pages ends.
    return (
      pages.find((each) => page(each).page === number) ??
      pages.find((each) => page(each).has_next_page === false) ??
      pages[0]
    );
  }
  return number > 1 ? lists.find(({ value }) => (value as unknown[]).length === 0) : lists[0];
}

function isPage(value: unknown): value is PageLike {
  return typeof value === "object" && value !== null && "page" in value && typeof value.page === "number";
}
