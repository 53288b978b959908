/** `Pacer`: when a request may start, to the millisecond, on a virtual clock. */
import { describe, expect, test, vi } from "vitest";
import { Pacer } from "../../src/http/pace.js";
import { VirtualTime } from "../support/virtual-time.js";

/** A pacer on its own clock. */
function paced(random = 0.5) {
  const time = new VirtualTime({ random: () => random });
  const pacer = new Pacer(time);
  return {
    time,
    pacer,
    /** Requests that succeed at once, and the time when each started. */
    async starts(count: number): Promise<number[]> {
      const turns = Array.from({ length: count }, async () => {
        await pacer.turn(undefined, false);
        return Math.round(time.now());
      });
      return Promise.all(turns);
    },
    /** Requests that the server accepts at this moment. */
    accept(count: number): void {
      for (let n = 0; n < count; n++) {
        pacer.succeeded();
      }
    },
    pass: (ms: number) => time.sleep(ms),
  };
}

describe("a pacer", () => {
  test("lets every request start at once until the first 429", () => {
    const { pacer, accept } = paced();
    accept(1_000);
    pacer.failed(500, undefined);
    pacer.failed(503, undefined);
    pacer.failed(undefined, undefined);
    expect(pacer.turn(undefined, false)).toBeUndefined();
    expect(pacer.accepted).toBe(1_002);
  });

  test.each([
    ["a 429", 429, undefined],
    ["a 503 with Retry-After", 503, 0],
  ])("sends 2 requests a second after %s to its first request", async (_, status, retryAfterMs) => {
    const { pacer, starts } = paced();
    pacer.failed(status, retryAfterMs);
    expect(await starts(4)).toEqual([0, 500, 1_000, 1_500]);
    expect(pacer.accepted).toBe(0);
  });

  test.each([
    [0, [0, 450, 900]],
    [1, [0, 550, 1_100]],
  ])("varies the distance by a tenth, so that clients spread out (random number %d)", async (random, expected) => {
    const { pacer, starts } = paced(random);
    pacer.failed(429, undefined);
    expect(await starts(3)).toEqual(expected);
  });

  test("sends nine tenths of what the server accepted in the last second", async () => {
    const { pacer, starts, accept, pass } = paced();
    await pass(5_000);
    accept(100);
    await pass(999);
    pacer.failed(429, undefined);
    expect(await starts(3)).toEqual([5_999, 6_010, 6_021]);
  });

  test("counts a part of the window before, as long as it is a part of the last second", async () => {
    const { pacer, starts, accept, pass } = paced();
    accept(100);
    await pass(1_000);
    accept(20);
    await pass(500);
    pacer.failed(429, undefined);
    // 20 requests of this window, and half of the 100 before: 0.9 x 70 = 63 a second.
    expect(await starts(3)).toEqual([1_500, 1_516, 1_532]);
  });

  test("corrects a first rate that was measured too low by what the server accepts in the second after it", async () => {
    const { pacer, starts, accept, pass } = paced();
    await pass(5_000);
    pacer.failed(429, undefined);
    await pass(400);
    accept(100);
    expect(await starts(3)).toEqual([5_400, 5_411, 5_422]);
    await pass(1_000);
    accept(500);
    expect(await starts(2)).toEqual([6_422, 6_430]);
  });

  test("forgets what was accepted two seconds ago", async () => {
    const { pacer, starts, accept, pass } = paced();
    accept(100);
    await pass(2_000);
    accept(10);
    pacer.failed(429, undefined);
    expect(await starts(2)).toEqual([2_000, 2_111]);
  });

  test("waits for all of Retry-After but the second that may be rounding", async () => {
    const { pacer, starts } = paced();
    pacer.failed(429, 3_000);
    pacer.failed(429, 1_500);
    expect(await starts(2)).toEqual([2_000, 2_500]);
  });

  test("slows down once for the requests that were in flight together, and again a second later", async () => {
    const { pacer, starts, pass } = paced();
    pacer.failed(429, undefined);
    await pass(999);
    pacer.failed(429, undefined);
    expect(await starts(2)).toEqual([999, 1_499]);
    // Nothing was accepted in the last second: the lowest rate is one request in two seconds.
    pacer.failed(429, undefined);
    expect(await starts(2)).toEqual([1_999, 3_999]);
  });

  test("grows by half in a second after the first 429, and only if requests have waited", async () => {
    const { pacer, starts, pass } = paced();
    pacer.failed(429, undefined);
    await pass(2_000);
    pacer.succeeded();
    expect(await starts(2)).toEqual([2_000, 2_500]);
    await pass(1_500);
    pacer.succeeded();
    expect(await starts(2)).toEqual([4_000, 4_333]);
    await pass(167);
    pacer.succeeded();
    // Half of a second has passed since it last grew: a quarter more.
    expect(await starts(2)).toEqual([4_667, 4_933]);
  });

  test("grows by half a percent in a second below the rate that met the last 429, and by a tenth elsewhere", async () => {
    const { time, pacer, starts, accept, pass } = paced();
    /** The rate, after a second in which requests had to wait. */
    const rateAfterASecond = async (): Promise<number> => {
      await starts(2);
      await pass(1_000);
      pacer.succeeded();
      const before = time.now();
      await Promise.all([pacer.turn(undefined, false), pacer.turn(undefined, false)]);
      return 1_000 / (time.now() - before);
    };
    for (let refused = 1; refused <= 2; refused++) {
      await pass(2_000);
      accept(100);
      pacer.failed(429, undefined);
    }
    // 90 after the first, 81 after the second, which 90 have met.
    expect(await rateAfterASecond()).toBeCloseTo(81 * 1.005, 6);
    expect(await rateAfterASecond()).toBeCloseTo(81 * 1.005 ** 2, 6);
    for (let second = 3; second <= 21; second++) {
      await rateAfterASecond();
    }
    expect(await rateAfterASecond()).toBeCloseTo(81 * 1.005 ** 22, 6);
    expect(await rateAfterASecond()).toBeCloseTo(81 * 1.005 ** 22 * 1.1, 6);
  });

  test("sets one timer for each start, however many requests wait", async () => {
    const { time, pacer, starts } = paced();
    const sleep = vi.spyOn(time, "sleep");
    pacer.failed(429, undefined);
    await starts(50);
    expect(sleep).toHaveBeenCalledTimes(49);
  });

  test("lets a retry start before requests that have not been sent", async () => {
    const { pacer } = paced();
    pacer.failed(429, 2_000);
    const order: string[] = [];
    const turns = ["first", "second", "retry"].map(async (name) => {
      await pacer.turn(undefined, name === "retry");
      order.push(name);
    });
    await Promise.all(turns);
    expect(order).toEqual(["retry", "first", "second"]);
  });

  test.each([0, 1, 2])("removes an aborted request from place %i of the queue", async (place) => {
    const { pacer, time } = paced();
    pacer.failed(429, 2_000);
    const controller = new AbortController();
    const turns = [0, 1, 2].map((each) => pacer.turn(each === place ? controller.signal : undefined, false));
    controller.abort("left");
    await expect(turns[place]).rejects.toBe("left");
    await Promise.allSettled(turns);
    expect(time.now()).toBe(1_500);
    await expect(pacer.turn(AbortSignal.abort("before"), false)).rejects.toBe("before");
  });
});
