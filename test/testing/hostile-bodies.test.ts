/** Hostile request bodies, sent to the replay server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ReplayServer, startReplayServer } from "../../src/testing/server.js";

let server: ReplayServer;
beforeAll(async () => {
  server = await startReplayServer();
});
afterAll(() => server.close());

async function post(body: BodyInit, path = "/v1/folders"): Promise<{ status: number; body: unknown }> {
  const headers = { "x-apikey": "test-key-5f2d", "content-type": "application/json" };
  const response = await fetch(`${server.url}${path}`, { method: "POST", headers, body });
  return { status: response.status, body: await response.json() };
}

const UNREADABLE = { status: 400, body: { detail: "There was an error parsing the body" } };
const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : part)));

describe("a deeply nested body", () => {
  const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

  test.each([
    ["a run's parameters", "/v1/enrichments/833/run", `{"params":{"a":${nested(4500)}}}`],
    ["a body that is not the expected object", "/v1/folders", nested(4500)],
    ["an unclosed list", "/v1/folders", "[".repeat(200_000)],
    ["objects", "/v1/folders", `${'{"a":'.repeat(4500)}1${"}".repeat(4500)}`],
  ])("gets a 400 instead of a 500: %s", async (_, path, body) => {
    expect(await post(body, path)).toEqual(UNREADABLE);
  });

  test("is accepted up to 1,000 levels", async () => {
    expect(await post(`{"params":{"a":${nested(998)}}}`, "/v1/enrichments/833/run")).toMatchObject({ status: 200 });
    expect(await post(`{"params":{"a":${nested(999)}}}`, "/v1/enrichments/833/run")).toEqual(UNREADABLE);
  });

  test("counts no brackets inside strings", async () => {
    expect(await post(JSON.stringify({ name: `\\"${"[{".repeat(4500)}` }))).toMatchObject({ status: 200 });
  });
});

test("a body of 63 MB of spaces is refused without seconds of CPU time", async () => {
  const body = new Uint8Array(63 * 2 ** 20).fill(0x20);
  const before = process.cpuUsage();
  expect(await post(body)).toMatchObject({ status: 422, body: { detail: [{ type: "json_invalid" }] } });
  const { user, system } = process.cpuUsage(before);
  // Sending and receiving are part of this figure.
  expect((user + system) / 1e6).toBeLessThan(3);
});

test.each([
  ["a lone continuation byte", bytes('{"name":"', [0x80], '"}')],
  ["an encoded surrogate", bytes('{"name":"', [0xed, 0xa0, 0x80], '"}')],
  ["Latin-1", bytes('{"name":"caf', [0xe9], '"}')],
])("a body that is not UTF-8 gets a 400: %s", async (_, body) => {
  expect(await post(body)).toEqual(UNREADABLE);
});

test("a body may start with a UTF-8 byte order mark", async () => {
  expect(await post(bytes([0xef, 0xbb, 0xbf], '{"name":"é"}'))).toMatchObject({ status: 200 });
});

test.each([
  ["a number as a float", '{"rows":1e20}', "int_parsing_size"],
  ["a string with a trailing point", '{"rows":"5."}', "int_parsing"],
  ["an infinite number", '{"rows":1e999}', "finite_number"],
])("%s is not an integer", async (_, body, type) => {
  expect(await post(body, "/v1/table/create")).toMatchObject({ status: 422, body: { detail: [{ type }] } });
});

test("a request body that is not JSON gets the one documented wording", async () => {
  for (const body of ["{", "[1,]", '{"a":1}x', '"\\x"', "<html>", "   "]) {
    expect(await post(body)).toEqual({
      status: 422,
      body: {
        detail: [
          {
            type: "json_invalid",
            loc: ["body", 0],
            msg: "JSON decode error",
            input: {},
            ctx: { error: "Expecting value" },
          },
        ],
      },
    });
  }
});
