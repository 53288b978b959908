/** The simulator's tables, rows and connectors: what was written can be read. */
import { describe, expect, test } from "vitest";
import { Databar } from "../../src/index.js";
import { simulated } from "../support/simulated.js";

const UNKNOWN = "00000000-0000-4000-8000-000000000000";

async function withTable(rows: object[] = []) {
  const { ok, ask, ...rest } = simulated();
  const created = await ok("POST", "/table/create", { name: "Leads", columns: ["Company", "Revenue"] });
  const table = `/table/${created.identifier}`;
  const insert = (fields: object[], more: object = {}) =>
    ok<{ results: { id: string }[] }>("POST", `${table}/rows`, {
      rows: fields.map((each) => ({ fields: each })),
      ...more,
    });
  const inserted = rows.length > 0 ? (await insert(rows)).results : [];
  const companies = async (query = "") =>
    (await ok<{ data: { Company: string }[] }>("GET", `${table}/rows${query}`)).data.map(({ Company }) => Company);
  return { ...rest, ok, ask, table, insert, companies, ids: inserted.map(({ id }) => id) };
}

describe("rows", () => {
  test("that were inserted are listed with all columns", async () => {
    const { ok, table, insert } = await withTable();
    const { results } = await insert([{ Company: "A" }, { Company: "B", Revenue: 5 }], { return_rows: true });
    expect(results).toMatchObject([
      { index: 0, action: "created", row_data: { Company: "A", Revenue: null } },
      { index: 1, action: "created", row_data: { Company: "B", Revenue: 5 } },
    ]);
    expect(await ok("GET", `${table}/rows`)).toEqual({
      data: [
        { id: results[0]?.id, Company: "A", Revenue: null },
        { id: results[1]?.id, Company: "B", Revenue: 5 },
      ],
      has_next_page: false,
      total_count: 2,
      page: 1,
    });
  });

  test("with unknown columns are refused, or add columns with allow_new_columns", async () => {
    const { ok, ask, table, insert } = await withTable();
    expect(await ask("POST", `${table}/rows`, { rows: [{ fields: { Company: "A", City: "X" } }] })).toEqual([
      400,
      { error: "UNKNOWN_COLUMNS", detail: "Unknown columns: City", fields: ["City"] },
    ]);
    expect((await ok("GET", `${table}/rows`)).total_count).toBe(0);
    await insert([{ Company: "A", City: "X" }], { options: { allow_new_columns: true } });
    const columns = await ok<{ name: string; type_of_value: string }[]>("GET", `${table}/columns`);
    expect(columns.map(({ name, type_of_value }) => [name, type_of_value]).at(-1)).toEqual(["City", "text"]);
    for (const [method, path, row] of [
      ["PATCH", "rows", { id: UNKNOWN, fields: { No: 1 } }],
      ["POST", "rows/upsert", { key: { No: 1 }, fields: {} }],
    ] as const) {
      expect((await ask(method, `${table}/${path}`, { rows: [row] }))[0]).toBe(400);
    }
  });

  test("that exist are skipped with dedupe, also those of the same request", async () => {
    const { companies, insert } = await withTable([{ Company: "A" }]);
    const options = { dedupe: { enabled: true, keys: ["Company"] } };
    const { results } = await insert([{ Company: "A" }, { Company: "B" }, { Company: "B" }], { options });
    expect(results.map((each) => Reflect.get(each, "action"))).toEqual([
      "skipped_duplicate",
      "created",
      "skipped_duplicate",
    ]);
    expect(await companies()).toEqual(["A", "B"]);
  });

  test("are updated by id, and only in empty cells with overwrite: false", async () => {
    const { ok, table, ids } = await withTable([{ Company: "A" }, { Company: "B", Revenue: 1 }]);
    const rows = [...ids, UNKNOWN].map((id) => ({ id, fields: { Revenue: 9 } }));
    expect(await ok("PATCH", `${table}/rows`, { rows, overwrite: false, return_rows: true })).toEqual({
      results: [
        { id: ids[0], ok: true, error: null, row_data: { Company: "A", Revenue: 9 } },
        { id: ids[1], ok: true, error: null, row_data: { Company: "B", Revenue: 1 } },
        { id: UNKNOWN, ok: false, error: { code: "ROW_NOT_FOUND" }, row_data: null },
      ],
    });
    await ok("PATCH", `${table}/rows`, { rows: rows.slice(1, 2) });
    expect(await ok("GET", `${table}/rows?page=2&per_page=1`)).toMatchObject({ data: [{ Revenue: 9 }] });
  });

  test("are upserted by key: updated, created, or refused if several match", async () => {
    const { ok, table, ids, companies } = await withTable([{ Company: "A" }, { Company: "C" }, { Company: "C" }]);
    const rows = ["A", "B", "C"].map((Company) => ({ key: { Company }, fields: { Revenue: 2 } }));
    expect(await ok("POST", `${table}/rows/upsert`, { rows })).toMatchObject({
      results: [
        { index: 0, id: ids[0], action: "updated", ok: true },
        { index: 1, action: "created", ok: true },
        { index: 2, id: null, action: null, ok: false, error: { code: "AMBIGUOUS_MATCH", matches: 2 } },
      ],
    });
    expect(await companies()).toEqual(["A", "C", "C", "B"]);
  });

  test("are found by the key that they have now: after an update, a rename of the column, a deletion", async () => {
    const { ok, table, ids } = await withTable([{ Company: "A" }, { Company: "B" }]);
    const upsert = async (key: object) =>
      (await ok<{ results: object[] }>("POST", `${table}/rows/upsert`, { rows: [{ key, fields: {} }] })).results[0];
    expect(await upsert({ Company: "A" })).toMatchObject({ action: "updated", id: ids[0] });
    await ok("PATCH", `${table}/rows`, { rows: [{ id: ids[0], fields: { Company: "C" } }] });
    expect(await upsert({ Company: "C" })).toMatchObject({ action: "updated", id: ids[0] });
    const [column] = await ok<{ identifier: string }[]>("GET", `${table}/columns`);
    await ok("PATCH", `${table}/columns/${column?.identifier}`, { name: "Firm" });
    expect(await upsert({ Firm: "B" })).toMatchObject({ action: "updated", id: ids[1] });
    await ok("POST", `${table}/rows/delete`, { row_ids: [ids[1]] });
    expect(await upsert({ Firm: "B" })).toMatchObject({ action: "created" });
    expect(await upsert({ Firm: "B" })).toMatchObject({ action: "updated" });
  });

  test("that were deleted are gone", async () => {
    const { ok, table, ids, companies } = await withTable([{ Company: "A" }, { Company: "B" }]);
    expect(await ok("POST", `${table}/rows/delete`, { row_ids: [ids[0], "unknown"] })).toEqual({ status: "deleted" });
    expect(await companies()).toEqual(["B"]);
  });

  test("are paged", async () => {
    const { ok, table } = await withTable(Array.from({ length: 50 }, (_, n) => ({ Company: `C${n}` })));
    expect(await ok("GET", `${table}/rows?page=3&per_page=20`)).toMatchObject({
      data: Array.from({ length: 10 }, (_, n) => ({ Company: `C${40 + n}` })),
      has_next_page: false,
      total_count: 50,
      page: 3,
    });
    expect(await ok("GET", `${table}/rows?page=2&per_page=20`)).toMatchObject({ has_next_page: true });
    expect(await ok("GET", `${table}/rows?page=9`)).toMatchObject({ data: [], has_next_page: false });
  });

  test.each([
    [{ Company: { equals: "OpenAI" } }, ["OpenAI"]],
    [{ Company: { not_equals: "OpenAI" } }, ["Figma", "Linear"]],
    [{ Company: { contains: "I" } }, ["OpenAI", "Figma", "Linear"]],
    [{ Company: { contains: "i" }, Revenue: { equals: "5000" } }, ["Figma"]],
    [{ Revenue: { is_empty: true } }, ["Linear"]],
    [{ Revenue: { is_not_empty: true } }, ["OpenAI", "Figma"]],
  ])("are filtered: %j", async (filter, expected) => {
    const { companies } = await withTable([
      { Company: "OpenAI", Revenue: 1 },
      { Company: "Figma", Revenue: 5000 },
      { Company: "Linear" },
    ]);
    expect(await companies(`?filter=${encodeURIComponent(JSON.stringify(filter))}`)).toEqual(expected);
  });

  test.each([
    ["{", "filter is not valid JSON"],
    ["[]", "filter must be an object"],
    ['{"No":{"equals":"x"}}', "Unknown columns: No"],
    ['{"Company":{"like":"x"}}', /one operator for Company: equals, not_equals, contains/],
    ['{"Company":{"toString":"x"}}', /one operator/],
    ['{"Company":{"equals":"x","contains":"x"}}', /one operator/],
  ])("with the filter %s are a 400", async (filter, message) => {
    const { ask, table } = await withTable();
    const [status, body] = await ask("GET", `${table}/rows?filter=${encodeURIComponent(filter)}`);
    expect([status, body]).toEqual([400, { detail: expect.stringMatching(message) }]);
  });
});

describe("tables and columns", () => {
  test("can be created, listed, renamed and deleted", async () => {
    const { ok, ask, table, companies } = await withTable([{ Company: "A" }]);
    await ok("POST", `${table}/columns`, { name: "City", type: "number" });
    const [first] = await ok<{ identifier: string }[]>("GET", `${table}/columns`);
    expect(await ok("PATCH", `${table}/columns/${first?.identifier}`, { name: "Firm" })).toMatchObject({
      name: "Firm",
    });
    expect(await ok("GET", `${table}/rows`)).toMatchObject({ data: [{ Firm: "A", Revenue: null, City: null }] });
    await ok("DELETE", `${table}/columns/${first?.identifier}`);
    const left = await ok<{ name: string }[]>("GET", `${table}/columns`);
    expect(left.map(({ name }) => name)).toEqual(["Revenue", "City"]);
    expect(await companies()).toEqual([undefined]);
    const unknown = [404, { detail: "Column not found" }];
    expect(await ask("DELETE", `${table}/columns/${first?.identifier}`)).toEqual(unknown);
    expect(await ask("PATCH", `${table}/columns/${first?.identifier}`, { name: "x" })).toEqual(unknown);
    expect(await ok("PATCH", table, { name: "People" })).toMatchObject({ name: "People" });
    expect(await ok("GET", "/table/")).toMatchObject([{ name: "People" }]);
    await ok("DELETE", table);
    expect(await ask("GET", `${table}/rows`)).toEqual([404, { detail: "Table not found" }]);
  });

  test("have the documented defaults", async () => {
    const { ok } = simulated();
    const { identifier, name } = await ok("POST", "/table/create", { rows: 2 });
    expect(name).toBe("New empty table");
    expect(await ok("GET", `/table/${identifier}/rows`)).toMatchObject({
      data: [{ column1: null, column2: null, column3: null }, {}],
    });
  });
});

test("connectors can be created, read, replaced and deleted", async () => {
  const { ok, ask } = simulated();
  const created = await ok("POST", "/connectors/", {
    name: "CRM",
    method: "get",
    url: "https://x.example",
    rate_limit: 5,
  });
  expect(created).toMatchObject({ id: 1, type: "enrichment", headers: [], rate_limit: 5 });
  // A replaced connector loses what the body omits.
  await ok("PUT", "/connectors/1", { name: "CRM 2", method: "post", url: "u", headers: [{ name: "X" }] });
  const replaced = {
    name: "CRM 2",
    rate_limit: null,
    headers: [{ name: "X", value: "" }],
    created_at: created.created_at,
  };
  expect(await ok("GET", "/connectors/1")).toMatchObject(replaced);
  expect(await ok("GET", "/connectors/")).toHaveLength(1);
  expect(await ask("DELETE", "/connectors/1")).toEqual([204, undefined]);
  for (const [method, body] of [["GET"], ["DELETE"], ["PUT", { name: "n", method: "get", url: "u" }]] as const) {
    expect(await ask(method, "/connectors/1", body)).toEqual([404, { detail: "Connector not found" }]);
  }
  expect(await ok("POST", "/connectors/", { name: "n", method: "get", url: "u" })).toMatchObject({ id: 2 });
});

test("operations that are not simulated answer their documented examples, and invalid requests a 422", async () => {
  const { ok, ask } = simulated();
  expect(await ok("GET", "/exporters/77")).toMatchObject({ id: 77, name: "Slack message" });
  expect((await ask("POST", "/folders", {}))[0]).toBe(422);
  expect((await ask("GET", "/nope"))[0]).toBe(404);
});

test("the client's batches and walks work against it", async () => {
  const { simulator } = simulated();
  const databar = new Databar({ apiKey: "test-key", fetch: simulator.fetch });
  const { identifier } = await databar.tables.create({ name: "Leads", columns: ["Email", "N"] });
  const rows = Array.from({ length: 120 }, (_, n) => ({ key: { Email: `${n}@example.com` }, fields: { N: n } }));
  const results = await databar.tables.rows.upsertMany(identifier, rows);
  expect(new Set(results.map(({ id }) => id)).size).toBe(120);
  const read: unknown[] = [];
  for await (const row of databar.tables.rows.iterate(identifier)) {
    read.push(row.N);
  }
  expect(read).toEqual(rows.map(({ fields }) => fields.N));
});
