/** `updateMany` and its siblings with several batches in flight. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { type BatchError, type Fetch, isBatchError, type UpsertRowResult, UsageError } from "../../src/index.js";
import { databarWith, failureOf } from "../support/calls.js";
import { rejection, scripted } from "../support/scripted.js";
import { VirtualTime } from "../support/virtual-time.js";

const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `r${n}`, fields: { n } }));

interface Body {
  rows: { id: string }[];
}

/** A table that needs 100 ms for each batch. A batch that starts with one of the given rows fails. */
function table(failing: Readonly<Record<string, () => Response | Error>> = {}) {
  const time = new VirtualTime();
  const seen = { inFlight: 0, peak: 0, batches: [] as string[] };
  const fetch: Fetch = async (_, { body }) => {
    const sent: Body = JSON.parse(String(body));
    const first = sent.rows[0]?.id ?? "";
    seen.batches.push(first);
    seen.peak = Math.max(seen.peak, ++seen.inFlight);
    await time.sleep(100);
    seen.inFlight--;
    const failure = failing[first]?.();
    if (failure instanceof Error) {
      throw failure;
    }
    return failure ?? Response.json({ results: sent.rows.map(({ id }) => ({ id, ok: true })) });
  };
  return { time, seen, rows: databarWith({ apiKey: "k", fetch }, time).tables.rows };
}

describe("updateMany", () => {
  test("sends four batches at a time and returns the results in the order of the rows", async () => {
    const { time, seen, rows: tableRows } = table();
    const results = await tableRows.updateMany("t", rows(1_000));
    expect(seen.peak).toBe(4);
    expect(time.now()).toBe(500);
    expect(results.map(({ id, index }) => `${id} ${index}`)).toEqual(rows(1_000).map(({ id }, n) => `${id} ${n}`));
  });

  test("sends as many batches at a time as concurrency allows", async () => {
    const { seen, rows: tableRows } = table();
    await tableRows.updateMany("t", rows(1_000), {}, { concurrency: 10 });
    expect(seen.peak).toBe(10);
  });

  test("starts no batch after a failure, awaits the batches in flight, and reports which rows were written", async () => {
    const { seen, rows: tableRows } = table({ r0: () => Response.json({ detail: "no" }, { status: 400 }) });
    const error = (await failureOf(tableRows.updateMany("t", rows(1_000)))) as BatchError<{ index: number }>;
    expect(seen.batches).toEqual(["r0", "r50", "r100", "r150"]);
    expect(error.rows).toEqual({
      written: [{ start: 50, end: 200 }],
      uncertain: [],
      notWritten: [{ start: 0, end: 50 }],
    });
    expect(error).toMatchObject({ nextIndex: 0, mayHaveBeenProcessed: false });
    expect(error.results.map(({ index }) => index)).toEqual(Array.from({ length: 150 }, (_, n) => n + 50));
    expect(error.message).toContain("Batch failed at row 0; rows 50-199 were written: ");
  });

  test("reports the rows of a batch without a response as uncertain", async () => {
    const reset = Object.assign(new Error("x"), { code: "ECONNRESET" });
    const { rows: tableRows } = table({ r0: () => reset });
    const error = (await failureOf(tableRows.updateMany("t", rows(100)))) as BatchError;
    expect(error.rows).toMatchObject({ uncertain: [{ start: 0, end: 50 }], written: [{ start: 50, end: 100 }] });
    expect(error.mayHaveBeenProcessed).toBe(true);
  });

  test("calls onProgress with the number of written rows after each batch", async () => {
    const { rows: tableRows } = table();
    const counts: number[] = [];
    const onProgress = (count: number) => counts.push(count);
    await tableRows.updateMany("t", rows(120), {}, { onProgress, concurrency: 1 });
    expect(counts).toEqual([50, 100, 120]);
  });

  test("reports the written rows if onProgress throws", async () => {
    const { seen, rows: tableRows } = table();
    const onProgress = () => Promise.reject(new Error("progress broke"));
    const call = tableRows.updateMany("t", rows(200), {}, { onProgress, concurrency: 1 });
    const error = (await failureOf(call)) as BatchError;
    expect(error).toMatchObject({ nextIndex: 50, cause: { message: "progress broke" } });
    expect(error.rows.written).toEqual([{ start: 0, end: 50 }]);
    expect(seen.batches).toEqual(["r0"]);
  });

  test.each([0, 1.5, 101, "4"])("rejects a concurrency of %j before any request", async (concurrency) => {
    const { databar, requests } = scripted(() => ({}));
    const call = databar.tables.rows.updateMany("t", rows(1), {}, { concurrency: concurrency as number });
    expect(await rejection(call)).toBeInstanceOf(UsageError);
    expect(requests).toEqual([]);
  });
});

test("isBatchError recognises a failed write and gives its results their type", async () => {
  const { rows: tableRows } = table({ r0: () => new Error("reset") });
  const error = await failureOf(tableRows.updateMany("t", rows(1)));
  expect(isBatchError(error)).toBe(true);
  expect(isBatchError(new Error("x"))).toBe(false);
  const actions = (caught: unknown) =>
    isBatchError<UpsertRowResult>(caught) ? caught.results.map(({ action }) => action) : [];
  expectTypeOf(actions).returns.toEqualTypeOf<UpsertRowResult["action"][]>();
});

test.each(["insertMany", "upsertMany"] as const)("%s sends one batch at a time by default", async (method) => {
  const { seen, rows: tableRows } = table();
  const keyed = rows(150).map((row) => ({ ...row, key: { id: row.id } }));
  const written: Promise<unknown> = tableRows[method]("t", keyed);
  await written;
  expect(seen.peak).toBe(1);
});
