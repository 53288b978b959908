/** The replay server, over real sockets. */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { examples } from "../../src/generated/examples.gen.js";
import { Databar } from "../../src/index.js";
import { successStatus } from "../../src/testing/contract.js";
import { type ReplayServer, type ServedRequest, startReplayServer } from "../../src/testing/server.js";
import { bodyFor, names, operationOf, pathOf, targetOf } from "../support/contract-requests.js";

const KEY = "test-key-5f2d";
const headers = { "x-apikey": KEY };
const log: ServedRequest[] = [];
let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer({ onRequest: (request) => log.push(request) });
});
afterAll(() => server.close());

const ask = (path: string, init: RequestInit = {}) =>
  fetch(`${server.url}${path}`, { headers, redirect: "manual", ...init });

const CONNECTORS = pathOf("connectors.list");
const CONNECTOR = pathOf("connectors.get", { connector_id: "7" });

/** Sends text over a socket, and returns everything that the server sends until it closes. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    let seen = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding("utf8").on("data", (chunk) => {
      seen += chunk;
    });
    socket.on("close", () => resolve(seen)).on("error", reject);
  });
}

describe("like the API", () => {
  test("every operation answers its example", async () => {
    for (const name of names) {
      const operation = operationOf(name);
      const status = Number(successStatus(operation));
      const all = (examples as Record<string, Record<string, Record<string, Record<string, { value: unknown }>>>>)[
        name
      ];
      const [first] = Object.values(all?.[status]?.["application/json"] ?? {});
      const body = bodyFor(name, first?.value);
      const response = await ask(targetOf(name), {
        method: operation.method,
        headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect(response.status, name).toBe(status);
      const text = await response.text();
      const isRun = /\.(run|bulkRun)$/.test(name) && !name.startsWith("tables.");
      const expected = isRun ? { ...Object(first?.value), task_id: expect.any(String) } : first?.value;
      expect(text === "" ? undefined : JSON.parse(text), name).toEqual(expected);
    }
  });

  test("a path with a wrong trailing slash gets a 307 to the absolute correct URL, with its query", async () => {
    for (const [path, target] of [
      ["/v1/enrichments?page=2&q=a%20b", "/v1/enrichments/?page=2&q=a%20b"],
      ["/v1/folders/", "/v1/folders"],
      [`${CONNECTOR}/`, CONNECTOR],
    ]) {
      const response = await ask(path ?? "");
      expect(response.status).toBe(307);
      expect(response.headers.get("location")).toBe(`${server.url}${target}`);
      expect(response.headers.get("content-type")).toBeNull();
      expect(await response.text()).toBe("");
    }
    expect((await ask(CONNECTORS.slice(0, -1), { method: "POST", body: "{}" })).status).toBe(307);
  });

  test("a redirect names the requested host", async () => {
    expect(await raw("GET /v1/table HTTP/1.1\r\nhost: api.local:99\r\nconnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1\.1 307 .*\r\nlocation: http:\/\/api\.local:99\/v1\/table\/\r\n/is,
    );
    expect(await raw("GET /v1/table HTTP/1.0\r\n\r\n")).toContain(`location: ${server.url}/v1/table/`);
  });

  test("an unknown path is a 404, a wrong method a 405 with allow", async () => {
    const unknown = await ask(CONNECTORS.toUpperCase());
    expect([unknown.status, await unknown.json()]).toEqual([404, { detail: "Not Found" }]);
    const wrong = await ask(CONNECTORS, { method: "DELETE" });
    expect([wrong.status, wrong.headers.get("allow"), await wrong.json()]).toEqual([
      405,
      "GET, POST",
      { detail: "Method Not Allowed" },
    ]);
    const head = await ask("/v1/user/me", { method: "HEAD" });
    expect([head.status, head.headers.get("allow"), await head.text()]).toEqual([405, "GET", ""]);
    expect((await ask("/v1/user/me", { method: "OPTIONS" })).status).toBe(405);
  });

  test("a 204 has neither content type nor length", async () => {
    const response = await ask(CONNECTOR, { method: "DELETE" });
    expect(response.status).toBe(204);
    expect(response.headers.get("content-type")).toBeNull();
    expect(response.headers.get("content-length")).toBeNull();
  });

  test("a request without the key, with an invalid query or with a truncated body is a 422", async () => {
    expect(await (await ask("/v1/user/me", { headers: {} })).json()).toMatchObject({
      detail: [{ type: "missing", loc: ["header", "x-apikey"], msg: "Field required", input: null }],
    });
    expect((await ask("/v1/user/me", { headers: { "x-apikey": "" } })).status).toBe(200);
    expect(await (await ask("/v1/enrichments/?page=0")).json()).toMatchObject({ detail: [{ loc: ["query", "page"] }] });
    // The server uses the last of several values.
    expect((await ask("/v1/enrichments/?page=0&page=1")).status).toBe(200);
    expect((await ask("/v1/enrichments/?page=1&page=0")).status).toBe(422);
    const half = await ask("/v1/folders", {
      method: "POST",
      body: '{"name":',
      headers: { ...headers, "content-type": "application/json" },
    });
    expect([half.status, await half.json()]).toMatchObject([
      422,
      { detail: [{ type: "json_invalid", loc: ["body", 0] }] },
    ]);
    const text = await ask("/v1/folders", {
      method: "POST",
      body: '{"name":"x"}',
      headers: { ...headers, "content-type": "text/plain" },
    });
    expect(await text.json()).toMatchObject({
      detail: [{ type: "model_attributes_type", loc: ["body"], input: '{"name":"x"}' }],
    });
  });

  test("a chunked body is read, and a body over 64 MiB is a 413", async () => {
    const chunks = (parts: number, part: string) =>
      new ReadableStream({
        pull(controller) {
          parts-- > 0 ? controller.enqueue(new TextEncoder().encode(part)) : controller.close();
        },
      });
    const post = (body: ReadableStream) => {
      const init = {
        method: "POST",
        body,
        duplex: "half",
        headers: { ...headers, "content-type": "application/json" },
      };
      return ask("/v1/folders", init);
    };
    expect((await post(chunks(3, " "))).status).toBe(422);
    expect((await post(chunks(1, '{"name":"é"}'))).status).toBe(200);
    const large = await post(chunks(65, "x".repeat(2 ** 20)));
    expect([large.status, await large.json()]).toEqual([413, { detail: "Request Entity Too Large" }]);
  });

  test("an absolute request target and an invalid percent-encoding are accepted", async () => {
    expect(
      await raw(`GET http://api.local/v1/user/me?a=b HTTP/1.1\r\nhost: x\r\nx-apikey: k\r\nconnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 200 /);
    expect(await raw(`GET /v1/tasks/%zz HTTP/1.1\r\nhost: x\r\nx-apikey: k\r\nconnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 200 /,
    );
    expect(await raw("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("with real clients", () => {
  test("the client works against it", async () => {
    const databar = new Databar({ apiKey: KEY, baseUrl: server.url });
    expect(await databar.connectors.list()).toHaveLength(1);
    expect(await databar.folders.create({ name: "é".repeat(1000) })).toMatchObject({ id: expect.any(Number) });
    await databar.connectors.delete(7);
  });

  test("polling ends: a task is under way at the first poll and completed after that", async () => {
    const databar = new Databar({ apiKey: KEY, baseUrl: server.url });
    const one = await databar.enrichments.runAndWait(833, { params: { a: 1 } }, { pollIntervalMs: 1 });
    expect(one).toMatchObject({ status: "completed", data: expect.objectContaining({}) });
    expect(Array.isArray(one.data)).toBe(false);
    for (const run of ["enrichments/833/bulk-run", "waterfalls/email_getter/bulk-run"]) {
      const init = {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: '{"params":[{}]}',
      };
      const { task_id } = (await (await ask(`/v1/${run}`, init)).json()) as { task_id: string };
      const statuses: unknown[] = [];
      for (let turn = 0; turn < 3; turn++) {
        const { status, data } = (await (await ask(`/v1/tasks/${task_id}`)).json()) as Record<string, unknown>;
        statuses.push([status, Array.isArray(data)]);
      }
      expect(statuses).toEqual([
        ["processing", false],
        ["completed", true],
        ["completed", true],
      ]);
    }
  });

  test("a task with the id of an example stays that example", async () => {
    const { value } = examples["tasks.get"][200]["application/json"].failed;
    for (let turn = 0; turn < 2; turn++) {
      expect(await (await ask(`/v1/tasks/${value.task_id}`)).json()).toEqual(value);
    }
  });

  /** Requests as httpx sends them for the Python SDK: a JSON content type on every request, redirects not followed. */
  test.each([
    ["GET", "/user/me", undefined],
    ["GET", "/enrichments/?page=1&limit=50", undefined],
    ["GET", "/tasks/abc?include_partial=true", undefined],
    ["POST", "/tasks/abc/cancel", undefined],
    ["POST", "/enrichments/833/run", { params: { email: "a@b.example" }, pagination: { pages: 2 } }],
    [
      "POST",
      "/table/3fa85f64-5717-4562-b3fc-2c963f66afa6/rows",
      { rows: [{ fields: { Name: "x" } }], return_rows: false },
    ],
    ["DELETE", CONNECTOR.replace("/v1", ""), undefined],
  ])("the Python SDK: %s %s", async (method, path, body) => {
    const sent = { ...headers, "content-type": "application/json", accept: "*/*", "user-agent": "python-httpx/0.28.1" };
    const response = await ask(`/v1${path}`, { method, headers: sent, ...(body && { body: JSON.stringify(body) }) });
    expect([200, 204]).toContain(response.status);
  });

  /** Requests as axios sends them for databar-mcp-server: the key twice, no trailing slash, redirects followed. */
  test.each(["/enrichments", "/waterfalls", "/exporters", "/table/"])("databar-mcp-server: GET %s", async (path) => {
    const sent = { ...headers, authorization: `Bearer ${KEY}`, accept: "application/json, text/plain, */*" };
    const response = await ask(`/v1${path}`, { headers: sent, redirect: "follow" });
    expect([response.status, Array.isArray(await response.json())]).toEqual([200, true]);
  });

  test("a redirected POST arrives with its body", async () => {
    const body = JSON.stringify({ name: "n", method: "get", url: "https://x.example" });
    const sent = { ...headers, "content-type": "application/json" };
    const response = await ask(CONNECTORS.slice(0, -1), { method: "POST", headers: sent, body, redirect: "follow" });
    expect(response.status).toBe(201);
  });

  test("pages of any origin may send requests", async () => {
    const asked = {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type,x-apikey",
    };
    const preflight = await ask(CONNECTORS, { method: "OPTIONS", headers: asked });
    expect([preflight.status, Object.fromEntries(preflight.headers)]).toMatchObject([
      200,
      {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "content-type,x-apikey",
      },
    ]);
    const refused = await ask("/v1/nope", { headers: { origin: "https://app.example" } });
    expect([refused.status, refused.headers.get("access-control-allow-origin")]).toEqual([404, "*"]);
    expect((await ask("/v1/nope")).headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("simulated failures", () => {
  async function statuses(options: { seed?: number; faults: { status: number; share: number }[] }, count = 40) {
    const failing = await startReplayServer(options);
    try {
      const seen: number[] = [];
      for (let index = 0; index < count; index++) {
        const response = await fetch(`${failing.url}/v1/user/me`, { headers });
        await response.arrayBuffer();
        seen.push(response.status);
      }
      return seen;
    } finally {
      await failing.close();
    }
  }

  test("affect a share of the requests, the same ones for the same seed", async () => {
    const faults = [
      { status: 503, share: 0.25 },
      { status: 429, share: 0.25 },
    ];
    const first = await statuses({ faults, seed: 7 });
    expect(new Set(first)).toEqual(new Set([200, 503, 429]));
    expect(first.filter((status) => status === 200).length).toBeGreaterThan(8);
    expect(await statuses({ faults, seed: 7 })).toEqual(first);
    expect(await statuses({ faults, seed: 8 })).not.toEqual(first);
    expect(new Set(await statuses({ faults: [{ status: 500, share: 1 }] }, 5))).toEqual(new Set([500]));
    expect(new Set(await statuses({ faults: [{ status: 500, share: 0 }] }, 5))).toEqual(new Set([200]));
  });

  test("have the body of their sender: HTML from a proxy, text from the framework, JSON from the API", async () => {
    const look = async (status: number) => {
      const failing = await startReplayServer({ faults: [{ status, share: 1 }] });
      const response = await fetch(`${failing.url}/v1/user/me`);
      const seen = [response.headers.get("content-type"), response.headers.get("retry-after"), await response.text()];
      await failing.close();
      return seen;
    };
    expect(await look(503)).toEqual(["text/html", null, expect.stringContaining("<h1>503 ")]);
    expect(await look(500)).toEqual(["text/plain; charset=utf-8", null, "Internal Server Error"]);
    expect(await look(429)).toEqual(["application/json", "1", '{"detail":"Too many requests"}']);
    expect(await look(409)).toEqual(["application/json", null, '{"detail":"Simulated failure"}']);
  });

  test.each([
    [[{ status: 200, share: 0.1 }], /status must be from 400 to 599: got 200/],
    [[{ status: 503, share: 2 }], /share must be from 0 to 1: got 2/],
    [
      [
        { status: 503, share: 0.6 },
        { status: 500, share: 0.6 },
      ],
      /must not add up to more than 1/,
    ],
  ])("with an invalid status or share are an error (%#)", async (faults, message) => {
    await expect(startReplayServer({ faults })).rejects.toThrow(message);
  });

  test("latency delays answers, but does not delay closing", async () => {
    const slow = await startReplayServer({ latencyMs: 40 });
    const start = performance.now();
    await (await fetch(`${slow.url}/v1/user/me`, { headers })).text();
    expect(performance.now() - start).toBeGreaterThan(35);
    await slow.close();
    const stuck = await startReplayServer({ latencyMs: 60_000 });
    const cut = fetch(`${stuck.url}/v1/user/me`, { headers }).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await stuck.close();
    expect(await cut).toBeInstanceOf(Error);
  });
});

test("each request is reported with its path, without query, key or body", async () => {
  await (await ask("/v1/tasks/abc?include_partial=true&secret=1")).text();
  await expect
    .poll(() => log.at(-1))
    .toEqual({
      method: "GET",
      path: "/v1/tasks/abc",
      status: 200,
      durationMs: expect.any(Number),
    });
  expect(JSON.stringify(log)).not.toMatch(/5f2d|secret|include_partial/);
});

test("a client that disconnects early is reported as 499, and the server continues", async () => {
  const seen: ServedRequest[] = [];
  const slow = await startReplayServer({ latencyMs: 60_000, onRequest: (request) => seen.push(request) });
  const { hostname, port } = new URL(slow.url);
  for (const count of [1, 2]) {
    const socket = connect(Number(port), hostname);
    socket.write("GET /v1/user/me HTTP/1.1\r\nhost: x\r\nx-apikey: k\r\n\r\n", () => socket.destroy());
    await expect.poll(() => seen.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 499));
  }
  await slow.close();
});

test("a port that is taken is an EADDRINUSE error", async () => {
  await expect(startReplayServer({ port: Number(new URL(server.url).port) })).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});
