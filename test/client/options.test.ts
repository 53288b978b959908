import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, Databar, type RequestOptions, UsageError } from "../../src/index.js";
import { databarWith } from "../support/calls.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";
import { mockApi } from "../support/mock-api.js";

const api = mockApi();
const KEY = "secret-key-5f2d";

function construct(options: object): Databar {
  return new Databar({ apiKey: KEY, ...options } as ClientOptions);
}

const refused: [name: string, options: object, message: RegExp][] = [
  ["an empty key", { apiKey: "" }, /API key must be a non-empty string .*: got an empty one/],
  ["a blank key", { apiKey: "  " }, /got an empty one/],
  ["a key that is a number", { apiKey: 5 }, /got number/],
  [
    "a key with a line break",
    { apiKey: `${KEY}\n` },
    /that a header can carry: got one with a space, a line break or the like/,
  ],
  [
    "a key with a space",
    { apiKey: `Bearer ${KEY}` },
    /that a header can carry: got one with a space, a line break or the like/,
  ],
  [
    "a key with an umlaut",
    { apiKey: `${KEY}ü` },
    /that a header can carry: got one with a space, a line break or the like/,
  ],
  ["a misspelt option", { timeout: 5 }, /Unknown option "timeout": accepted are apiKey, baseUrl, timeoutMs/],
  [
    "a misspelt hook",
    { hooks: { onresponse() {} } },
    /Unknown option "onresponse": accepted are onRequest, onResponse, onError, onRetry/,
  ],
  ["timeoutMs 0", { timeoutMs: 0 }, /timeoutMs must be a number of milliseconds above 0.*: got 0$/],
  ["timeoutMs NaN", { timeoutMs: Number.NaN }, /timeoutMs must/],
  ["timeoutMs Infinity", { timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs must/],
  ["timeoutMs as a string", { timeoutMs: "5" }, /timeoutMs must/],
  ["timeoutMs above what timers support", { timeoutMs: 2 ** 31 }, /timeoutMs must .*, at most 2147483647: got/],
  ["maxRetries -1", { maxRetries: -1 }, /maxRetries must be a whole number from 0: got -1/],
  ["maxRetries 1.5", { maxRetries: 1.5 }, /maxRetries must/],
  ["maxResponseBytes 0", { maxResponseBytes: 0 }, /maxResponseBytes must/],
  ["a fetch that is not a function", { fetch: {} }, /fetch must be a function/],
  ["the key in the headers", { headers: { "X-ApiKey": KEY } }, /The header X-ApiKey is set by the client/],
  ["a header with a line break", { headers: { "x-a": "1\r\nx-b: 2" } }, /The header "x-a" has a name or a value/],
  ["a header with a bad name", { headers: { "x a": "1" } }, /The header "x a" has a name or a value/],
  ["a baseUrl that is not a URL", { baseUrl: "api.databar.ai" }, /baseUrl is not a URL/],
  [
    "http for a remote host",
    { baseUrl: "http://api.databar.ai" },
    /baseUrl must use https \(http is allowed on a loopback address only\)/,
  ],
  ["http for a subdomain of localhost", { baseUrl: "http://api.localhost:4010" }, /must use https/],
  [
    "http for a host name that resembles a loopback address",
    { baseUrl: "http://127.0.0.1.example.com" },
    /must use https/,
  ],
  ["a baseUrl with another scheme", { baseUrl: "ftp://localhost" }, /must use https/],
  ["credentials in baseUrl", { baseUrl: `https://user:${KEY}@api.databar.ai` }, /must not hold credentials/],
  ["a query in baseUrl", { baseUrl: `https://api.databar.ai?key=${KEY}` }, /must not hold credentials, a query/],
  ["a fragment in baseUrl", { baseUrl: "https://api.databar.ai#" }, /must not hold credentials, a query/],
  ["a baseUrl that ends in /v1", { baseUrl: "https://api.databar.ai/v1/" }, /must not end in "\/v1"/],
];

test.each(refused)("the constructor rejects %s, and the message does not contain the key", (_, options, message) => {
  const construction = () => construct(options);
  expect(construction).toThrow(UsageError);
  expect(construction).toThrow(message);
  expect(construction).not.toThrow(KEY);
});

test.each([
  ["the key instead of the options", () => new Databar(KEY as ClientOptions)],
  ["headers as a string", () => construct({ headers: `authorization: ${KEY}` })],
])("the constructor rejects %s, and the message does not repeat the value", (_, construction) => {
  expect(construction).toThrow(UsageError);
  expect(construction).not.toThrow(KEY);
});

test.each([
  ["an https URL", "https://eu.example.com"],
  ["an https URL with a path and a trailing slash", "https://example.com/databar/"],
  ["a localhost URL", "http://localhost:4010"],
  ["an address that starts with 127", "http://127.8.0.1:4010"],
  ["the IPv6 loopback address", "http://[::1]:4010"],
])("baseUrl may be %s", (_, baseUrl) => {
  expect(() => construct({ baseUrl })).not.toThrow();
});

test("a path in baseUrl precedes the path of the operation", async () => {
  api.answerJson(200, []);
  await listFixtures(construct({ baseUrl: "https://example.com/databar/" }));
  expect(api.seen).toMatchObject([{ pathname: `/databar${FIXTURE.path}` }]);
});

describe("the API key", () => {
  test("defaults to DATABAR_API_KEY", async () => {
    vi.stubEnv("DATABAR_API_KEY", "from-the-environment");
    api.answerJson(200, []);
    await listFixtures(new Databar());
    expect(api.seen).toMatchObject([{ key: "from-the-environment" }]);
  });

  test.each([undefined, ""])("is required: if DATABAR_API_KEY is %j, the error says where to find the key", (value) => {
    vi.stubEnv("DATABAR_API_KEY", value);
    expect(() => new Databar()).toThrow(/pass \{ apiKey \} or set DATABAR_API_KEY.*Integrations/);
  });

  test("may be a function, which the client calls for each attempt", async () => {
    const keys = ["first", "second"];
    api.answerJson(503, {});
    const databar = construct({ apiKey: async () => keys.shift(), maxRetries: 1 });
    const runtime = { sleep: async () => {}, random: () => 0, now: () => 0, date: () => 0 };
    await listFixtures(databarWith({ apiKey: () => keys.shift() ?? "none", maxRetries: 1 }, runtime)).catch(() => {});
    expect(api.seen.map(({ key }) => key)).toEqual(["first", "second"]);
    await expect(listFixtures(databar)).rejects.toThrow(
      "The API key must be a non-empty string that a header can carry: got undefined",
    );
    expect(api.seen).toHaveLength(2);
  });

  test("from a function that rejects ends the call before any request, with the rejection as cause", async () => {
    const cause = new Error("vault closed");
    const call = listFixtures(construct({ apiKey: () => Promise.reject(cause) }));
    await expect(call).rejects.toMatchObject({ name: "DatabarError", message: "The apiKey function failed", cause });
    expect(api.seen).toEqual([]);
  });

  test("does not appear in a printed client", () => {
    const databar = construct({});
    for (const printed of [
      inspect(databar, { depth: 20, showHidden: true }),
      JSON.stringify(databar),
      String(databar),
    ]) {
      expect(printed).not.toContain(KEY);
    }
  });
});

const wrongCalls: [name: string, options: object, message: RegExp][] = [
  ["a misspelt option", { timeout: 5 }, /Unknown option "timeout": accepted are signal, timeoutMs/],
  ["a signal that is not an AbortSignal", { signal: {} }, /signal must be an AbortSignal/],
  ["maxRetries as a string", { maxRetries: "2" }, /maxRetries must/],
  ["the key in the headers", { headers: { "x-apikey": KEY } }, /set by the client/],
  ["null as headers", { headers: null }, /headers must be an object of names and values/],
  ["a Headers object as headers", { headers: new Headers({ a: "b" }) }, /headers must be an object of names/],
];

test.each(wrongCalls)("a call rejects %s before any request", async (_, options, message) => {
  const call = listFixtures(construct({}), options as RequestOptions);
  await expect(call).rejects.toThrow(UsageError);
  await expect(call).rejects.toThrow(message);
  expect(api.seen).toEqual([]);
});

test.each(wrongCalls.slice(1))("a call rejects options that inherit %s", async (_, options, message) => {
  const call = listFixtures(construct({}), Object.create(options));
  await expect(call).rejects.toThrow(UsageError);
  await expect(call).rejects.toThrow(message);
});

test("a query may have a parameter named constructor", async () => {
  api.answerJson(200, { data: [] });
  await construct({}).exporters.listPage({ constructor: 1 } as never);
  expect(api.seen).toHaveLength(1);
});

test("null is treated as a missing value for apiKey, baseUrl, hooks and the options of a call", async () => {
  vi.stubEnv("DATABAR_API_KEY", KEY);
  api.answerJson(200, []);
  const databar = construct({ apiKey: null, baseUrl: null, hooks: null });
  await listFixtures(databar, null as never);
  expect(api.seen).toMatchObject([{ key: KEY }]);
});

test("a request has the headers of the client and of the call, and the headers of the call take precedence", async () => {
  const sent: Headers[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent.push(new Headers(init?.headers));
    return Response.json([]);
  };
  const databar = construct({ fetch, headers: { "x-source": "tests", "x-team": "a" } });
  await listFixtures(databar, { headers: { "X-Team": "b" } });
  expect(Object.fromEntries(sent[0] ?? [])).toMatchObject({ "x-apikey": KEY, "x-source": "tests", "x-team": "b" });
});

test("any part of a millisecond up to what timers support is a time limit", () => {
  expect(construct({ timeoutMs: 0.5 })).toBeInstanceOf(Databar);
  expect(construct({ timeoutMs: 2 ** 31 - 1 })).toBeInstanceOf(Databar);
});

test.each([
  [null, "null"],
  ["secret", "string"],
  [5, "number"],
])("%j in place of the options is a UsageError that does not repeat it", async (options, type) => {
  const message = `Expected an object of options: got ${type}`;
  await expect(construct({}).enrichments.runAndWait(1, { params: {} }, options as never)).rejects.toThrow(message);
});

test("undefined is treated as a missing option", async () => {
  api.answerJson(200, []);
  const databar = construct({ baseUrl: undefined, timeoutMs: undefined, headers: undefined, hooks: undefined });
  await listFixtures(databar, { signal: undefined, timeoutMs: undefined, maxRetries: undefined, headers: undefined });
  expect(api.seen).toHaveLength(1);
});
