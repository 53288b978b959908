/** What a caller passes reaches every request: signal, headers, timeoutMs and maxRetries, on every method of the facade. */
import { describe, expect, test, vi } from "vitest";
import { call, createTransport } from "../../src/http/call.js";
import type { ConnectorCreate, Databar, Fetch, RequestOptions } from "../../src/index.js";
import { resolveClientOptions } from "../../src/options.js";
import { databarWith, failureOf, fakeRuntime } from "../support/calls.js";

type MethodsOf<T, Prefix extends string> = {
  [Key in keyof T & string]: T[Key] extends (...args: never[]) => unknown
    ? `${Prefix}${Key}`
    : MethodsOf<T[Key], `${Prefix}${Key}.`>;
}[keyof T & string];

type Method = MethodsOf<Omit<Databar, "api">, "">;

/** How a test calls a method, and the responses that the method's requests get. */
interface Row {
  call: (databar: Databar, options: RequestOptions) => Promise<unknown>;
  /** One response for each request. Default: one, `{}`. */
  responses?: readonly unknown[];
  /** The method waits for a task: `timeoutMs` limits the whole wait, and there is no `maxRetries`. */
  waits?: true;
}

const connector: ConnectorCreate = { name: "n", method: "get", url: "https://example.com" };
const stored = { id: 7, type: "enrichment", ...connector };
const pages = [
  { items: [{}], has_next_page: true },
  { items: [{}], has_next_page: false },
];
const rowPages = pages.map(({ items, ...page }) => ({ data: items, ...page }));
const run = [
  { task_id: "t1", status: "processing" },
  { task_id: "t1", status: "completed", data: [] },
] as const;
const batches = [50, 1].map((length) => ({ results: Array.from({ length }, () => ({ ok: true })) }));
const rows = Array.from({ length: 51 }, () => ({ id: "r", key: { a: "b" }, fields: { a: 1 } }));

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items) {
    // Iterating requests every page.
  }
}

const methods: Readonly<Record<Method, Row>> = {
  request: { call: (databar, options) => databar.request("GET", "/v1/user/me", { ...options }) },
  "user.me": { call: ({ user }, options) => user.me(options) },
  "tasks.get": { call: ({ tasks }, options) => tasks.get("t1", {}, options) },
  "tasks.cancel": { call: ({ tasks }, options) => tasks.cancel("t1", options) },
  "tasks.wait": { call: ({ tasks }, options) => tasks.wait("t1", options), responses: run, waits: true },
  "tasks.waitAll": { call: ({ tasks }, options) => tasks.waitAll(["t1"], options), responses: [run[1]], waits: true },
  "tasks.waitEach": {
    call: ({ tasks }, options) => drain(tasks.waitEach(["t1"], options)),
    responses: [run[1]],
    waits: true,
  },
  "enrichments.list": { call: ({ enrichments }, options) => enrichments.list({}, options) },
  "enrichments.listPage": { call: ({ enrichments }, options) => enrichments.listPage({}, options) },
  "enrichments.iterate": {
    call: ({ enrichments }, options) => drain(enrichments.iterate({}, options)),
    responses: pages,
  },
  "enrichments.get": { call: ({ enrichments }, options) => enrichments.get(1, options) },
  "enrichments.choices": { call: ({ enrichments }, options) => enrichments.choices(1, "p", {}, options) },
  "enrichments.iterateChoices": {
    call: ({ enrichments }, options) => drain(enrichments.iterateChoices(1, "p", {}, options)),
    responses: pages,
  },
  "enrichments.run": { call: ({ enrichments }, options) => enrichments.run(1, { params: {} }, options) },
  "enrichments.bulkRun": { call: ({ enrichments }, options) => enrichments.bulkRun(1, { params: [] }, options) },
  "enrichments.estimate": {
    call: ({ enrichments }, options) => enrichments.estimate(1, [], options),
    responses: [{ id: 1, price: 1 }],
  },
  "enrichments.runAndWait": {
    call: ({ enrichments }, options) => enrichments.runAndWait(1, { params: {} }, { submitGraceMs: 0, ...options }),
    responses: run,
    waits: true,
  },
  "enrichments.bulkRunAndWait": {
    call: ({ enrichments }, options) => enrichments.bulkRunAndWait(1, { params: [] }, { submitGraceMs: 0, ...options }),
    responses: run,
    waits: true,
  },
  "waterfalls.list": { call: ({ waterfalls }, options) => waterfalls.list(options) },
  "waterfalls.get": { call: ({ waterfalls }, options) => waterfalls.get("w", options) },
  "waterfalls.run": { call: ({ waterfalls }, options) => waterfalls.run("w", { params: {} }, options) },
  "waterfalls.bulkRun": { call: ({ waterfalls }, options) => waterfalls.bulkRun("w", { params: [] }, options) },
  "waterfalls.estimate": {
    call: ({ waterfalls }, options) => waterfalls.estimate("w", [], options),
    responses: [{ identifier: "w" }],
  },
  "waterfalls.runAndWait": {
    call: ({ waterfalls }, options) => waterfalls.runAndWait("w", { params: {} }, { submitGraceMs: 0, ...options }),
    responses: run,
    waits: true,
  },
  "waterfalls.bulkRunAndWait": {
    call: ({ waterfalls }, options) => waterfalls.bulkRunAndWait("w", { params: [] }, { submitGraceMs: 0, ...options }),
    responses: run,
    waits: true,
  },
  "flows.list": { call: ({ flows }, options) => flows.list(options) },
  "flows.get": { call: ({ flows }, options) => flows.get("f", options) },
  "flows.create": { call: ({ flows }, options) => flows.create({ name: "n", config: {} }, options) },
  "flows.replace": {
    call: ({ flows }, options) => flows.replace("f", { name: "n", config: {}, internal_version: "1" }, options),
  },
  "flows.update": { call: ({ flows }, options) => flows.update("f", { name: "n" }, options) },
  "flows.editConfig": { call: ({ flows }, options) => flows.editConfig("f", { ops: [] }, options) },
  "flows.validateConfig": { call: ({ flows }, options) => flows.validateConfig({ config: {} }, options) },
  "flows.estimateCost": { call: ({ flows }, options) => flows.estimateCost({ config: {} }, options) },
  "flows.delete": { call: ({ flows }, options) => flows.delete("f", options) },
  "flows.run": { call: ({ flows }, options) => flows.run("f", {}, options) },
  "flows.bulkRun": { call: ({ flows }, options) => flows.bulkRun("f", { inputs: [] }, options) },
  "flows.estimate": {
    call: ({ flows }, options) => flows.estimate("f", [], options),
    responses: [{ id: "f" }, { min: "1", max: "2" }],
  },
  "flows.runAndWait": {
    call: ({ flows }, options) => flows.runAndWait("f", {}, { submitGraceMs: 0, ...options }),
    responses: run,
    waits: true,
  },
  "flows.bulkRunAndWait": {
    call: ({ flows }, options) => flows.bulkRunAndWait("f", { inputs: [] }, { submitGraceMs: 0, ...options }),
    responses: run,
    waits: true,
  },
  "flows.listVersions": { call: ({ flows }, options) => flows.listVersions("f", {}, options) },
  "flows.getVersion": { call: ({ flows }, options) => flows.getVersion("f", 1, options) },
  "flows.restoreVersion": { call: ({ flows }, options) => flows.restoreVersion("f", 1, {}, options) },
  "tables.list": { call: ({ tables }, options) => tables.list(options) },
  "tables.create": { call: ({ tables }, options) => tables.create({}, options) },
  "tables.rename": { call: ({ tables }, options) => tables.rename("t", { name: "n" }, options) },
  "tables.delete": { call: ({ tables }, options) => tables.delete("t", options) },
  "tables.columns.list": { call: ({ tables }, options) => tables.columns.list("t", options) },
  "tables.columns.create": { call: ({ tables }, options) => tables.columns.create("t", { name: "n" }, options) },
  "tables.columns.rename": { call: ({ tables }, options) => tables.columns.rename("t", "c", { name: "n" }, options) },
  "tables.columns.delete": { call: ({ tables }, options) => tables.columns.delete("t", "c", options) },
  "tables.rows.list": { call: ({ tables }, options) => tables.rows.list("t", {}, options) },
  "tables.rows.iterate": {
    call: ({ tables }, options) => drain(tables.rows.iterate("t", {}, options)),
    responses: rowPages,
  },
  "tables.rows.insert": { call: ({ tables }, options) => tables.rows.insert("t", { rows: rows.slice(0, 1) }, options) },
  "tables.rows.update": { call: ({ tables }, options) => tables.rows.update("t", { rows: rows.slice(0, 1) }, options) },
  "tables.rows.upsert": { call: ({ tables }, options) => tables.rows.upsert("t", { rows: rows.slice(0, 1) }, options) },
  "tables.rows.delete": { call: ({ tables }, options) => tables.rows.delete("t", { row_ids: ["r"] }, options) },
  "tables.rows.insertMany": {
    call: ({ tables }, options) => tables.rows.insertMany("t", rows, {}, options),
    responses: batches,
  },
  "tables.rows.updateMany": {
    call: ({ tables }, options) => tables.rows.updateMany("t", rows, {}, { concurrency: 1, ...options }),
    responses: batches,
  },
  "tables.rows.upsertMany": {
    call: ({ tables }, options) => tables.rows.upsertMany("t", rows, {}, options),
    responses: batches,
  },
  "tables.enrichments.list": { call: ({ tables }, options) => tables.enrichments.list("t", options) },
  "tables.enrichments.add": {
    call: ({ tables }, options) => tables.enrichments.add("t", { enrichment: 1, mapping: {} }, options),
  },
  "tables.enrichments.run": { call: ({ tables }, options) => tables.enrichments.run("t", 1, {}, options) },
  "tables.waterfalls.list": { call: ({ tables }, options) => tables.waterfalls.list("t", options) },
  "tables.waterfalls.add": {
    call: ({ tables }, options) => tables.waterfalls.add("t", { waterfall: "w", mapping: {} }, options),
  },
  "tables.exporters.list": { call: ({ tables }, options) => tables.exporters.list("t", options) },
  "tables.exporters.add": {
    call: ({ tables }, options) => tables.exporters.add("t", { exporter: 1, mapping: {} }, options),
  },
  "exporters.list": { call: ({ exporters }, options) => exporters.list({}, options) },
  "exporters.listPage": { call: ({ exporters }, options) => exporters.listPage({}, options) },
  "exporters.iterate": { call: ({ exporters }, options) => drain(exporters.iterate({}, options)), responses: pages },
  "exporters.get": { call: ({ exporters }, options) => exporters.get(1, {}, options) },
  "connectors.list": { call: ({ connectors }, options) => connectors.list(options) },
  "connectors.get": { call: ({ connectors }, options) => connectors.get(7, options) },
  "connectors.create": { call: ({ connectors }, options) => connectors.create(connector, options) },
  "connectors.replace": { call: ({ connectors }, options) => connectors.replace(7, connector, options) },
  "connectors.update": {
    call: ({ connectors }, options) => connectors.update(7, { name: "m" }, options),
    responses: [stored, stored],
  },
  "connectors.duplicate": {
    call: ({ connectors }, options) => connectors.duplicate(7, { name: "m" }, options),
    responses: [stored, stored],
  },
  "connectors.delete": { call: ({ connectors }, options) => connectors.delete(7, options) },
  "folders.list": { call: ({ folders }, options) => folders.list(options) },
  "folders.create": { call: ({ folders }, options) => folders.create({ name: "n" }, options) },
  "folders.rename": { call: ({ folders }, options) => folders.rename(1, { name: "n" }, options) },
  "folders.delete": { call: ({ folders }, options) => folders.delete(1, options) },
  "folders.moveTable": { call: ({ folders }, options) => folders.moveTable({ table_uuid: "t" }, options) },
};

const refused = Object.assign(new Error("no"), { code: "ECONNREFUSED" });

describe.each(Object.entries(methods))("%s", (_, { call, responses = [{}] }) => {
  test("sends the caller's headers with every request", async () => {
    const seen: (string | null)[] = [];
    const fetch: Fetch = async (_, init) => {
      seen.push(new Headers(init?.headers).get("x-trace"));
      return Response.json(responses[seen.length - 1]);
    };
    await call(databarWith({ apiKey: "k", fetch }, fakeRuntime()), { headers: { "X-Trace": "t-1" } });
    expect(seen).toEqual(Array(responses.length).fill("t-1"));
  });

  test.each(responses.map((_, index) => index + 1))(
    "ends when its signal is aborted during request %i",
    async (number) => {
      const controller = new AbortController();
      let requests = 0;
      const fetch: Fetch = async (_, init) => {
        requests++;
        if (requests === number) {
          queueMicrotask(() => controller.abort(new Error("the user left")));
          await new Promise((_, reject) => init?.signal?.addEventListener("abort", reject));
        }
        return Response.json(responses[requests - 1]);
      };
      const error = await failureOf(
        call(databarWith({ apiKey: "k", fetch }, fakeRuntime()), { signal: controller.signal }),
      );
      const cause = (error as Error).name === "BatchError" ? (error as Error).cause : error;
      expect(cause).toMatchObject({ name: "AbortError", cause: { message: "the user left" } });
      expect(requests).toBe(number);
    },
  );
});

/** A wait for a task has no `maxRetries`, and its `timeoutMs` limits the whole wait. */
const others = Object.entries(methods).filter(([, { waits }]) => !waits);

describe.each(others)("%s", (_, { call, responses = [{}] }) => {
  test("applies the caller's timeoutMs to every request", async () => {
    let requests = 0;
    const fetch: Fetch = async () => Response.json(responses[requests++]);
    const setTimeout = vi.spyOn(globalThis, "setTimeout");
    await call(databarWith({ apiKey: "k", fetch }, fakeRuntime()), { timeoutMs: 1_234 });
    expect(setTimeout.mock.calls.filter(([, ms]) => ms === 1_234)).toHaveLength(responses.length);
  });

  test.each(responses.map((_, index) => index + 1))("retries request %i at most maxRetries times", async (number) => {
    let requests = 0;
    const fetch: Fetch = async () => {
      requests++;
      if (requests >= number) {
        throw refused;
      }
      return Response.json(responses[requests - 1]);
    };
    await failureOf(call(databarWith({ apiKey: "k", fetch }, fakeRuntime()), { maxRetries: 4 }));
    expect(requests).toBe(number + 4);
  });
});

describe("parameters that the contract declares in headers and cookies", () => {
  test("are sent unless undefined, and the headers of the call override them", async () => {
    const seen: Headers[] = [];
    const fetch: Fetch = async (_, init) => {
      seen.push(new Headers(init?.headers));
      return Response.json({});
    };
    const transport = createTransport(resolveClientOptions({ apiKey: "k", fetch, headers: { "x-team": "client" } }));
    const header = { "X-Team": "parameter", "x-count": 3, "x-none": undefined, "x-both": "parameter" };
    const init = { header, cookie: { session: "a b", theme: "dark" } };
    await call(transport, "fixture.get", "GET /v1/fixture", init, { headers: { "x-both": "call" } });
    expect(Object.fromEntries(seen[0] ?? [])).toEqual({
      "user-agent": expect.any(String),
      "x-apikey": "k",
      "x-team": "parameter",
      "x-count": "3",
      "x-both": "call",
      cookie: "session=a%20b; theme=dark",
    });
  });

  test.each([
    [{ header: { "x-a": "1" } }, { "x-a": "1" }],
    [{ cookie: { a: 1 } }, { cookie: "a=1" }],
  ])("are sent when a request has only one kind of them: %j", async (init, expected) => {
    let seen = {};
    const fetch: Fetch = async (_, { headers }) => {
      seen = headers;
      return Response.json({});
    };
    const transport = createTransport(resolveClientOptions({ apiKey: "k", fetch }));
    await call(transport, "fixture.get", "GET /v1/fixture", init, {});
    expect(seen).toMatchObject(expected);
  });
});

test("a resource method reaches fetch through at most 6 functions of this package and 2 of openapi-fetch", async () => {
  let stack = "";
  const fetch: Fetch = async () => {
    stack = new Error("stack").stack ?? "";
    return Response.json([]);
  };
  Error.stackTraceLimit = 50;
  await databarWith({ apiKey: "k", fetch }, fakeRuntime()).connectors.list();
  const frames = stack.split("\n").map((line) => line.replaceAll("\\", "/"));
  expect(frames.filter((line) => line.includes("/src/")).length).toBeGreaterThan(2);
  expect(frames.filter((line) => line.includes("/src/")).length).toBeLessThanOrEqual(6);
  expect(frames.filter((line) => line.includes("/openapi-fetch/")).length).toBeLessThanOrEqual(2);
});
