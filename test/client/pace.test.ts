/** Many calls of one client to a server with a rate limit, on a virtual clock. */
import { describe, expect, test } from "vitest";
import { type Databar, type Fetch, RateLimitError } from "../../src/index.js";
import { createRandom } from "../../src/testing/random.js";
import { databarWith, failureOf } from "../support/calls.js";
import { listFixtures } from "../support/fixture-operation.js";
import { tokenBucket, VirtualTime } from "../support/virtual-time.js";

const LATENCY_MS = 200;

interface Limit {
  perSecond: number;
  burst?: number;
  /** Whether a 429 has a Retry-After header. */
  retryAfter: boolean;
}

/** A client, a server with a limit, and the number of requests that the server accepted and refused. */
function limited({ perSecond, burst, retryAfter }: Limit, seed = 1) {
  const time = new VirtualTime({ random: createRandom(seed) });
  const take = tokenBucket(time, perSecond, burst);
  const seen = { accepted: 0, refused: 0 };
  let tasks = 0;
  const fetch: Fetch = async (url) => {
    const waitMs = take();
    await time.sleep(LATENCY_MS);
    if (waitMs !== undefined) {
      seen.refused++;
      const headers: Record<string, string> = retryAfter ? { "retry-after": String(Math.ceil(waitMs / 1_000)) } : {};
      return Response.json({ detail: "Too many requests" }, { status: 429, headers });
    }
    seen.accepted++;
    return url.endsWith("bulk-run")
      ? Response.json({ task_id: `t${tasks++}`, status: "processing" })
      : Response.json({ task_id: "t", status: "completed", data: [{}], credits_spent: 1 });
  };
  const databar: Databar = databarWith({ apiKey: "k", fetch }, time);
  return { time, databar, seen };
}

const limits: [name: string, limit: Limit][] = [
  ["5 requests a second with Retry-After", { perSecond: 5, retryAfter: true }],
  ["5 requests a second without Retry-After", { perSecond: 5, retryAfter: false }],
  ["20 requests a second with a burst of 5", { perSecond: 20, burst: 5, retryAfter: true }],
  ["20 requests a second with a burst of 100", { perSecond: 20, burst: 100, retryAfter: false }],
];

describe.each(limits)("with a limit of %s", (_, limit) => {
  test.each([1, 2, 3])("50 concurrent runs all get their results (seed %i)", async (seed) => {
    const { databar } = limited(limit, seed);
    const runs = Array.from({ length: 50 }, () => databar.enrichments.bulkRunAndWait(1, { params: [{}] }));
    const ended = await Promise.all(runs);
    expect(ended.map(({ status }) => status)).toEqual(Array(50).fill("completed"));
  });

  test("400 requests, 20 at a time, need at most 25% more time than the limit allows", async () => {
    const { time, databar, seen } = limited(limit);
    let left = 400;
    const worker = async () => {
      while (left-- > 0) {
        await listFixtures(databar);
      }
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    const bestMs = ((400 - (limit.burst ?? limit.perSecond)) / limit.perSecond) * 1_000 + LATENCY_MS;
    expect(seen.accepted).toBe(400);
    expect(time.now()).toBeLessThan(1.25 * bestMs);
  });
});

describe("a client below its rate limit", () => {
  test("sends 100 concurrent requests without a delay", async () => {
    const { time, databar } = limited({ perSecond: 1_000, retryAfter: true });
    await Promise.all(Array.from({ length: 100 }, () => listFixtures(databar)));
    expect(time.now()).toBe(LATENCY_MS);
  });
});

describe("a 429", () => {
  test("delays the other calls of the client", async () => {
    const time = new VirtualTime();
    const starts: number[] = [];
    const fetch: Fetch = async () => {
      starts.push(time.now());
      const isFirst = starts.length === 1;
      await time.sleep(10);
      return isFirst ? Response.json({}, { status: 429, headers: { "retry-after": "3" } }) : Response.json([]);
    };
    const databar = databarWith({ apiKey: "k", fetch }, time);
    const first = listFixtures(databar);
    const second = time.sleep(20).then(() => listFixtures(databar));
    await Promise.all([first, second]);
    expect(starts[0]).toBe(0);
    expect(Math.min(...starts.slice(1))).toBeGreaterThanOrEqual(2_000);
  });

  test("is retried before calls that have not been sent yet", async () => {
    const time = new VirtualTime();
    const sent: number[] = [];
    const fetch: Fetch = async (_, { headers }) => {
      sent.push(Number(headers["x-call"]));
      return sent.length === 1
        ? Response.json({}, { status: 429, headers: { "retry-after": "3" } })
        : Response.json([]);
    };
    const databar = databarWith({ apiKey: "k", fetch }, time);
    const start = (call: number) => listFixtures(databar, { headers: { "x-call": String(call) } });
    const first = start(0);
    await time.sleep(20);
    await Promise.all([first, ...Array.from({ length: 9 }, (_, index) => start(index + 1))]);
    expect(sent.lastIndexOf(0)).toBeLessThan(8);
    expect(sent.filter((call) => call > 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("on every attempt throws a RateLimitError after maxRetries", async () => {
    const time = new VirtualTime();
    let requests = 0;
    const fetch: Fetch = async () => {
      requests++;
      return Response.json({}, { status: 429 });
    };
    const databar = databarWith({ apiKey: "k", fetch }, time);
    expect(await failureOf(listFixtures(databar))).toBeInstanceOf(RateLimitError);
    expect(requests).toBe(3);
  });

  test("is thrown at once with maxRetries 0", async () => {
    const { databar, seen } = limited({ perSecond: 1, retryAfter: true });
    const calls = [listFixtures(databar, { maxRetries: 0 }), listFixtures(databar, { maxRetries: 0 })];
    const [, second] = await Promise.allSettled(calls);
    expect(second).toMatchObject({ status: "rejected", reason: { name: "RateLimitError", attempts: 1 } });
    expect(seen.refused).toBe(1);
  });
});

test("an abort ends a queued call, and the calls behind it continue", async () => {
  const { time, databar } = limited({ perSecond: 1, burst: 1, retryAfter: true });
  const controller = new AbortController();
  const calls = [1, 2, 3, 4].map((id) => listFixtures(databar, { signal: id === 3 ? controller.signal : undefined }));
  const settled = Promise.allSettled(calls);
  await time.sleep(LATENCY_MS + 50);
  controller.abort(new Error("the user left"));
  const results = await settled;
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(results[2]).toMatchObject({ reason: { name: "AbortError", cause: { message: "the user left" } } });
});
