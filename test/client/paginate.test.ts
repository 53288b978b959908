import { describe, expect, test } from "vitest";
import { AbortError, UsageError } from "../../src/index.js";
import { rejection, type SentRequest, scripted } from "../support/scripted.js";
import { unhandledRejections } from "../support/unhandled.js";

const unhandled = unhandledRejections();
const TABLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

/** A server with one page for each of `sizes`. Items are numbered across pages. */
function pages(sizes: number[], hasNext: (page: number) => boolean | undefined = (page) => page < sizes.length) {
  return scripted(({ query }) => {
    const page = Number(query.get("page"));
    const before = sizes.slice(0, page - 1).reduce((sum, size) => sum + size, 0);
    const items = Array.from({ length: sizes[page - 1] ?? 0 }, (_, index) => ({ id: before + index }));
    return { items, data: items, page, limit: 2, has_next_page: hasNext(page), total_count: 99 };
  });
}

async function ids(items: AsyncIterable<{ id?: unknown }>): Promise<unknown[]> {
  const found = [];
  for await (const { id } of items) {
    found.push(id);
  }
  return found;
}

const targets = (requests: SentRequest[]): string[] => requests.map(({ target }) => target);

const lists: [name: string, sizes: number[], found: number[], pageCount: number][] = [
  ["an empty list", [0], [], 1],
  ["one page", [2], [0, 1], 1],
  ["three pages", [2, 2, 1], [0, 1, 2, 3, 4], 3],
];

test.each(lists)("iterate yields the items of %s and requests each page once", async (_, sizes, found, pageCount) => {
  const { databar, requests } = pages(sizes);
  expect(await ids(databar.enrichments.iterate({ q: "mail" }))).toEqual(found);
  expect(targets(requests)).toEqual(
    Array.from({ length: pageCount }, (_, index) => `/v1/enrichments/?q=mail&page=${index + 1}`),
  );
});

test("a page that was requested ahead and fails does not matter to a caller who has left", async () => {
  const { databar, requests } = scripted(({ query }) =>
    query.get("page") === "1"
      ? { items: [{ id: 1 }, { id: 2 }], has_next_page: true }
      : Response.json({ detail: "no" }, { status: 400 }),
  );
  for await (const { id } of databar.exporters.iterate()) {
    if (id === 2) {
      break;
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(requests).toHaveLength(2);
  expect(unhandled).toEqual([]);
});

describe("has_next_page", () => {
  test("that is true on every page is followed until a page is empty", async () => {
    const { databar, requests } = pages([2, 1], () => true);
    expect(await ids(databar.exporters.iterate())).toEqual([0, 1, 2]);
    expect(requests).toHaveLength(3);
  });

  test("that is true on every page ends in an error if 10 000 items more than total_count have come", async () => {
    const allowed = pages([5_099, 5_000], () => true);
    expect(await ids(allowed.databar.exporters.iterate())).toHaveLength(10_099);
    const tooMany = pages([5_099, 5_001], () => true);
    const error = await rejection(ids(tooMany.databar.exporters.iterate()));
    expect(error).toMatchObject({ name: "ResponseParseError" });
    expect((error as Error).message).toContain("the pages up to 2 have 10100 items, but total_count is 99");
  });

  test.each([
    ["first", [["a", "x"], ["b", "x"], []]],
    ["last", [["x", "a"], ["x", "b"], []]],
    ["number", [["x", "x"], ["x"], []]],
  ])("is followed to a page that differs from the one before in its %s item only", async (_, all) => {
    const { databar } = scripted(({ query }) => ({
      items: all[Number(query.get("page")) - 1]?.map((id) => ({ id })),
      has_next_page: true,
    }));
    expect(await ids(databar.exporters.iterate())).toEqual(all.flat());
  });

  test("that is missing is treated as true until a page is empty", async () => {
    const { databar, requests } = pages([2, 1], () => undefined);
    expect(await ids(databar.tables.rows.iterate(TABLE))).toEqual([0, 1, 2]);
    expect(requests).toHaveLength(3);
  });

  test("that is false ends the iteration, even on a full page", async () => {
    const { databar, requests } = pages([2, 2], () => false);
    expect(await ids(databar.enrichments.iterate())).toEqual([0, 1]);
    expect(requests).toHaveLength(1);
  });
});

describe("iterate", () => {
  test("requests nothing before the first item is needed, and one page ahead from the second item on", async () => {
    const { databar, requests } = pages([2, 2]);
    const walk = databar.tables.rows.iterate(TABLE, { per_page: 2 });
    expect(requests).toHaveLength(0);
    await walk.next();
    expect(targets(requests)).toEqual([`/v1/table/${TABLE}/rows?per_page=2&page=1`]);
    await walk.next();
    expect(targets(requests).slice(1)).toEqual([`/v1/table/${TABLE}/rows?per_page=2&page=2`]);
  });

  test("requests no further page after a break", async () => {
    const { databar, requests } = pages([2, 2, 2]);
    for await (const { id } of databar.enrichments.iterateChoices(833, "country", { limit: 2 })) {
      if (Number(id) === 2) break;
    }
    expect(targets(requests)).toEqual([
      "/v1/enrichments/833/params/country/choices?limit=2&page=1",
      "/v1/enrichments/833/params/country/choices?limit=2&page=2",
    ]);
  });

  test("ends at once when its signal is aborted, even within a page", async () => {
    const { databar, requests } = pages([3, 3]);
    const controller = new AbortController();
    const found: unknown[] = [];
    const readAll = async (): Promise<void> => {
      for await (const { id } of databar.enrichments.iterate({}, { signal: controller.signal })) {
        found.push(id);
        controller.abort(new Error("enough"));
      }
    };
    const error = await rejection(readAll());
    expect(error).toBeInstanceOf(AbortError);
    expect((error as AbortError).cause).toEqual(new Error("enough"));
    expect({ found, requests: requests.length }).toEqual({ found: [0], requests: 1 });
  });

  test("yields the items before a failed page, then throws the error of that page", async () => {
    const { databar } = scripted(({ query }) =>
      query.get("page") === "1"
        ? { items: [{ id: 1 }], has_next_page: true }
        : Response.json({ detail: "no" }, { status: 404 }),
    );
    const items = databar.enrichments.iterate();
    expect((await items.next()).value).toEqual({ id: 1 });
    await expect(items.next()).rejects.toThrow("GET /v1/enrichments/ -> 404: no");
  });
});

describe("before any request", () => {
  const { databar, requests } = scripted(() => []);
  const wrong: [name: string, call: () => Promise<unknown>, message: RegExp][] = [
    ["page 0", () => databar.enrichments.listPage({ page: 0 }), /^page must be a whole number from 1: got 0$/],
    ["page 1.5", () => databar.exporters.listPage({ page: 1.5 }), /^page must be a whole number from 1: got 1\.5$/],
    [
      "limit 501",
      () => databar.enrichments.listPage({ limit: 501 }),
      /^limit must be a whole number from 1 to 500: got 501$/,
    ],
    ["limit 0 of iterate", () => databar.exporters.iterate({ limit: 0 }).next(), /^limit must be/],
    ["limit NaN", () => databar.enrichments.choices(1, "a", { limit: Number.NaN }), /^limit must be .*: got NaN$/],
    ["limit as a string", () => databar.enrichments.choices(1, "a", { limit: "5" as never }), /^limit must be/],
    ["per_page 501", () => databar.tables.rows.list(TABLE, { per_page: 501 }), /^per_page must be .* to 500: got 501$/],
    ["page -1 of flows.listVersions", () => databar.flows.listVersions(1, { page: -1 }), /^page must be/],
  ];

  test.each(wrong)("an invalid paging parameter is rejected: %s", async (_, call, message) => {
    const error = await rejection(call());
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
    expect(requests).toEqual([]);
  });
});

describe("operations with two response shapes", () => {
  test("send no page number with list, and always send one with listPage", async () => {
    const { databar, requests } = scripted(() => []);
    await databar.enrichments.list({ q: "a" });
    await databar.enrichments.listPage({ q: "a" });
    await databar.exporters.listPage({ page: undefined as never, limit: 5 });
    expect(targets(requests)).toEqual([
      "/v1/enrichments/?q=a",
      "/v1/enrichments/?q=a&page=1",
      "/v1/exporters/?page=1&limit=5",
    ]);
  });
});

describe("tables.rows.list", () => {
  test("always sends per_page, and sends the filter as JSON", async () => {
    const { databar, requests } = scripted(() => ({ data: [] }));
    await databar.tables.rows.list(TABLE);
    await databar.tables.rows.list(TABLE, { per_page: undefined as never });
    await databar.tables.rows.list(TABLE, { filter: { name: { contains: "a" }, revenue: { equals: "5000" } } });
    expect(requests.map(({ query }) => [query.get("per_page"), query.get("filter")])).toEqual([
      ["100", null],
      ["100", null],
      ["100", '{"name":{"contains":"a"},"revenue":{"equals":"5000"}}'],
    ]);
  });
});
