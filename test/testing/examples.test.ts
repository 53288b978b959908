/** `ExampleSet`: which example answers a request, and with which ids. */
import { describe, expect, test } from "vitest";
import type { OperationRecord } from "../../src/testing/contract.js";
import { ExampleSet } from "../../src/testing/examples.js";

function operation(path: string, query: string[] = []): OperationRecord {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: "path", required: true, schema: {} }));
  const inQuery = query.map((name) => ({ name, in: "query", required: false, schema: {} }));
  return { method: "GET", path, parameters: [...inPath, ...inQuery] } as unknown as OperationRecord;
}

/** A set of examples with these values, named a, b, c and so on. */
function setOf(record: OperationRecord, values: readonly unknown[], listed?: readonly unknown[]): ExampleSet {
  const named = values.map((value, index) => [String.fromCharCode(97 + index), { value }] as const);
  return new ExampleSet(record, Object.fromEntries(named) as never, listed);
}

describe("the example that fits a request", () => {
  const ONE = operation("/v1/x/{x_id}");

  test.each([
    ["1", "a"],
    ["2", "b"],
    ["3", "a"],
  ])("for the id %s is %s", (id, name) => {
    expect(setOf(ONE, [{ id: 1 }, { id: 2 }, { id: 2, second: true }]).fitting({ x_id: id }, "")?.name).toBe(name);
  });

  test("is found by identifier, by the parameter's own name, and by request_id for a task", () => {
    const tables = setOf(operation("/v1/table/{table_uuid}"), [{ identifier: "t" }, { identifier: "u" }]);
    expect(tables.fitting({ table_uuid: "u" }, "")?.name).toBe("b");
    const versions = setOf(operation("/v1/x/{x_id}/y"), [
      { x_id: "1", id: "2" },
      { x_id: "2", id: "1" },
    ]);
    expect(versions.fitting({ x_id: "2" }, "")?.name).toBe("b");
    const tasks = setOf(operation("/v1/tasks/{task_id}"), [{ task_id: "t" }, { request_id: "u" }]);
    expect(tasks.fitting({ task_id: "u" }, "")?.name).toBe("b");
  });

  test("has no id in a list, in text or in null", () => {
    expect(setOf(ONE, [[{ id: 1 }], "1", null]).fitting({ x_id: "1" }, "")?.name).toBe("a");
    expect(setOf(ONE, []).fitting({ x_id: "1" }, "")).toBeUndefined();
  });

  const paged = (...values: unknown[]) => setOf(operation("/v1/x/", ["page"]), values);
  const list = [{ id: 1 }];
  const page = (number: number, has_next_page = false) => ({ page: number, has_next_page, items: [] });

  test.each([
    ["without a page, the list", paged(page(1), list), "", "b"],
    ["without a page and a list, the first", paged(page(1)), "", "a"],
    ["with a page, that page", paged(list, page(1, true), page(2)), "page=2", "c"],
    ["with a page, the only one", paged(list, page(1)), "page=1", "b"],
    ["with a page beyond the end, the last", paged(list, page(1, true), page(2)), "page=9", "c"],
    ["with a page beyond the end, none that is last, the first page", paged(list, page(1, true)), "page=9", "b"],
    ["with the first page of lists, the list", paged(list, []), "page=1", "a"],
    ["with the second page of lists, the empty one", paged(list, []), "page=2", "b"],
    [
      "with a page that the operation does not take, the first",
      setOf(operation("/v1/x/"), [page(1), page(2)]),
      "page=2",
      "a",
    ],
  ])("is, %s", (_, set, query, name) => {
    expect(set.fitting({}, query)?.name).toBe(name);
  });
});

describe("the ids of an example", () => {
  const ONE = operation("/v1/x/{x_id}");

  test("are those of the request, as text or number, whatever the example has", () => {
    const set = setOf(ONE, []);
    expect(set.withRequestedIds({ id: 1, other: 1 }, { x_id: "7" })).toEqual({ id: 7, other: 1 });
    expect(set.withRequestedIds({ id: 1 }, { x_id: "1_000" })).toEqual({ id: 1_000 });
    expect(set.withRequestedIds({ id: "a" }, { x_id: "7" })).toEqual({ id: "7" });
    expect(set.withRequestedIds({ id: 1 }, { x_id: "seven" })).toEqual({ id: 1 });
  });

  test.each([[{ id: 7 }], [{ id: "7" }], [{ id: null }], [{ other: 1 }], [[1]], ["text"], [null]])(
    "leave %j as it is if nothing differs",
    (body) => {
      expect(setOf(ONE, []).withRequestedIds(body, { x_id: "7" })).toBe(body);
      expect(setOf(ONE, []).withRequestedIds(body, {})).toBe(body);
    },
  );

  test("bring the other fields of a list's item with the same id", () => {
    const set = setOf(
      ONE,
      [],
      [
        { id: 6, name: "six" },
        { id: 7, name: "seven" },
      ],
    );
    expect(set.withRequestedIds({ id: 1, name: "one", more: true }, { x_id: "7" })).toEqual({
      id: 7,
      name: "seven",
      more: true,
    });
  });

  test("are kept in an example that has the requested id", () => {
    const own = { id: 7, name: "own" };
    const set = setOf(ONE, [own], [{ id: 7, name: "of the list" }]);
    expect(set.withRequestedIds(own, { x_id: "7" })).toBe(own);
  });
});
