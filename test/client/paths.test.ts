/** Path values in resource methods and in `databar.api`, and the options that a call of `databar.api` may override. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fetch } from "../../src/index.js";
import { UsageError } from "../../src/index.js";
import { client, failureOf } from "../support/calls.js";
import { answer, type FaultServer, type Recorder, startFaultServer, startRecorder } from "../support/fault-server.js";
import { FIXTURE, fixtureApi } from "../support/fixture-operation.js";

let server: FaultServer;
let recorder: Recorder;

beforeAll(async () => {
  [server, recorder] = await Promise.all([startFaultServer(), startRecorder()]);
});
afterEach(() => expect(recorder.received).not.toContain("test-key"));
afterAll(() => Promise.all([server.close(), recorder.close()]));

const refused: [value: unknown, got: string][] = [
  [".", '"."'],
  ["..", '".."'],
  ["", '""'],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [Number.NEGATIVE_INFINITY, "-Infinity"],
  [null, "null"],
  [undefined, "undefined"],
  [{}, "object"],
  [["a"], "a list of 1"],
  [[], "a list of 0"],
  [new Date(0), "object"],
  [Object("a"), "object"],
  [true, "true"],
  [false, "false"],
  [10n, "10"],
  [Symbol("s"), "Symbol(s)"],
  [() => "a\nb", "function"],
  ["a\uD800", '"a\\ud800"'],
  ["\uDC00", '"\\udc00"'],
  [`${"x".repeat(1_000)}\uD800`, `"${"x".repeat(50)}"`],
];

describe.each(refused.map(([value, got]) => [got, value] as const))("a path value %s", (got, value) => {
  test("is rejected before any request", async () => {
    server.behave((socket) => socket.write(answer(200, "{}")));
    const { waterfalls, api } = client(server.url);
    const name = "waterfall_identifier";
    const path = { [name]: value } as { waterfall_identifier: string };
    const viaApi = new Promise((resolve) =>
      resolve(api.GET("/v1/waterfalls/{waterfall_identifier}", { params: { path } })),
    );
    for (const call of [waterfalls.get(value as string), viaApi]) {
      const error = await failureOf(call);
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toBe(
        `${name} must be a finite number, or a non-empty string other than "." and "..": got ${got}`,
      );
    }
    expect(server.requests).toEqual([]);
  });
});

const accepted: [value: string | number, segment: string][] = [
  [7, "7"],
  [0, "0"],
  [-1, "-1"],
  [1.5, "1.5"],
  [1e21, "1e%2B21"],
  ["email_getter", "email_getter"],
  ["%2e%2e", "%252e%252e"],
  ["%2E", "%252E"],
  [".%2e", ".%252e"],
  ["...", "..."],
  ["a/b", "a%2Fb"],
  ["../x", "..%2Fx"],
  ["..\\x", "..%5Cx"],
  ["/", "%2F"],
  ["a?b=c", "a%3Fb%3Dc"],
  ["a#b", "a%23b"],
  ["a;b", "a%3Bb"],
  ["a b", "a%20b"],
  ["\t..\n", "%09..%0A"],
  [".\0", ".%00"],
  ["ü€😀", "%C3%BC%E2%82%AC%F0%9F%98%80"],
  ["@evil.example", "%40evil.example"],
  ["https://evil.example", "https%3A%2F%2Fevil.example"],
];

test.each(accepted)("the path value %j is sent as the single path segment %s", async (value, segment) => {
  server.behave((socket) => socket.write(answer(200, "{}")));
  const { waterfalls, api } = client(server.url);
  await waterfalls.get(value as string);
  await api.GET("/v1/waterfalls/{waterfall_identifier}", { params: { path: { waterfall_identifier: String(value) } } });
  expect(server.requests.map(({ target }) => target)).toEqual(Array(2).fill(`/v1/waterfalls/${segment}`));
});

test.each([undefined, null])("a query value %s is left out", async (value) => {
  server.behave((socket) => socket.write(answer(200, "[]")));
  await client(server.url).enrichments.list({ q: value, category: "x" } as object);
  expect(server.requests.map(({ target }) => target)).toEqual(["/v1/enrichments/?category=x"]);
});

describe("databar.api", () => {
  const ONE = "/v1/fixtures/{fixture_id}";
  const missing = { params: {} } as { params: { path: { fixture_id: number } } };

  test.each([undefined, missing])("rejects a call without its path value (%j) before any request", async (init) => {
    server.behave((socket) => socket.write(answer(200, "{}")));
    const call = fixtureApi(client(server.url)).GET(ONE, init ?? missing);
    const error = await failureOf(call);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toBe(
      `A value of the path is missing: pass { params: { path: { ... } } } for ${ONE}`,
    );
    expect(server.requests).toEqual([]);
  });

  test("accepts a path value that looks like a placeholder", async () => {
    server.behave((socket) => socket.write(answer(200, "{}")));
    const path = { waterfall_identifier: "{name}" };
    await client(server.url).api.GET("/v1/waterfalls/{waterfall_identifier}", { params: { path } });
    expect(server.requests.map(({ target }) => target)).toEqual(["/v1/waterfalls/%7bname%7d"]);
  });

  const elsewhere: [name: string, init: () => Record<string, unknown>][] = [
    ["a baseUrl of another origin", () => ({ baseUrl: recorder.url })],
    [
      "a baseUrl that starts with the client's host, followed by @",
      () => ({ baseUrl: server.url.replace("127.0.0.1:", "127.0.0.1@127.0.0.1:") }),
    ],
    ["a baseUrl that extends the client's port number", () => ({ baseUrl: `${server.url}0` })],
    ["a pathSerializer", () => ({ params: { path: {} }, pathSerializer: () => `${recorder.url}/x` })],
    [
      "middleware that replaces the request",
      () => ({ middleware: [{ onRequest: () => new Request(`${recorder.url}/x`) }] }),
    ],
    [
      "a Request class whose url differs from its string form",
      () => ({
        Request: class {
          url = server.url + FIXTURE.path;
          method = "GET";
          toString(): string {
            return `${recorder.url}/x`;
          }
        },
      }),
    ],
  ];

  test.each(elsewhere)("sends nothing to another origin if a call passes %s", async (_, init) => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const before = recorder.received;
    const error = await failureOf(fixtureApi(client(server.url)).GET(FIXTURE.path, init()));
    expect(error).toBeInstanceOf(Error);
    expect(recorder.received).toBe(before);
    expect(server.requests).toEqual([]);
  });

  test("does not pass the key to a fetch function that a call passes", async () => {
    const seen: (string | null)[] = [];
    const fetch = async (request: Request) => {
      seen.push(request.headers.get("x-apikey"));
      return Response.json([]);
    };
    await fixtureApi(client(server.url)).GET(FIXTURE.path, { fetch });
    expect(seen).toEqual([null]);
  });

  test("does not show the key to middleware", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const seen: unknown[] = [];
    const api = fixtureApi(client(server.url));
    api.use({
      onRequest: ({ request }) => void seen.push([...request.headers]),
      onResponse: ({ request, response }) => void seen.push([...request.headers], [...response.headers]),
    });
    await api.GET(FIXTURE.path);
    expect(JSON.stringify(seen)).not.toContain("test-key");
    expect(server.requests[0]?.headers.get("x-apikey")).toBe("test-key-5f2d");
  });

  test("follows no redirect, even if a call asks for it", async () => {
    server.behave((socket) => socket.write(answer(307, "", { location: `${recorder.url}/elsewhere` })));
    const error = await failureOf(fixtureApi(client(server.url)).GET(FIXTURE.path, { redirect: "follow" }));
    expect(error).toMatchObject({ name: "RedirectError", status: 307, targetOrigin: recorder.url, attempts: 1 });
    expect(server.requests).toHaveLength(1);
    expect(recorder.received).toBe("");
  });

  test("replaces a key that a call passes as a header", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    await fixtureApi(client(server.url)).GET(FIXTURE.path, { headers: { "X-ApiKey": "other" } });
    expect(server.requests[0]?.headers.get("x-apikey")).toBe("test-key-5f2d");
  });

  test("throws a ConnectionError for a failed connection, and the caller's reason after an abort", async () => {
    server.behave((socket) => socket.resetAndDestroy());
    const api = fixtureApi(client(server.url));
    expect(await failureOf(api.POST(FIXTURE.path, { body: { name: "n", method: "get", url: "u" } }))).toMatchObject({
      name: "ConnectionError",
      code: "ECONNRESET",
      attempts: 1,
      mayHaveBeenProcessed: true,
    });
    const reason = new Error("the user left");
    expect(await failureOf(api.GET(FIXTURE.path, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test("throws a ConnectionError if fetch throws synchronously", async () => {
    const fetch: Fetch = () => {
      throw new Error("not today");
    };
    const error = await failureOf(fixtureApi(client(server.url, { fetch })).GET(FIXTURE.path));
    expect(error).toMatchObject({ name: "ConnectionError", message: expect.stringContaining("not today") });
  });
});
