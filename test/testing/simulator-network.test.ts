/** The simulator's limits, failures and latency: as an HTTP server, as fetch and as MSW handlers. */
import { setupServer } from "msw/node";
import { afterEach, describe, expect, test } from "vitest";
import { ConnectionError, Databar, RateLimitError, ResponseParseError, ServerError } from "../../src/index.js";
import { type SimulatedFailure, type SimulatorOptions, simulate } from "../../src/testing/index.js";
import {
  type RunningSimulator,
  type SimulatorServerOptions,
  startSimulator,
} from "../../src/testing/simulator/start.js";
import { pathOf } from "../support/contract-requests.js";
import { failOnUnhandled } from "../support/msw-options.js";
import { simulated } from "../support/simulated.js";

const running: RunningSimulator[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

async function serve(options: SimulatorServerOptions = {}) {
  const server = await startSimulator(options);
  running.push(server);
  return { server, databar: new Databar({ apiKey: "test-key", baseUrl: server.url, maxRetries: 0 }) };
}

/** The first request meets the failure, later ones do not. */
const firstMeets = (failure: SimulatedFailure): SimulatorOptions => ({
  faults: ({ index }) => (index === 0 ? failure : undefined),
});

describe("the rate limit", () => {
  test("refuses requests beyond the burst, and accepts them again at the given rate", async () => {
    const { simulator, ask, pass } = simulated({ rateLimit: { requestsPerSecond: 5, burst: 2 } });
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let n = 0; n < count; n++) {
        seen.push((await ask("GET", "/user/me"))[0]);
      }
      return seen;
    };
    expect(await statuses(4)).toEqual([200, 200, 429, 429]);
    pass(200);
    expect(await statuses(2)).toEqual([200, 429]);
    pass(60_000);
    expect(await statuses(3)).toEqual([200, 200, 429]);
    expect(simulator.counters).toMatchObject({ requests: 9, rateLimited: 4 });
  });

  test.each([
    [undefined, "5"],
    [true, "5"],
    [false, null],
  ])("with retryAfter: %s answers retry-after: %s", async (retryAfter, expected) => {
    const { simulator } = simulated({ rateLimit: { requestsPerSecond: 0.2, retryAfter } });
    const request = () =>
      simulator.fetch(new Request("https://api.databar.ai/v1/user/me", { headers: { "x-apikey": "k" } }));
    await request();
    const response = await request();
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, expected]);
  });

  test("stops a client that does not retry, before the request takes effect", async () => {
    const { server, databar } = await serve({ rateLimit: 1 });
    await databar.user.me();
    await expect(databar.folders.list()).rejects.toThrow(RateLimitError);
    // Another client: the first one now waits until the limit allows its next request.
    const { enrichments } = new Databar({ apiKey: "test-key", baseUrl: server.url, maxRetries: 0 });
    await expect(enrichments.run(833, { params: { domain: "a" } })).rejects.toThrow(RateLimitError);
    expect(server.counters).toMatchObject({ tasks: 0, rateLimited: 2 });
  });
});

describe.each([
  [
    "over HTTP",
    async (options: SimulatorOptions) => {
      const { server, databar } = await serve(options);
      return { state: server, databar };
    },
  ],
  [
    "as fetch",
    async (options: SimulatorOptions) => {
      const state = simulate(options);
      return { state, databar: new Databar({ apiKey: "test-key", fetch: state.fetch, maxRetries: 0 }) };
    },
  ],
] as const)("failures %s", (_, start) => {
  test.each<[SimulatedFailure, new (...args: never[]) => Error, started: number]>([
    [{ answer: 500 }, ServerError, 0],
    [{ answer: 502 }, ServerError, 0],
    [{ answer: 503, when: "after" }, ServerError, 1],
    [{ answer: "reset" }, ConnectionError, 0],
    [{ answer: "reset", when: "after" }, ConnectionError, 1],
    [{ answer: "truncated" }, ConnectionError, 1],
    [{ answer: "html" }, ResponseParseError, 0],
    [{ answer: "html", when: "after" }, ResponseParseError, 1],
  ])("%j", async (failure, error, started) => {
    const { state, databar } = await start(firstMeets(failure));
    const run = () => databar.enrichments.run(833, { params: { domain: "a.example" } });
    await expect(run()).rejects.toThrow(error);
    expect(state.counters).toMatchObject({ tasks: started, faults: 1 });
    expect((await run()).task_id).toMatch(/^[0-9a-f-]{36}$/);
    await expect.poll(() => state.counters.inFlight).toBe(0);
  });

  test("slow answers arrive after their delay", async () => {
    const { databar } = await start(firstMeets({ answer: "slow", delayMs: 40 }));
    const before = performance.now();
    await databar.user.me();
    expect(performance.now() - before).toBeGreaterThan(35);
  });
});

test("a share of the requests fails, the same ones for the same seed, at the given operations only", async () => {
  const statuses = async (seed: number, path: string) => {
    const { ask } = simulated({ seed, faults: [{ answer: 503, share: 0.3, operations: ["user.me"] }] });
    const seen: number[] = [];
    for (let n = 0; n < 60; n++) {
      seen.push((await ask("GET", path).catch(() => [503, undefined] as const))[0]);
    }
    return seen;
  };
  const first = await statuses(1, "/user/me");
  expect(first.filter((status) => status === 503).length).toBeGreaterThan(8);
  expect(first.filter((status) => status === 200).length).toBeGreaterThan(25);
  expect(await statuses(1, "/user/me")).toEqual(first);
  expect(await statuses(2, "/user/me")).not.toEqual(first);
  expect(new Set(await statuses(1, "/flows"))).toEqual(new Set([200]));
});

describe("the HTTP server", () => {
  test("counts requests in flight, and its state is the returned object's", async () => {
    const { server, databar } = await serve({ latencyMs: 30 });
    await Promise.all(Array.from({ length: 7 }, () => databar.user.me()));
    expect(server.counters).toMatchObject({ requests: 7, peakInFlight: 7 });
    await expect.poll(() => server.counters.inFlight).toBe(0);
  });

  test("survives clients that disconnect, and keeps what they asked for", async () => {
    const { server, databar } = await serve(firstMeets({ answer: "slow", delayMs: 60_000 }));
    const controller = new AbortController();
    const gone = databar.enrichments.run(833, { params: { domain: "a.example" } }, { signal: controller.signal });
    await expect.poll(() => server.counters.tasks).toBe(1);
    controller.abort();
    await expect(gone).rejects.toThrow();
    await expect.poll(() => server.counters.inFlight).toBe(0);
    expect(await databar.user.me()).toMatchObject({ balance: expect.any(Number) });
  });

  test("closes at once, with requests in flight", async () => {
    const { server, databar } = await serve({ latencyMs: 60_000 });
    const cut = databar.user.me().catch((error: unknown) => error);
    await expect.poll(() => server.counters.requests).toBe(1);
    await server.close();
    expect(await cut).toBeInstanceOf(ConnectionError);
  });

  test("runs a task to its end for a client that waits", async () => {
    const { server, databar } = await serve({ taskMs: 20, result: ({ params }) => ({ email: `x@${params.domain}` }) });
    const inputs = Array.from({ length: 40 }, (_, n) => ({ domain: `${n}.example` }));
    const task = await databar.enrichments.bulkRunAndWait(833, { params: inputs }, { pollIntervalMs: 5 });
    expect(task.data).toEqual(inputs.map(({ domain }) => ({ email: `x@${domain}` })));
    expect(server.credits).toEqual({ balance: 960, reserved: 0, spent: 40, refunded: 0 });
    expect([...server.billed.values()]).toEqual(inputs.map(() => 1));
  });

  test("redirects a path with a wrong trailing slash to its own address", async () => {
    const { server } = await serve();
    const path = pathOf("connectors.list");
    const response = await fetch(server.url + path.slice(0, -1), { redirect: "manual" });
    expect([response.status, response.headers.get("location")]).toEqual([307, server.url + path]);
  });
});

test("the MSW handlers answer code that makes its own client", async () => {
  const simulator = simulate({ taskMs: 0, result: () => ({ email: "a@b.example" }) });
  const msw = setupServer(...simulator.handlers);
  msw.listen(failOnUnhandled);
  try {
    const databar = new Databar({ apiKey: "test-key" });
    const task = await databar.enrichments.runAndWait(833, { params: { domain: "a" } }, { pollIntervalMs: 1 });
    expect(task.data).toEqual({ email: "a@b.example" });
    expect((await databar.user.me()).balance).toBe(999);
    expect(simulator.counters.inFlight).toBe(0);
  } finally {
    msw.close();
  }
});

test("fetch rejects with the signal's reason", async () => {
  const simulator = simulate({ latencyMs: 60_000 });
  const controller = new AbortController();
  const request = new Request("https://api.databar.ai/v1/user/me", {
    headers: { "x-apikey": "k" },
    signal: controller.signal,
  });
  const response = simulator.fetch(request);
  controller.abort(new Error("enough"));
  await expect(response).rejects.toThrow("enough");
  expect(simulator.counters.inFlight).toBe(0);
});

test.each<[SimulatorOptions, string]>([
  [{ latencyMs: -1 }, "latencyMs must be from 0 to 2147483647: got -1"],
  [{ rateLimit: 0 }, "rateLimit must be"],
  [{ rateLimit: { requestsPerSecond: 5, burst: 0 } }, "rateLimit.burst must be from 1"],
  [{ price: Number.NaN }, "price must be"],
  [{ balance: -5 }, "balance must be"],
  [{ faults: [{ answer: 200, share: 0.1 }] }, "a fault's status must be from 400 to 599: got 200"],
  [{ faults: [{ answer: "reset", share: 2 }] }, "a fault's share must be from 0 to 1: got 2"],
  [
    {
      faults: [
        { answer: "reset", share: 0.6 },
        { answer: 500, share: 0.6 },
      ],
    },
    "the sum of the faults' shares must be",
  ],
])("an option out of its range is a RangeError: %j", (options, message) => {
  expect(() => simulate(options)).toThrow(RangeError);
  expect(() => simulate(options)).toThrow(message);
});

test.each<[SimulatorOptions]>([
  [{ latencyMs: 0 }],
  [{ latencyMs: 2 ** 31 - 1 }],
  [{ rateLimit: 0.1 }],
  [{ rateLimit: { requestsPerSecond: 0.1, burst: 1 } }],
  [{ price: 0 }],
  [{ balance: 0 }],
  [{ taskMs: 0 }],
  [
    {
      faults: [
        { answer: 400, share: 0 },
        { answer: 599, share: 1 },
      ],
    },
  ],
])("an option at the end of its range is accepted: %j", (options) => {
  expect(() => simulate(options)).not.toThrow();
});

test.each<[SimulatorOptions]>([
  [{ latencyMs: 2 ** 31 }],
  [{ taskMs: -1 }],
  [{ price: -0.1 }],
  [{ faults: [{ answer: 600, share: 0 }] }],
  [{ faults: [{ answer: 399, share: 0 }] }],
  [{ faults: [{ answer: "reset", share: -0.1 }] }],
])("an option just out of its range is not: %j", (options) => {
  expect(() => simulate(options)).toThrow(RangeError);
});
