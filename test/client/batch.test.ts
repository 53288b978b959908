import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { BatchError, UsageError } from "../../src/index.js";
import { rejection, scripted } from "../support/scripted.js";

const TABLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

interface Sent {
  rows: { fields: { n: number } }[];
}

const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ fields: { n } }));

/** A server that returns the index and an id for each row of a batch. Request number `failAt` fails. */
function table(
  failAt?: number,
  failure: () => Response | Error = () => Response.json({ detail: "no" }, { status: 400 }),
) {
  return scripted(({ body }, number) =>
    number === failAt
      ? failure()
      : {
          results: (body as Sent).rows.map(({ fields }, index) => ({
            index,
            id: `row-${fields.n}`,
            action: "created",
          })),
        },
  );
}

const sizes: [count: number, batches: number[]][] = [
  [0, []],
  [1, [1]],
  [50, [50]],
  [51, [50, 1]],
  [1_000, Array.from({ length: 20 }, () => 50)],
];

test.each(sizes)(
  "insertMany sends %i rows in batches of 50 and numbers the results across batches",
  async (count, batches) => {
    const { databar, requests } = table();
    const results = await databar.tables.rows.insertMany(TABLE, rows(count), { return_rows: true });
    expect(requests.map(({ body }) => (body as Sent).rows.length)).toEqual(batches);
    expect(requests.every(({ body }) => (body as { return_rows?: boolean }).return_rows === true)).toBe(true);
    expect(results.map(({ index, id }) => [index, id])).toEqual(rows(count).map((_, n) => [n, `row-${n}`]));
  },
);

test("insertMany reads an async iterable only as fast as it sends the rows", async () => {
  const { databar, requests } = table();
  const sentWhenRead: number[] = [];
  async function* source() {
    for (const row of rows(120)) {
      sentWhenRead.push(requests.length);
      yield row;
    }
  }
  const results = await databar.tables.rows.insertMany(TABLE, source());
  expect(results).toHaveLength(120);
  expect([sentWhenRead[49], sentWhenRead[50], sentWhenRead[100]]).toEqual([0, 1, 2]);
});

describe("a BatchError", () => {
  test("has the results so far, the index to continue from, and the cause", async () => {
    const { databar, requests } = table(3);
    const error = (await rejection(databar.tables.rows.insertMany(TABLE, rows(200)))) as BatchError<{ id: string }>;
    expect(error).toBeInstanceOf(BatchError);
    expect(error).toMatchObject({ name: "BatchError", nextIndex: 100, mayHaveBeenProcessed: false });
    expect(error.cause).toMatchObject({ name: "BadRequestError", status: 400 });
    expect(error.message).toBe(
      "Batch failed at row 100; rows 0-99 were written: POST /v1/table/{table_uuid}/rows -> 400: no",
    );
    expect(error.results).toHaveLength(100);
    expect(error.results.at(-1)).toMatchObject({ index: 99, id: "row-99" });
    expect(requests).toHaveLength(3);
  });

  test("without a response reports that the batch may have been written, and the batch is not resent", async () => {
    const reset = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET" } });
    const { databar, requests } = table(2, () => reset);
    const error = await rejection(databar.tables.rows.insertMany(TABLE, rows(100)));
    expect(error).toMatchObject({ nextIndex: 50, mayHaveBeenProcessed: true });
    expect(requests).toHaveLength(2);
  });

  test.each([null, {}, { results: null }])(
    "after the response %j, which has no results, reports that the batch may have been written",
    async (response) => {
      const { databar, requests } = scripted(({ body }) =>
        requests.length > 1 ? response : { results: (body as Sent).rows },
      );
      const error = await rejection(databar.tables.rows.insertMany(TABLE, rows(100)));
      expect(error).toMatchObject({ name: "BatchError", nextIndex: 50, mayHaveBeenProcessed: true });
      expect((error as Error).message).toContain(
        "Batch failed at row 50; rows 0-49 were written: POST /v1/table/{table_uuid}/rows -> 200: the response has no results for 50 rows",
      );
      expect(requests).toHaveLength(2);
    },
  );

  test("has the results of the written rows if the source of the rows throws", async () => {
    const { databar } = table();
    async function* source() {
      yield* rows(60);
      throw new Error("file ended in mid-line");
    }
    const error = await rejection(databar.tables.rows.insertMany(TABLE, source()));
    expect(error).toMatchObject({ nextIndex: 50, cause: new Error("file ended in mid-line") });
    expect((error as BatchError).results).toHaveLength(50);
  });

  test("has the results of the written rows if the signal is aborted", async () => {
    const controller = new AbortController();
    const { databar, requests } = scripted(({ body }) => {
      controller.abort();
      return { results: (body as Sent).rows.map((_, index) => ({ index })) };
    });
    const call = databar.tables.rows.insertMany(TABLE, rows(60), {}, { signal: controller.signal });
    expect(await rejection(call)).toMatchObject({ name: "BatchError", cause: { name: "AbortError" } });
    expect(requests).toHaveLength(1);
  });
});

test("a write of an iterable leaves the signal as it was", async () => {
  const { databar } = table();
  const { signal } = new AbortController();
  async function* source() {
    yield* rows(60);
  }
  await databar.tables.rows.insertMany(TABLE, source(), {}, { signal });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

test.each([undefined, null, "0"])("a result whose index is %j gets the index of its row", async (index) => {
  const { databar } = scripted(({ body }) => ({ results: (body as Sent).rows.map(() => ({ index })) }));
  const results = await databar.tables.rows.insertMany(TABLE, rows(51));
  expect(results.map(({ index }) => index)).toEqual(results.map((_, position) => position));
});

test("updateMany and upsertMany send to their own paths and number results that have no index", async () => {
  const { databar, requests } = scripted(({ body }) => ({ results: (body as Sent).rows.map(() => ({ ok: true })) }));
  const updates = Array.from({ length: 51 }, (_, n) => ({ id: `row-${n}`, fields: {} }));
  const updated = await databar.tables.rows.updateMany(TABLE, updates, { overwrite: false });
  const upserts = Array.from({ length: 51 }, (_, n) => ({ key: { email: `${n}` }, fields: {} }));
  const upserted = await databar.tables.rows.upsertMany(TABLE, upserts);
  expect(updated.map(({ index }) => index)).toEqual(upserts.map((_, index) => index));
  expect(upserted.at(-1)).toEqual({ ok: true, index: 50 });
  expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
    `PATCH /v1/table/${TABLE}/rows`,
    `PATCH /v1/table/${TABLE}/rows`,
    `POST /v1/table/${TABLE}/rows/upsert`,
    `POST /v1/table/${TABLE}/rows/upsert`,
  ]);
  expect(requests[0]?.body).toMatchObject({ overwrite: false });
});

describe("tables.rows", () => {
  const { databar, requests } = scripted(() => ({ results: [] }));
  const { rows: tableRows } = databar.tables;
  const wrong: [name: string, call: () => Promise<unknown>, message: string][] = [
    [
      "51 rows to insert",
      () => tableRows.insert(TABLE, { rows: rows(51) }),
      "rows must be a list of 1 to 50: got a list of 51; insertMany takes any number",
    ],
    [
      "no rows to insert",
      () => tableRows.insert(TABLE, { rows: [] }),
      "rows must be a list of 1 to 50: got a list of 0; insertMany takes any number",
    ],
    [
      "51 rows to update",
      () => tableRows.update(TABLE, { rows: Array(51) }),
      "rows must be a list of 1 to 50: got a list of 51; updateMany takes any number",
    ],
    [
      "51 rows to upsert",
      () => tableRows.upsert(TABLE, { rows: Array(51) }),
      "rows must be a list of 1 to 50: got a list of 51; upsertMany takes any number",
    ],
    [
      "rows that are not a list",
      () => tableRows.insert(TABLE, { rows: "x" as never }),
      'rows must be a list of 1 to 50: got "x"; insertMany takes any number',
    ],
    [
      "an insert without a body",
      () => tableRows.insert(TABLE, undefined as never),
      "rows must be a list of 1 to 50: got undefined; insertMany takes any number",
    ],
    [
      "a number as the rows of insertMany",
      () => tableRows.insertMany(TABLE, 5 as never),
      "rows must be a list, or an iterable or async iterable of rows",
    ],
  ];

  test.each(wrong)("rejects %s before any request", async (_, call, message) => {
    const error = await rejection(call());
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toBe(message);
    expect(requests).toEqual([]);
  });
});
