/** Response bodies of every size and encoding, and custom `fetch` functions. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError, type Fetch, ResponseParseError } from "../../src/index.js";
import { calls, client, failureOf } from "../support/calls.js";
import { answer, type Behaviour, eventually, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";

let server: FaultServer;

beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

const json = { "content-type": "application/json" };

const readable: [name: string, bytes: Buffer, headers: Record<string, string>, data: unknown][] = [
  ["a byte-order mark", Buffer.from('\uFEFF["ü"]'), json, ["ü"]],
  ["a wrong charset", Buffer.from('["ü"]'), { "content-type": "application/json; charset=latin1" }, ["ü"]],
  ["surrounding white space", Buffer.from("\r\n [ ] \n"), json, []],
  ["the value null", Buffer.from("null"), json, null],
  ["gzip compression", gzipSync('["ü"]'), { ...json, "content-encoding": "gzip" }, ["ü"]],
];

test.each(readable)("a response body with %s is parsed", async (_, bytes, headers, data) => {
  server.behave((socket) => socket.write(answer(200, bytes, headers)));
  expect(await listFixtures(client(server.url))).toEqual(data);
});

test("a response body in chunks of one byte is decoded correctly", async () => {
  const names = Array.from({ length: 100 }, (_, id) => `ü€😀 ${id}`);
  const bytes = Buffer.from(JSON.stringify(names));
  server.behave((socket) => {
    socket.write(answer(200, "", { ...json, "transfer-encoding": "chunked" }));
    for (let at = 0; at < bytes.byteLength; at++) {
      socket.write(Buffer.concat([Buffer.from("1\r\n"), bytes.subarray(at, at + 1), Buffer.from("\r\n")]));
    }
    socket.write("0\r\n\r\n");
  });
  expect(await listFixtures(client(server.url))).toEqual(names);
});

test("a ResponseParseError has the status, content type, request id and first 200 characters of the response", async () => {
  const page = `<html>${"login ".repeat(100)}</html>`;
  server.behave((socket) => socket.write(answer(200, page, { "content-type": "text/html", "x-request-id": "req-9" })));
  const error = (await failureOf(listFixtures(client(server.url)))) as ResponseParseError;
  expect(error).toBeInstanceOf(ResponseParseError);
  expect(error).toMatchObject({ status: 200, contentType: "text/html", requestId: "req-9", attempts: 3 });
  expect(error.text).toBe(page.slice(0, 200));
  expect(error.message).toBe(
    `${FIXTURE.route} -> 200: the body is not JSON (content type text/html): ${page.slice(0, 200)}...`,
  );
});

/** Sends chunks until the socket is closed. */
function endless(status: number): Behaviour {
  const chunk = `1000\r\n${" ".repeat(4_096)}\r\n`;
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk)) {}
    };
    socket.on("drain", more);
    socket.write(answer(status, "", { ...json, "transfer-encoding": "chunked" }));
    more();
  };
}

describe("an oversized response body", () => {
  test("is rejected at maxResponseBytes without a retry, and its socket is closed", async () => {
    server.behave(endless(200));
    const error = await failureOf(listFixtures(client(server.url, { maxResponseBytes: 100_000 })));
    expect(error).toBeInstanceOf(ResponseParseError);
    expect((error as Error).message).toContain("-> 200: the body is larger than maxResponseBytes (100000)");
    expect(error).toMatchObject({ attempts: 1 });
    expect(server.requests).toHaveLength(1);
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });

  test("of an error is truncated after 4 MiB, and its socket is closed", async () => {
    server.behave(endless(404));
    const error = (await failureOf(listFixtures(client(server.url)))) as ApiError;
    expect(error).toMatchObject({ name: "NotFoundError", message: `${FIXTURE.route} -> 404: Reason` });
    expect(String(error.body).length).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });

  test("is ignored if the contract documents no body, and its socket is closed", async () => {
    server.behave(endless(200));
    expect(await client(server.url).connectors.delete(7)).toBeUndefined();
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });

  test("that is compressed counts with its decompressed size", async () => {
    const bomb = gzipSync(Buffer.alloc(2_000_000, 0x20));
    server.behave((socket) => socket.write(answer(200, bomb, { ...json, "content-encoding": "gzip" })));
    const error = await failureOf(listFixtures(client(server.url, { maxResponseBytes: 100_000 })));
    expect((error as Error).message).toContain("the body is larger than maxResponseBytes");
  });
});

test.each([
  ["accepts a body of 100 bytes", 100, undefined],
  ["rejects a body of 100 bytes", 99, "ResponseParseError"],
])("the client %s with maxResponseBytes %i", async (_, maxResponseBytes, name) => {
  server.behave((socket) => socket.write(answer(200, "[]".padEnd(100))));
  const [result] = await Promise.allSettled([listFixtures(client(server.url, { maxResponseBytes }))]);
  expect(result.status === "rejected" ? result.reason.name : undefined).toBe(name);
});

const bodiless: [name: string, bytes: Buffer][] = [
  ["a 204", answer(204)],
  ["a 200 with a body", answer(200, '{"status":"deleted"}', json)],
  ["a 200 with HTML", answer(200, "<html>ok</html>")],
  ["a 200 with an empty body", answer(200)],
  ["a 200 with a truncated body", answer(200, "{", { "content-length": "50" })],
];

test.each(bodiless)("connectors.delete, whose response has no documented body, accepts %s", async (_, bytes) => {
  server.behave((socket) => socket.end(bytes));
  expect(await client(server.url).connectors.delete(7)).toBeUndefined();
  expect(server.requests).toHaveLength(1);
});

const hostile: [name: string, body: string][] = [
  ["10 MB of text", "x".repeat(10_000_000)],
  ["10 MB of opening tags", "<".repeat(10_000_000)],
  ["4 MB of titles", "<title".repeat(700_000)],
  ["4 MB of quotation marks", '"value":"'.repeat(450_000)],
  ["4 MB of backslashes", "\\".repeat(4_000_000)],
  ["4 MB of Bearer", "Bearer ".repeat(570_000)],
  [
    "a list of 40 000 issues",
    JSON.stringify({ detail: Array(40_000).fill({ loc: ["body", "rows", 1], msg: "no", type: "t", input: { a: 1 } }) }),
  ],
  ["100 000 nested lists", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["100 000 nested objects", `${'{"detail":'.repeat(100_000)}1${"}".repeat(100_000)}`],
];

test.each(hostile)("an error response with %s has a one-line message within 2.5 s", async (_, body) => {
  const fetch: Fetch = async () => new Response(body, { status: 500 });
  const startedAt = performance.now();
  const error = await failureOf(listFixtures(client(server.url, { fetch, maxRetries: 0 })));
  // Measured: 10 to 250 ms. A quadratic algorithm would take minutes.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as Error).message).toMatch(/^GET \/v1\/fixtures\/ -> 500: .{1,303}$/);
});

test.each([
  ["a text full of parts of the secrets", "bearer token application json sk abcdef 1 2 3 4 5 6 7 8 9 ".repeat(70_000)],
  ["40 000 issues", JSON.stringify({ detail: Array(40_000).fill({ loc: ["body", "sk-7abcdef"], msg: "no" }) })],
  [
    "an issue whose location has 300 000 segments",
    JSON.stringify({ detail: [{ loc: Array(300_000).fill("sk-7abcdef"), msg: "no" }] }),
  ],
])("an error response to a request with 20 secrets is parsed within 2.5 s if it has %s", async (_, body) => {
  const headers = Array.from({ length: 20 }, (_, id) => ({
    name: `x-${id}`,
    value: `Bearer sk-${id}abcdef token${id}`,
  }));
  const fetch: Fetch = async () => new Response(body, { status: 500 });
  const startedAt = performance.now();
  const { connectors } = client(server.url, { fetch, maxRetries: 0 });
  const error = await failureOf(connectors.create({ name: "n", method: "get", url: "https://example.com", headers }));
  // Measured: 60 to 400 ms.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect((error as Error).message).not.toContain("sk-7abcdef");
});

test("an error response to a request with a repetitive secret of 1 MB is parsed within 2.5 s", async () => {
  const headers = [{ name: "x", value: "a-".repeat(500_000) }];
  const fetch: Fetch = async () => new Response("a ".repeat(10_000), { status: 500 });
  const startedAt = performance.now();
  const { connectors } = client(server.url, { fetch, maxRetries: 0 });
  await failureOf(connectors.create({ name: "n", method: "get", url: "https://example.com", headers }));
  // Measured: 150 ms.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
});

const fetches: [name: string, fetch: unknown, message: RegExp][] = [
  [
    "throws synchronously",
    () => {
      throw new Error("not today");
    },
    /connection failed: not today$/,
  ],
  [
    "throws a string",
    () => {
      throw "not today";
    },
    /connection failed$/,
  ],
  ["rejects with undefined", () => Promise.reject(), /connection failed$/],
  ["returns undefined", () => undefined, /fetch did not return a Response$/],
  ["resolves to null", async () => null, /fetch did not return a Response$/],
  ["resolves to a plain object", async () => ({ data: [] }), /fetch did not return a Response$/],
  [
    "resolves to a Response whose body was already read",
    async () => {
      const response = Response.json([]);
      await response.text();
      return response;
    },
    /connection failed: .+/,
  ],
  [
    "rejects with an HTTP parser error that has no code",
    () => Promise.reject(new TypeError("x", { cause: Object.assign(new Error("y"), { name: "HTTPParserError" }) })),
    /the response is not HTTP \(HTTPParserError\)$/,
  ],
  [
    "rejects with UND_ERR_HEADERS_TIMEOUT",
    () => Promise.reject(Object.assign(new Error("x"), { code: "UND_ERR_HEADERS_TIMEOUT" })),
    /the response did not arrive in time \(UND_ERR_HEADERS_TIMEOUT\)$/,
  ],
  [
    "rejects with a code that resembles a certificate error code",
    () => Promise.reject(Object.assign(new Error("x"), { code: "MY_CERT_STORE" })),
    /connection failed: x \(MY_CERT_STORE\)$/,
  ],
  [
    "rejects with an error whose code getter throws",
    () =>
      Promise.reject(
        Object.defineProperty(new Error("x"), "code", {
          get: () => {
            throw new Error("no");
          },
        }),
      ),
    /connection failed$/,
  ],
  [
    "rejects with an error whose message cannot be converted to a string",
    () => Promise.reject(Object.assign(new Error("x"), { message: { toString: 0 } })),
    /connection failed$/,
  ],
  [
    "rejects with a code that contains a line break",
    () => Promise.reject(Object.assign(new Error("a\nb"), { code: "E\nF" })),
    /connection failed: a b \(E F\)$/,
  ],
  ...["NotFound", "SESSION_NOTFOUND", "PaymentRefused", "POOL_CONNECT_TIMEOUT"].map(
    (code): [string, unknown, RegExp] => [
      `rejects with the unknown code ${code}`,
      () => Promise.reject(Object.assign(new Error("x"), { code })),
      new RegExp(`\\(${code}\\)$`),
    ],
  ),
  [
    "resolves to a Response whose body fails with ECONNREFUSED",
    async () =>
      new Response(
        new ReadableStream({
          pull: () => {
            throw Object.assign(new Error("x"), { code: "ECONNREFUSED", syscall: "connect" });
          },
        }),
      ),
    /connection refused \(ECONNREFUSED\)$/,
  ],
];

test.each(fetches)(
  "a POST fails with a ConnectionError and is not resent if a custom fetch %s",
  async (_, fetch, message) => {
    let fetched = 0;
    const counting: Fetch = (...input) => {
      fetched++;
      return (fetch as Fetch)(...input);
    };
    const error = await failureOf(calls.POST(client(server.url, { fetch: counting })));
    expect(error).toMatchObject({ name: "ConnectionError", attempts: 1, mayHaveBeenProcessed: true });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain("\n");
    expect(fetched).toBe(1);
  },
);
