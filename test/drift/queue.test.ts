import { afterEach, describe, expect, test, vi } from "vitest";
import { defer, settled } from "../../src/drift/queue.js";
import type { Exchange } from "../../src/http/hooks.js";

const exchange = (bytes = 10): Exchange => ({
  operation: "user.me",
  status: 200,
  body: {},
  bytes: new Uint8Array(bytes),
  sent: undefined,
});

afterEach(async () => {
  await settled();
  vi.useRealTimers();
});

describe("the queue of checks", () => {
  test("does nothing before the caller continues, then everything with one timer", async () => {
    vi.useFakeTimers();
    const work = vi.fn();
    defer(exchange(), work);
    defer(exchange(), work);
    expect([work.mock.calls.length, vi.getTimerCount()]).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(20);
    expect([work.mock.calls.length, vi.getTimerCount()]).toEqual([2, 0]);
  });

  test("drops work when 500 bodies are waiting, and takes more afterwards", async () => {
    const work = vi.fn();
    for (let body = 0; body < 600; body++) {
      defer(exchange(), work);
    }
    await settled();
    expect(work).toHaveBeenCalledTimes(500);
    defer(exchange(), work);
    await settled();
    expect(work).toHaveBeenCalledTimes(501);
  });

  test("drops work when 64 MiB are waiting, but takes one body of any size", async () => {
    const work = vi.fn();
    defer(exchange(70 * 1024 * 1024), work);
    defer(exchange(), work);
    await settled();
    expect(work).toHaveBeenCalledTimes(1);
  });

  test("gives the event loop a turn when the work takes long", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const work = vi.fn(() => {
      now += 3;
    });
    for (let body = 0; body < 4; body++) {
      defer(exchange(70 * 1024), work);
    }
    await vi.advanceTimersToNextTimerAsync();
    expect(work).toHaveBeenCalledTimes(2);
    await vi.advanceTimersToNextTimerAsync();
    expect(work).toHaveBeenCalledTimes(4);
  });

  test("continues after work that throws", async () => {
    const work = vi.fn(() => {
      throw new Error("boom");
    });
    defer(exchange(), work);
    defer(exchange(), work);
    await settled();
    expect(work).toHaveBeenCalledTimes(2);
  });
});
