import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { type ClientOptions, Databar, type RequestOptions, UsageError } from "../../src/index.js";
import { databarWith } from "../support/calls.js";
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
  ["timeoutMs as text", { timeoutMs: "5" }, /timeoutMs must/],
  ["maxRetries -1", { maxRetries: -1 }, /maxRetries must be a whole number from 0: got -1/],
  ["maxRetries 1.5", { maxRetries: 1.5 }, /maxRetries must/],
  ["maxResponseBytes 0", { maxResponseBytes: 0 }, /maxResponseBytes must/],
  ["a fetch that is no function", { fetch: {} }, /fetch must be a function/],
  ["the key among the headers", { headers: { "X-ApiKey": KEY } }, /The header X-ApiKey is set by the client/],
  ["a header with a line break", { headers: { "x-a": "1\r\nx-b: 2" } }, /The header "x-a" has a name or a value/],
  ["a header with a bad name", { headers: { "x a": "1" } }, /The header "x a" has a name or a value/],
  ["a baseUrl that is no URL", { baseUrl: "api.databar.ai" }, /baseUrl is not a URL/],
  [
    "http to another host",
    { baseUrl: "http://api.databar.ai" },
    /baseUrl must use https \(http is allowed on a loopback address only\)/,
  ],
  ["http to a name under localhost", { baseUrl: "http://api.localhost:4010" }, /must use https/],
  ["http to a host that looks like loopback", { baseUrl: "http://127.0.0.1.example.com" }, /must use https/],
  ["another scheme", { baseUrl: "ftp://localhost" }, /must use https/],
  ["credentials in baseUrl", { baseUrl: `https://user:${KEY}@api.databar.ai` }, /must not hold credentials/],
  ["a query in baseUrl", { baseUrl: `https://api.databar.ai?key=${KEY}` }, /must not hold credentials, a query/],
  ["a fragment in baseUrl", { baseUrl: "https://api.databar.ai#" }, /must not hold credentials, a query/],
  ["a baseUrl with the version", { baseUrl: "https://api.databar.ai/v1/" }, /must not end in "\/v1"/],
];

test.each(refused)("%s is refused at construction, without the key in the message", (_, options, message) => {
  const construction = () => construct(options);
  expect(construction).toThrow(UsageError);
  expect(construction).toThrow(message);
  expect(construction).not.toThrow(KEY);
});

test.each([
  ["the key in place of the options", () => new Databar(KEY as ClientOptions)],
  ["headers as a text", () => construct({ headers: `authorization: ${KEY}` })],
])("%s is refused, and not repeated in the message", (_, construction) => {
  expect(construction).toThrow(UsageError);
  expect(construction).not.toThrow(KEY);
});

test.each([
  ["https", "https://eu.example.com"],
  ["https with a path and a slash", "https://example.com/databar/"],
  ["localhost", "http://localhost:4010"],
  ["127.x", "http://127.8.0.1:4010"],
  ["IPv6 loopback", "http://[::1]:4010"],
])("baseUrl may be %s", (_, baseUrl) => {
  expect(() => construct({ baseUrl })).not.toThrow();
});

test("a path in baseUrl comes before the contract's path", async () => {
  api.answerJson(200, []);
  await construct({ baseUrl: "https://example.com/databar/" }).connectors.list();
  expect(api.seen).toMatchObject([{ pathname: "/databar/v1/connectors/" }]);
});

describe("the key", () => {
  test("comes from DATABAR_API_KEY where none is given", async () => {
    vi.stubEnv("DATABAR_API_KEY", "from-the-environment");
    api.answerJson(200, []);
    await new Databar().connectors.list();
    expect(api.seen).toMatchObject([{ key: "from-the-environment" }]);
  });

  test.each([undefined, ""])("that is nowhere (DATABAR_API_KEY %j) is asked for, with where to find it", (value) => {
    vi.stubEnv("DATABAR_API_KEY", value);
    expect(() => new Databar()).toThrow(/pass \{ apiKey \} or set DATABAR_API_KEY.*Integrations/);
  });

  test("may be a function, asked for each attempt", async () => {
    const keys = ["first", "second"];
    api.answerJson(503, {});
    const databar = construct({ apiKey: async () => keys.shift(), maxRetries: 1 });
    const runtime = { sleep: async () => {}, random: () => 0, now: () => 0, date: () => 0 };
    await databarWith({ apiKey: () => keys.shift() ?? "none", maxRetries: 1 }, runtime)
      .connectors.list()
      .catch(() => {});
    expect(api.seen.map(({ key }) => key)).toEqual(["first", "second"]);
    await expect(databar.connectors.list()).rejects.toThrow(
      "The API key must be a non-empty string that a header can carry: got undefined",
    );
    expect(api.seen).toHaveLength(2);
  });

  test("function that fails ends the call before anything is sent, with its error as cause", async () => {
    const cause = new Error("vault closed");
    const call = construct({ apiKey: () => Promise.reject(cause) }).connectors.list();
    await expect(call).rejects.toMatchObject({ name: "DatabarError", message: "The apiKey function failed", cause });
    expect(api.seen).toEqual([]);
  });

  test("is not in a printed client", () => {
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
  ["a signal that is none", { signal: {} }, /signal must be an AbortSignal/],
  ["maxRetries as text", { maxRetries: "2" }, /maxRetries must/],
  ["the key among the headers", { headers: { "x-apikey": KEY } }, /set by the client/],
  ["headers that are null", { headers: null }, /headers must be an object of names and values/],
  ["headers in an object of their own", { headers: new Headers({ a: "b" }) }, /headers must be an object of names/],
];

test.each(wrongCalls)("a call with %s is refused before anything is sent", async (_, options, message) => {
  const call = construct({}).connectors.list(options as RequestOptions);
  await expect(call).rejects.toThrow(UsageError);
  await expect(call).rejects.toThrow(message);
  expect(api.seen).toEqual([]);
});

test.each(wrongCalls.slice(1))("a call whose options inherit %s is refused", async (_, options, message) => {
  const call = construct({}).connectors.list(Object.create(options));
  await expect(call).rejects.toThrow(UsageError);
  await expect(call).rejects.toThrow(message);
});

test("a query may have a parameter with the name of a method of objects", async () => {
  api.answerJson(200, { data: [] });
  await construct({}).exporters.listPage({ constructor: 1 } as never);
  expect(api.seen).toHaveLength(1);
});

test("null is the same as leaving out the key, baseUrl, hooks, or the options of a call", async () => {
  vi.stubEnv("DATABAR_API_KEY", KEY);
  api.answerJson(200, []);
  const databar = construct({ apiKey: null, baseUrl: null, hooks: null });
  await databar.connectors.list(null as never);
  expect(api.seen).toMatchObject([{ key: KEY }]);
});

test("headers of the client and of the call are sent, and the call's win", async () => {
  const sent: Headers[] = [];
  const fetch = async (_: unknown, init?: RequestInit) => {
    sent.push(new Headers(init?.headers));
    return Response.json([]);
  };
  const databar = construct({ fetch, headers: { "x-source": "tests", "x-team": "a" } });
  await databar.connectors.list({ headers: { "X-Team": "b" } });
  expect(Object.fromEntries(sent[0] ?? [])).toMatchObject({ "x-apikey": KEY, "x-source": "tests", "x-team": "b" });
});

test("undefined is the same as leaving an option out", async () => {
  api.answerJson(200, []);
  const databar = construct({ baseUrl: undefined, timeoutMs: undefined, headers: undefined, hooks: undefined });
  await databar.connectors.list({ signal: undefined, timeoutMs: undefined, maxRetries: undefined, headers: undefined });
  expect(api.seen).toHaveLength(1);
});
