/** Which example answers a request. */
import type { NamedExamples, OperationRecord } from "./contract.js";

/** An example, by its name. */
export interface ChosenExample {
  readonly name: string;
  readonly value: unknown;
}

interface PageLike {
  readonly page: number;
  readonly has_next_page?: boolean;
}

/**
 * Chooses by the shape of the examples: where the operation takes `page`, a request for a page gets the example of that
 * page, or of the last one; a request for none gets a plain list, where there is one. Otherwise the first.
 */
export function chooseExample(
  operation: OperationRecord,
  examples: NamedExamples,
  query: string,
): ChosenExample | undefined {
  const all = Object.entries(examples).map(([name, { value }]) => ({ name, value }));
  const takesPage = operation.parameters.some((parameter) => parameter.in === "query" && parameter.name === "page");
  return (takesPage ? byPage(all, new URLSearchParams(query).get("page")) : undefined) ?? all[0];
}

function byPage(all: readonly ChosenExample[], asked: string | null): ChosenExample | undefined {
  const lists = all.filter(({ value }) => Array.isArray(value));
  if (asked === null) {
    return lists[0];
  }
  const number = Number(asked);
  const pages = all.filter(({ value }) => isPage(value));
  if (pages.length > 0) {
    const page = ({ value }: ChosenExample): PageLike => value as PageLike;
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
