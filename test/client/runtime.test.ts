/** The real clock. */
import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { onAbort } from "../../src/http/abort.js";
import { systemRuntime } from "../../src/http/runtime.js";
import { timers } from "../support/timers.js";

describe("sleep", () => {
  test("resolves after the time, and leaves the signal", async () => {
    const { signal } = new AbortController();
    await systemRuntime.sleep(5, signal);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("rejects with the signal's reason, and leaves no timer that would keep the process alive", async () => {
    const controller = new AbortController();
    const before = timers();
    const sleep = systemRuntime.sleep(3_600_000, controller.signal);
    expect(timers()).toBe(before + 1);
    controller.abort("left");
    await expect(sleep).rejects.toBe("left");
    expect(timers()).toBe(before);
  });
});

describe("onAbort", () => {
  test("calls every callback once, with one listener for all", () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const removals = [1, 2, 3].map((each) => onAbort(controller.signal, () => seen.push(each)));
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    removals[1]?.();
    controller.abort();
    controller.signal.dispatchEvent(new Event("abort"));
    expect(seen).toEqual([1, 3]);
  });

  test("removes its listener with the last callback", () => {
    const { signal } = new AbortController();
    const removals = [1, 2].map(() => onAbort(signal, () => {}));
    removals[0]?.();
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    removals[1]?.();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("calls back at once if the signal is aborted, and never without a signal", () => {
    const seen: string[] = [];
    expect(onAbort(AbortSignal.abort(), () => seen.push("aborted"))).toBeUndefined();
    expect(onAbort(undefined, () => seen.push("none"))).toBeUndefined();
    expect(seen).toEqual(["aborted"]);
  });
});
