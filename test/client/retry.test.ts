/** Which failures are retried, and after which delay. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Retry } from "../../src/errors/classes.js";
import { parseRetryAfter, retryDelayMs } from "../../src/http/retry.js";
import { type ApiError, RateLimitError, ServerError } from "../../src/index.js";
import { calls, client, failureOf, fakeRuntime } from "../support/calls.js";
import { answer, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { listFixtures } from "../support/fixture-operation.js";

let server: FaultServer;

beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

const NOW = Date.UTC(2026, 0, 1);

/** Full jitter: a random part of half a second, which doubles with each attempt up to eight seconds. */
const delays: [attempt: number, random: number, ms: number][] = [
  [1, 0, 0],
  [1, 0.5, 250],
  [1, 0.999, 499.5],
  [2, 0.5, 500],
  [3, 0.5, 1_000],
  [4, 0.5, 2_000],
  [5, 0.5, 4_000],
  [6, 0.5, 4_000],
  [1_000_000, 0.5, 4_000],
];

test.each(delays)("after attempt %i, the random number %d results in a delay of %d ms", (attempt, random, ms) => {
  const failed = { method: "GET", retry: "idempotent", number: attempt, retryAfterMs: undefined } as const;
  expect(retryDelayMs(failed, random)).toBeCloseTo(ms, 6);
});

const requestedDelays: [ms: number, random: number, delay: number | undefined][] = [
  [0, 0, 100],
  [0, 0.5, 350],
  [70, 0, 100],
  [2_000, 0, 2_000],
  [2_000, 0.5, 2_250],
  [2_000, 0.999, 2_499.5],
  [60_000, 0, 60_000],
  [60_000, 0.5, 67_500],
  [60_001, 0.5, undefined],
  [Number.POSITIVE_INFINITY, 0.5, undefined],
];

test.each(requestedDelays)(
  "for a Retry-After of %d ms and the random number %d, retryDelayMs returns %s ms",
  (ms, random, delay) => {
    const delayMs = retryDelayMs({ method: "POST", retry: "all", number: 1, retryAfterMs: ms }, random);
    expect(delayMs === undefined ? delayMs : Math.round(delayMs * 10) / 10).toBe(delay);
  },
);

const decisions: [retry: Retry, methods: Record<string, boolean>][] = [
  ["all", { GET: true, HEAD: true, PUT: true, DELETE: true, POST: true, PATCH: true }],
  ["idempotent", { GET: true, HEAD: true, PUT: true, DELETE: true, POST: false, PATCH: false }],
  ["none", { GET: false, HEAD: false, PUT: false, DELETE: false, POST: false, PATCH: false }],
];

test.each(decisions)("a failure whose retry rule is %s is retried or not as in %j", (retry, methods) => {
  for (const [method, isRetried] of Object.entries(methods)) {
    for (const [retryAfterMs, expected] of [
      [undefined, 250],
      [0, 350],
      [3_000, 3_375],
    ] as const) {
      const delayMs = retryDelayMs({ method, retry, number: 1, retryAfterMs }, 0.5);
      expect(delayMs, method).toBe(isRetried ? expected : undefined);
    }
    expect(retryDelayMs({ method, retry, number: 1, retryAfterMs: 60_001 }, 0.5)).toBeUndefined();
  }
});

const headers: [header: Record<string, string>, ms: number | undefined][] = [
  [{}, undefined],
  [{ "retry-after": "0" }, 0],
  [{ "retry-after": "3" }, 3_000],
  [{ "retry-after": "1.5" }, 1_500],
  [{ "retry-after": "  7  " }, 7_000],
  [{ "retry-after": "86400" }, 86_400_000],
  [{ "retry-after": "-5" }, undefined],
  [{ "retry-after": "+5" }, undefined],
  [{ "retry-after": "5s" }, undefined],
  [{ "retry-after": "0x10" }, undefined],
  [{ "retry-after": "1e3" }, undefined],
  [{ "retry-after": "NaN" }, undefined],
  [{ "retry-after": "Infinity" }, undefined],
  [{ "retry-after": "3, 5" }, undefined],
  [{ "retry-after": "" }, undefined],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "2026" }, 2_026_000],
  [{ "retry-after": "2026-01-01T00:00:05Z" }, undefined],
  [{ "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" }, 5_000],
  [{ "retry-after": "Thursday, 01-Jan-26 00:00:05 GMT" }, 5_000],
  [{ "retry-after": "Thu Jan  1 00:00:05 2026" }, 5_000],
  [{ "retry-after": "Wed, 31 Dec 2025 23:59:00 GMT" }, 0],
  [{ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, 0],
  [{ "retry-after": "Fri, 01 Jan 2027 00:00:00 GMT" }, 365 * 86_400_000],
  [{ "retry-after": "Thursday" }, undefined],
  [{ "retry-after": "Sun 5" }, undefined],
  [{ "retry-after": "Monday next week" }, undefined],
  [{ "retry-after": "Mon, 99 Foo 2026 99:99:99 GMT" }, undefined],
  [{ "retry-after-ms": "250" }, 250],
  [{ "retry-after-ms": "12.5" }, 12.5],
  [{ "retry-after-ms": "250", "retry-after": "9" }, 250],
  [{ "retry-after-ms": "-1", "retry-after": "9" }, 9_000],
  [{ "retry-after-ms": "soon", "retry-after": "9" }, 9_000],
  [{ "retry-after-ms": "soon" }, undefined],
];

test.each(headers)("for the headers %j, parseRetryAfter returns %s", (header, ms) => {
  expect(parseRetryAfter(new Headers(header), NOW)).toBe(ms);
});

test("a huge Retry-After is parsed to a finite number of milliseconds", () => {
  const ms = parseRetryAfter(new Headers({ "retry-after": "9".repeat(400) }), NOW);
  expect(ms).toBeGreaterThan(1e12);
  expect(Number.isFinite(ms)).toBe(true);
});

describe("over HTTP", () => {
  const served: [header: Record<string, string>, delays: number[]][] = [
    [{}, [250, 500]],
    [{ "retry-after": "2" }, [2_250, 2_500]],
    [{ "retry-after": "60" }, [67_500, 67_500]],
    [{ "retry-after": "Thu, 01 Jan 2026 00:00:10 GMT" }, [11_250, 11_250]],
    [{ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT" }, [350, 600]],
    [{ "retry-after": "-3" }, [250, 500]],
    [{ "retry-after": "garbage" }, [250, 500]],
    [{ "retry-after-ms": "70" }, [350, 600]],
    [{ "retry-after": "61" }, []],
    [{ "retry-after": "Thu, 01 Jan 2026 00:01:01 GMT" }, []],
    [{ "retry-after": "999999999999" }, []],
    [{ "retry-after-ms": "60001" }, []],
  ];

  test.each(served)("a 429 with %j causes the retry delays %j on GET and POST", async (header, expected) => {
    for (const method of ["GET", "POST"] as const) {
      server.behave((socket) => socket.write(answer(429, "", header)));
      const runtime = fakeRuntime();
      const error = await failureOf(calls[method](client(server.url, {}, runtime)));
      expect(error).toBeInstanceOf(RateLimitError);
      expect(runtime.waits).toEqual(expected);
      expect(server.requests).toHaveLength(expected.length + 1);
      expect((error as ApiError).attempts).toBe(expected.length + 1);
    }
  });

  test("a Retry-After above one minute ends the call at once, and the error has retryAfterMs", async () => {
    server.behave((socket) => socket.write(answer(503, "", { "retry-after": "120" })));
    const error = await failureOf(listFixtures(client(server.url)));
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ retryAfterMs: 120_000, attempts: 1 });
  });

  test.each([0, 1, 2, 5])(
    "a failing call with maxRetries %i sends one request and that many retries",
    async (maxRetries) => {
      server.behave((socket) => socket.write(answer(500)));
      const error = await failureOf(listFixtures(client(server.url, { maxRetries })));
      expect(error).toMatchObject({ attempts: maxRetries + 1 });
      expect(server.requests).toHaveLength(maxRetries + 1);
      server.behave((socket) => socket.write(answer(500)));
      await failureOf(listFixtures(client(server.url), { maxRetries }));
      expect(server.requests).toHaveLength(maxRetries + 1);
    },
  );

  test("a call returns the result of a successful second attempt, and sends the same body twice", async () => {
    server.behave((socket) => socket.write(server.requests.length === 1 ? answer(502) : answer(200, '{"id":7}')));
    expect(await calls.PUT(client(server.url))).toEqual({ id: 7 });
    const bodies = server.requests.map(({ body }) => body);
    expect(bodies).toEqual([bodies[0], bodies[0]]);
    expect(bodies[0]).toContain('"url":"https://example.com"');
  });

  test("a POST that gets a 429 and then a 502 is not sent a third time, and may have been processed", async () => {
    server.behave((socket) => socket.write(server.requests.length === 1 ? answer(429) : answer(502)));
    expect(await failureOf(calls.POST(client(server.url)))).toMatchObject({
      status: 502,
      attempts: 2,
      mayHaveBeenProcessed: true,
    });
    expect(server.requests).toHaveLength(2);
  });

  test.each([
    [503, 404, true],
    [429, 404, false],
    [503, 429, true],
  ])("a DELETE that gets a %i and then a %i has mayHaveBeenProcessed %s", async (first, then, acted) => {
    server.behave((socket) => socket.write(server.requests.length === 1 ? answer(first) : answer(then)));
    const error = await failureOf(calls.DELETE(client(server.url, { maxRetries: 1 })));
    expect(error).toMatchObject({ status: then, attempts: 2, mayHaveBeenProcessed: acted });
  });

  test("the client calls the apiKey function for each attempt", async () => {
    const keys = ["first", "second", "third"];
    server.behave((socket) => socket.write(answer(500)));
    await failureOf(listFixtures(client(server.url, { apiKey: async () => keys[server.requests.length] ?? "" })));
    expect(server.requests.map(({ headers }) => headers.get("x-apikey"))).toEqual(keys);
  });
});
