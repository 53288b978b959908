/** Which example answers a request. */
import type { NamedExamples, OperationRecord } from "./contract.js";

/** An example, by its name. */
export interface NamedExample {
  readonly name: string;
  readonly value: unknown;
}

interface PageLike {
  readonly page: number;
  readonly has_next_page?: boolean;
}

/** The examples of one body, and which of them fits a request. */
export class ExampleSet {
  readonly #all: readonly NamedExample[];
  readonly #takesPage: boolean;
  /** By parameter of the path and value of the field of that name. */
  readonly #byValue = new Map<string, NamedExample>();

  constructor(operation: OperationRecord, examples: NamedExamples) {
    this.#all = Object.entries(examples).map(([name, { value }]) => ({ name, value }));
    this.#takesPage = operation.parameters.some(({ in: where, name }) => where === "query" && name === "page");
    for (const parameter of operation.parameters.filter(({ in: where }) => where === "path")) {
      for (const example of this.#all) {
        const value = (example.value as Readonly<Record<string, unknown>> | null)?.[parameter.name];
        const key = `${parameter.name}=${value}`;
        if (value !== undefined && !this.#byValue.has(key)) {
          this.#byValue.set(key, example);
        }
      }
    }
  }

  /** The example of a name; undefined where there is none. */
  named(name: string): NamedExample | undefined {
    return this.#all.find((example) => example.name === name);
  }

  /**
   * The example that fits a request. One that has a value of the path in the field of the same name, such as a task's
   * id, is the one that was asked for. Where the operation takes `page`, a request for a page gets the example of that
   * page, or of the last one; a request for none gets a plain list, where there is one. Otherwise the first.
   */
  fitting(values: Readonly<Record<string, string>>, query: string): NamedExample | undefined {
    if (this.#byValue.size > 0) {
      for (const name in values) {
        const example = this.#byValue.get(`${name}=${values[name]}`);
        if (example) {
          return example;
        }
      }
    }
    const page = this.#takesPage ? byPage(this.#all, new URLSearchParams(query).get("page")) : undefined;
    return page ?? this.#all[0];
  }
}

function byPage(all: readonly NamedExample[], asked: string | null): NamedExample | undefined {
  const lists = all.filter(({ value }) => Array.isArray(value));
  if (asked === null) {
    return lists[0];
  }
  const number = Number(asked);
  const pages = all.filter(({ value }) => isPage(value));
  if (pages.length > 0) {
    const page = ({ value }: NamedExample): PageLike => value as PageLike;
    // Beyond the last page stands the last page: it says that nothing follows, so that a walk over the pages ends.
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
