/** Bodies of every size and kind, and a caller's own fetch: what comes of them. */
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ApiError, type Fetch, ResponseParseError } from "../../src/index.js";
import { calls, client, failureOf } from "../support/calls.js";
import { answer, type Behaviour, eventually, type FaultServer, startFaultServer } from "../support/fault-server.js";

let server: FaultServer;

beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

const json = { "content-type": "application/json" };

const readable: [name: string, bytes: Buffer, headers: Record<string, string>, data: unknown][] = [
  ["a byte-order mark", Buffer.from('\uFEFF["ü"]'), json, ["ü"]],
  ["a charset that is wrong", Buffer.from('["ü"]'), { "content-type": "application/json; charset=latin1" }, ["ü"]],
  ["white space around it", Buffer.from("\r\n [ ] \n"), json, []],
  ["null", Buffer.from("null"), json, null],
  ["gzip", gzipSync('["ü"]'), { ...json, "content-encoding": "gzip" }, ["ü"]],
];

test.each(readable)("a body with %s is read", async (_, bytes, headers, data) => {
  server.behave((socket) => socket.write(answer(200, bytes, headers)));
  expect(await client(server.url).connectors.list()).toEqual(data);
});

test("a body in a thousand pieces, some within a character, is read whole", async () => {
  const names = Array.from({ length: 100 }, (_, id) => `ü€😀 ${id}`);
  const bytes = Buffer.from(JSON.stringify(names));
  server.behave((socket) => {
    socket.write(answer(200, "", { ...json, "transfer-encoding": "chunked" }));
    for (let at = 0; at < bytes.byteLength; at++) {
      socket.write(Buffer.concat([Buffer.from("1\r\n"), bytes.subarray(at, at + 1), Buffer.from("\r\n")]));
    }
    socket.write("0\r\n\r\n");
  });
  expect(await client(server.url).connectors.list()).toEqual(names);
});

test("an unreadable success tells status, content type, request id and the first 200 characters", async () => {
  const page = `<html>${"login ".repeat(100)}</html>`;
  server.behave((socket) => socket.write(answer(200, page, { "content-type": "text/html", "x-request-id": "req-9" })));
  const error = (await failureOf(client(server.url).connectors.list())) as ResponseParseError;
  expect(error).toBeInstanceOf(ResponseParseError);
  expect(error).toMatchObject({ status: 200, contentType: "text/html", requestId: "req-9", attempts: 3 });
  expect(error.text).toBe(page.slice(0, 200));
  expect(error.message).toBe(
    `GET /v1/connectors/ -> 200: the body is not JSON (content type text/html): ${page.slice(0, 200)}...`,
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

describe("a body without end", () => {
  test("ends at maxResponseBytes: one request, a clear error, and the socket is closed", async () => {
    server.behave(endless(200));
    const error = await failureOf(client(server.url, { maxResponseBytes: 100_000 }).connectors.list());
    expect(error).toBeInstanceOf(ResponseParseError);
    expect((error as Error).message).toContain("-> 200: the body is larger than maxResponseBytes (100000)");
    expect(error).toMatchObject({ attempts: 1 });
    expect(server.requests).toHaveLength(1);
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });

  test("of an error is cut after a few megabytes, and the socket is closed", async () => {
    server.behave(endless(404));
    const error = (await failureOf(client(server.url).connectors.list())) as ApiError;
    expect(error).toMatchObject({ name: "NotFoundError", message: "GET /v1/connectors/ -> 404: Reason" });
    expect(String(error.body).length).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });

  test("where none is documented is not waited for", async () => {
    server.behave(endless(200));
    expect(await client(server.url).connectors.delete(7)).toBeUndefined();
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });

  test("that is compressed counts as it is read, not as it is sent", async () => {
    const bomb = gzipSync(Buffer.alloc(2_000_000, 0x20));
    server.behave((socket) => socket.write(answer(200, bomb, { ...json, "content-encoding": "gzip" })));
    const error = await failureOf(client(server.url, { maxResponseBytes: 100_000 }).connectors.list());
    expect((error as Error).message).toContain("the body is larger than maxResponseBytes");
  });
});

test.each([
  [100, 100, undefined],
  [99, 100, "ResponseParseError"],
])("with maxResponseBytes %i a body of %i bytes gives %s", async (maxResponseBytes, size, name) => {
  server.behave((socket) => socket.write(answer(200, "[]".padEnd(size))));
  const [result] = await Promise.allSettled([client(server.url, { maxResponseBytes }).connectors.list()]);
  expect(result.status === "rejected" ? result.reason.name : undefined).toBe(name);
});

const bodiless: [name: string, bytes: Buffer][] = [
  ["204", answer(204)],
  ["200 with a body", answer(200, '{"status":"deleted"}', json)],
  ["200 with HTML", answer(200, "<html>ok</html>")],
  ["200 with an empty body", answer(200)],
  ["200 with a body that breaks off", answer(200, "{", { "content-length": "50" })],
];

test.each(bodiless)("connectors.delete, of which no body is documented, gives undefined for a %s", async (_, bytes) => {
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
    "4 MB of an issue list",
    JSON.stringify({ detail: Array(40_000).fill({ loc: ["body", "rows", 1], msg: "no", type: "t", input: { a: 1 } }) }),
  ],
  ["lists in lists", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["objects in objects", `${'{"detail":'.repeat(100_000)}1${"}".repeat(100_000)}`],
];

test.each(hostile)("an error with %s is made in a second, with a short message of one line", async (_, body) => {
  const fetch: Fetch = async () => new Response(body, { status: 500 });
  const startedAt = performance.now();
  const error = await failureOf(client(server.url, { fetch, maxRetries: 0 }).connectors.list());
  // Measured at 10 to 250 ms; what is quadratic takes minutes.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect(error).toBeInstanceOf(ApiError);
  expect((error as Error).message).toMatch(/^GET \/v1\/connectors\/ -> 500: .{1,303}$/);
});

test.each([
  ["a text full of their parts", "bearer token application json sk abcdef 1 2 3 4 5 6 7 8 9 ".repeat(70_000)],
  ["a long list of issues", JSON.stringify({ detail: Array(40_000).fill({ loc: ["body", "sk-7abcdef"], msg: "no" }) })],
  ["a place without end", JSON.stringify({ detail: [{ loc: Array(300_000).fill("sk-7abcdef"), msg: "no" }] })],
])("an error to a request with many secrets and %s is made in a second", async (_, body) => {
  const headers = Array.from({ length: 20 }, (_, id) => ({
    name: `x-${id}`,
    value: `Bearer sk-${id}abcdef token${id}`,
  }));
  const fetch: Fetch = async () => new Response(body, { status: 500 });
  const startedAt = performance.now();
  const { connectors } = client(server.url, { fetch, maxRetries: 0 });
  const error = await failureOf(connectors.create({ name: "n", method: "get", url: "https://example.com", headers }));
  // Measured at 60 to 400 ms.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  expect((error as Error).message).not.toContain("sk-7abcdef");
});

test("an error to a request whose secret repeats itself at length is made in a second", async () => {
  const headers = [{ name: "x", value: "a-".repeat(500_000) }];
  const fetch: Fetch = async () => new Response("a ".repeat(10_000), { status: 500 });
  const startedAt = performance.now();
  const { connectors } = client(server.url, { fetch, maxRetries: 0 });
  await failureOf(connectors.create({ name: "n", method: "get", url: "https://example.com", headers }));
  // Measured at 150 ms.
  expect(performance.now() - startedAt).toBeLessThan(2_500);
});

const fetches: [name: string, fetch: unknown, message: RegExp][] = [
  [
    "throws at once",
    () => {
      throw new Error("not today");
    },
    /connection failed: not today$/,
  ],
  [
    "throws a text",
    () => {
      throw "not today";
    },
    /connection failed$/,
  ],
  ["rejects with nothing", () => Promise.reject(), /connection failed$/],
  ["gives nothing", () => undefined, /fetch did not return a Response$/],
  ["gives a promise of nothing", async () => null, /fetch did not return a Response$/],
  ["gives data", async () => ({ data: [] }), /fetch did not return a Response$/],
  [
    "gives a response that was read before",
    async () => {
      const response = Response.json([]);
      await response.text();
      return response;
    },
    /connection failed: .+/,
  ],
  [
    "rejects with an HTTP parser's error that has no code",
    () => Promise.reject(new TypeError("x", { cause: Object.assign(new Error("y"), { name: "HTTPParserError" }) })),
    /the response is not HTTP \(HTTPParserError\)$/,
  ],
  [
    "rejects because the headers were late",
    () => Promise.reject(Object.assign(new Error("x"), { code: "UND_ERR_HEADERS_TIMEOUT" })),
    /the response did not arrive in time \(UND_ERR_HEADERS_TIMEOUT\)$/,
  ],
  [
    "rejects with a code that only looks like a certificate's",
    () => Promise.reject(Object.assign(new Error("x"), { code: "MY_CERT_STORE" })),
    /connection failed: x \(MY_CERT_STORE\)$/,
  ],
  [
    "rejects with an error that cannot be read",
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
    "rejects with an error whose message has no text",
    () => Promise.reject(Object.assign(new Error("x"), { message: { toString: 0 } })),
    /connection failed$/,
  ],
  [
    "rejects with a code over two lines",
    () => Promise.reject(Object.assign(new Error("a\nb"), { code: "E\nF" })),
    /connection failed: a b \(E F\)$/,
  ],
  ...["NotFound", "SESSION_NOTFOUND", "PaymentRefused", "POOL_CONNECT_TIMEOUT"].map(
    (code): [string, unknown, RegExp] => [
      `rejects with a code of its own, ${code}`,
      () => Promise.reject(Object.assign(new Error("x"), { code })),
      new RegExp(`\\(${code}\\)$`),
    ],
  ),
  [
    "says after the answer that nothing was sent",
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
  "a fetch of the caller's own that %s gives a ConnectionError, and no POST twice",
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
