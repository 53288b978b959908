/** `reply`, `reply.raw`, `reply.task` and `recordRequests` of `databar-client/testing`. */
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { examples } from "../../src/generated/examples.gen.js";
import {
  ConnectionError,
  Databar,
  GoneError,
  NotFoundError,
  ResponseParseError,
  ServerError,
  ValidationError,
} from "../../src/index.js";
import { createHandlers, recordRequests, reply } from "../../src/testing/index.js";
import { pathOf } from "../support/contract-requests.js";
import { failOnUnhandled } from "../support/msw-options.js";

const KEY = "test-key-5f2d";
/** An operation of the contract, for what holds for all. */
const LIST = "connectors.list";
const LIST_URL = `https://api.databar.ai${pathOf(LIST)}`;
const TABLE = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const server = setupServer(...createHandlers());
const requests = recordRequests(server);
const databar = new Databar({ apiKey: KEY, maxRetries: 0 });
const list = databar.connectors.list.bind(databar.connectors);
beforeAll(() => server.listen(failOnUnhandled));
afterEach(() => {
  server.resetHandlers();
  requests.length = 0;
});
afterAll(() => server.close());

const documented = examples[LIST][200]["application/json"].example.value;

describe("reply", () => {
  test("returns a custom body", async () => {
    server.use(reply(LIST, { body: [] }));
    expect(await list()).toEqual([]);
  });

  test("returns the documented error of a status, or a named example", async () => {
    server.use(reply(LIST, { status: 422 }));
    await expect(list()).rejects.toThrow(ValidationError);
    server.use(reply("tasks.get", { example: "failed" }));
    expect(await databar.tasks.get("t")).toEqual(examples["tasks.get"][200]["application/json"].failed.value);
    server.use(reply("tasks.get", { status: 410 }));
    await expect(databar.tasks.get("t")).rejects.toThrow(GoneError);
  });

  test("returns custom bodies and named examples unchanged, however many rows are sent", async () => {
    const rows = [1, 2, 3].map((n) => ({ fields: { n } }));
    const own = { results: [{ index: 0, id: "r-1", action: "created" as const }] };
    server.use(reply("tables.rows.insert", { body: own }));
    expect(await databar.tables.rows.insert(TABLE, { rows })).toEqual(own);
    server.use(reply("tables.rows.insert", { example: "duplicate" }));
    const { duplicate } = examples["tables.rows.insert"][200]["application/json"];
    expect(await databar.tables.rows.insert(TABLE, { rows })).toEqual(duplicate.value);
    server.use(reply("tables.rows.insert"));
    expect((await databar.tables.rows.insert(TABLE, { rows })).results).toHaveLength(3);
  });

  test("returns additional headers", async () => {
    server.use(reply(LIST, { body: [], headers: { "x-request-id": "r-1" } }));
    const { response } = await list().withResponse();
    expect(response.headers.get("x-request-id")).toBe("r-1");
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  test("answers as many requests as `times` says, and leaves later ones to the other handlers", async () => {
    server.use(reply(LIST, { body: [], times: 2 }));
    expect(await Promise.all([1, 2, 3].map(() => list()))).toEqual([[], [], documented]);
  });

  test("lets no request out to the network after the last of `times`", async () => {
    server.resetHandlers(reply(LIST, { body: [], times: 1 }));
    await list();
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    await expect(list()).rejects.toThrow(ConnectionError);
    expect(print.mock.calls.flat().join()).toContain("without a matching request handler");
    server.resetHandlers(...createHandlers());
  });

  test("waits for delayMs before it answers", async () => {
    server.use(reply(LIST, { body: [], delayMs: 30 }));
    const start = performance.now();
    await list();
    expect(performance.now() - start).toBeGreaterThan(25);
    server.use(reply(LIST, { body: [], delayMs: 50 }));
    await expect(list({ timeoutMs: 10 })).rejects.toThrow(/timed out|took longer|timeout/i);
  });

  test("returns a success for valid requests only, and an error for any request", async () => {
    server.use(reply("connectors.create", { example: "created" }));
    const wrong = { name: "n", method: "get" };
    const create = () =>
      fetch(LIST_URL, {
        method: "POST",
        headers: { "x-apikey": KEY, "content-type": "application/json" },
        body: JSON.stringify(wrong),
      });
    expect(await (await create()).json()).toEqual({
      detail: [{ type: "missing", loc: ["body", "url"], msg: "Field required", input: wrong }],
    });
    server.use(reply("user.me", { status: 403 }));
    expect((await fetch("https://api.databar.ai/v1/user/me")).status).toBe(403);
  });

  test("answers the exact path only", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    server.use(reply(LIST, { body: [] }));
    await expect(fetch(LIST_URL.slice(0, -1), { headers: { "x-apikey": KEY } })).rejects.toThrow();
    expect(print.mock.calls.flat().join()).toContain("without a matching request handler");
  });

  test("calls a function for each request, and returns its answer", async () => {
    server.use(
      reply("enrichments.get", async ({ path, query, operation }) => {
        expect([operation, query]).toEqual(["enrichments.get", {}]);
        return path.enrichment_id === "1" ? { status: 404 } : { example: "bare" };
      }),
      reply("folders.create", ({ body, headers }) => ({
        body: { id: 1, name: `${(body as { name: string }).name} ${headers["x-apikey"]}` },
      })),
    );
    await expect(databar.enrichments.get(1)).rejects.toThrow(NotFoundError);
    expect(await databar.enrichments.get(2)).toMatchObject({ id: 1187, params: null });
    expect(await databar.folders.create({ name: "Leads" })).toEqual({ id: 1, name: "Leads ***" });
  });

  test("with a function, takes the timing as its third argument", async () => {
    const answer = vi.fn(() => ({ body: [] }));
    server.use(reply(LIST, answer, { times: 1, delayMs: 1 }));
    expect(await list()).toEqual([]);
    expect(await list()).toEqual(documented);
    expect(answer).toHaveBeenCalledTimes(1);
  });

  test("with a function, still refuses an invalid request, and fails for an undocumented answer", async () => {
    server.use(reply("folders.create", () => ({ body: { id: 1, name: "x" } })));
    await expect(databar.folders.create({ name: 5 as never })).rejects.toThrow(ValidationError);
    vi.spyOn(console, "error").mockImplementation(() => {});
    const loose = reply as (operation: string, answer: () => object) => ReturnType<typeof reply>;
    server.use(loose("folders.list", () => ({ status: 418 })));
    await expect(databar.folders.list()).rejects.toThrow(/documents no status 418|500/);
  });

  test("throws in JavaScript where TypeScript does not compile", () => {
    const loose = reply as (operation: string, options?: object) => unknown;
    expect(() => loose("connectors.lst")).toThrow(/no operation "connectors.lst".*connectors\.list/);
    expect(() => loose(LIST, { status: 418 })).toThrow(/documents no status 418, only 200, 422.*reply\.raw/);
    expect(() => loose(LIST, { example: "x" })).toThrow(/no example "x"\. It has: example/);
    expect(() => loose(LIST, { times: 0 })).toThrow(/times must be a whole number, at least 1: got 0/);
    expect(() => loose(LIST, { delayMs: Number.POSITIVE_INFINITY })).toThrow(/delayMs must be/);
    expect(() => loose(LIST, { delayMs: 2 ** 31 })).toThrow(/delayMs must be .* to 2147483647: got 2147483648/);
    expect(() => loose(LIST, { delayMs: 2 ** 31 - 1 })).not.toThrow();
    expect(() => loose(LIST, { delayMs: 0, times: 1 })).not.toThrow();
    expect(() => loose(LIST, { delayMs: -1 })).toThrow(RangeError);
    expect(() => reply("connectors.lists" as typeof LIST, () => ({}))).toThrow(/connectors\.lists/);
  });
});

describe("reply.raw", () => {
  const headers = { "content-type": "text/html" };

  test("returns HTML, any status, or no body", async () => {
    server.use(reply.raw(LIST, { status: 502, body: "<html>Bad gateway</html>", headers, times: 1 }));
    await expect(list()).rejects.toThrow(ServerError);
    server.use(reply.raw(LIST, { body: "<html>Hello</html>", headers, times: 1 }));
    await expect(list()).rejects.toThrow(ResponseParseError);
    server.use(reply.raw(LIST, { status: 204 }));
    await expect(list()).rejects.toThrow(ResponseParseError);
  });

  test("breaks the connection in the middle of the body, or before the response", async () => {
    server.use(reply.raw(LIST, { body: '[{"id":', truncated: true }));
    await expect(list()).rejects.toThrow(ConnectionError);
    // MSW 2 fails while the body is read, MSW 3 before the response is there.
    const text = fetch(LIST_URL, { headers: { "x-apikey": KEY } }).then((r) => r.text());
    await expect(text).rejects.toThrow(TypeError);
    server.use(reply.raw(LIST, { networkError: true }));
    await expect(list()).rejects.toThrow(ConnectionError);
  });

  test.each(["[{", new TextEncoder().encode("[{")])("sends a truncated body before it breaks (%#)", async (body) => {
    const handler = reply.raw(LIST, { body, truncated: true });
    const request = new Request(LIST_URL, { headers: { "x-apikey": KEY } });
    const { response } = (await handler.run({ request, requestId: "1" })) ?? {};
    const reader = response?.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe("[{");
    await expect(reader?.read()).rejects.toThrow();
  });

  test("a truncated body does not fail when MSW prints the response, as it does in browsers", async () => {
    const handler = reply.raw(LIST, { body: "[", truncated: true });
    const request = new Request(LIST_URL, { headers: { "x-apikey": KEY } });
    const { response } = (await handler.run({ request, requestId: "1" })) ?? {};
    await expect(handler.log({ request, response: response as Response })).resolves.toBeUndefined();
  });

  test("throws for a status or a body that no response can have", () => {
    expect(() => reply.raw(LIST, { status: 42 })).toThrow(RangeError);
    expect(() => reply.raw(LIST, { status: 204, body: "x" })).toThrow(TypeError);
  });
});

describe("reply.task", () => {
  test("returns the statuses in turn, and the data with the last, which stays", async () => {
    server.use(reply.task({ statuses: ["processing", "processing", "completed"], data: { email: "a@b.example" } }));
    const seen = [];
    for (let turn = 0; turn < 4; turn++) {
      const { task_id, status, data } = await databar.tasks.get("t-1");
      seen.push([task_id, status, data]);
    }
    const last = ["t-1", "completed", { email: "a@b.example" }];
    expect(seen).toEqual([["t-1", "processing", null], ["t-1", "processing", null], last, last]);
    expect((await databar.tasks.get("t-2")).status).toBe("processing");
  });

  test("ends a runAndWait", async () => {
    server.use(reply.task({ statuses: ["processing", "completed"], data: [{ a: 1 }, null], credits_spent: 2 }));
    const task = await databar.enrichments.runAndWait(833, { params: { a: 1 } }, { pollIntervalMs: 1 });
    expect(task).toMatchObject({ status: "completed", data: [{ a: 1 }, null], credits_spent: 2 });
  });

  test("answers polls of one task only, with taskId", async () => {
    server.use(reply.task({ statuses: ["gone"], taskId: "old" }));
    expect((await databar.tasks.get("old")).status).toBe("gone");
    expect((await databar.tasks.get("new")).status).toBe("processing");
    expect(() => reply.task({ statuses: [] })).toThrow(/at least one status/);
  });
});

describe("recordRequests", () => {
  test("records operation, path, query and body, and masks the key", async () => {
    await databar.enrichments.choices(833, "job title", { q: "e mail", limit: 5 });
    await databar.connectors.create({ name: "n", method: "get", url: "https://x.example" });
    expect(requests).toMatchObject([
      {
        operation: "enrichments.choices",
        path: { enrichment_id: "833", param_slug: "job title" },
        query: { q: "e mail", limit: "5" },
        body: undefined,
        headers: { "x-apikey": "***" },
      },
      {
        operation: "connectors.create",
        path: {},
        query: {},
        body: { name: "n", method: "get", url: "https://x.example" },
        headers: { "x-apikey": "***", "content-type": "application/json" },
      },
    ]);
    expect(JSON.stringify(requests)).not.toContain(KEY);
  });

  test("has recorded the whole body before the response arrives, even if the connection fails", async () => {
    const name = "x".repeat(1_000_000);
    server.use(reply.raw("connectors.create", { networkError: true }));
    await databar.connectors.create({ name, method: "get", url: "u" }).catch(() => {});
    expect(requests).toMatchObject([{ body: { name } }]);
  });

  test("has recorded a slow body before a handler of another kind answers", async () => {
    const other = http.post("*/v1/folders", () => HttpResponse.json({ id: 1, name: "x" }));
    server.resetHandlers(reply(LIST), other);
    const slow = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode('{"name":'));
        await new Promise((resolve) => setTimeout(resolve, 30));
        controller.enqueue(new TextEncoder().encode('"x"}'));
        controller.close();
      },
    });
    const init = { method: "POST", body: slow, duplex: "half", headers: { "x-apikey": KEY } };
    expect((await fetch("https://api.databar.ai/v1/folders", init)).status).toBe(200);
    expect(requests).toMatchObject([{ body: { name: "x" } }]);
    server.resetHandlers(...createHandlers());
  });

  test("records requests that other handlers answer, but none to other sites", async () => {
    server.use(
      http.get("https://api.databar.ai/v1/folders", () => HttpResponse.json([])),
      http.get("https://elsewhere.example/", () => HttpResponse.json({})),
    );
    await databar.folders.list();
    await fetch("https://elsewhere.example/");
    expect(requests.map(({ operation }) => operation)).toEqual(["folders.list"]);
  });

  test("keeps a body that is not JSON as text, and all values of a repeated parameter", async () => {
    await fetch("https://api.databar.ai/v1/folders?a=1&a=2", {
      method: "POST",
      headers: { authorization: `Bearer ${KEY}` },
      body: "not json",
    });
    expect(requests).toMatchObject([
      { operation: "folders.create", query: { a: ["1", "2"] }, body: "not json", headers: { authorization: "***" } },
    ]);
  });
});
