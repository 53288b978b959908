import { describe, expect, test, vi } from "vitest";
import { Budget } from "../../src/drift/budget.js";

/** A budget whose checks take a given time, in nanoseconds; how many of so many bodies are checked after the first 300. */
function checked(bodies: number, bytes: number, costNs: number): number {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const budget = new Budget();
  let count = 0;
  for (let body = 0; body < bodies + 300; body++) {
    if (budget.affords("tasks.get", 200, bytes)) {
      budget.run("tasks.get", 200, () => {
        now += costNs / 1e6;
      });
      count += body < 300 ? 0 : 1;
    }
  }
  return count;
}

describe("the budget of checks", () => {
  test("checks the first 300 bodies of each operation, whatever they cost", () => {
    const budget = new Budget();
    const affords = (operation: string): boolean => budget.affords(operation, 200, 60);
    expect(Array.from({ length: 300 }, () => affords("tasks.get")).every(Boolean)).toBe(true);
    expect(Array.from({ length: 300 }, () => affords("user.me")).every(Boolean)).toBe(true);
  });

  test.each([
    ["all large bodies with a cheap check", 10_000, 200, 1_000, 1_000],
    ["a share of small bodies", 127, 100, 1, 100],
    ["hardly any of the smallest, but some", 20, 100, 1, 10],
    ["a share of bodies with an expensive check", 10_000, 10_000, 50, 200],
  ])("allows %s", (_, bytes, costNs, least, most) => {
    const count = checked(1_000, bytes, costNs);
    expect(count).toBeGreaterThanOrEqual(least);
    expect(count).toBeLessThanOrEqual(most);
  });

  test("keeps the time of checks below 6 % of the time of JSON.parse, at 2.3 ns per byte", () => {
    for (const [bytes, costNs] of [
      [300, 60],
      [2_000, 900],
      [5_000, 5_000],
      [30_000, 20_000],
    ] as const) {
      expect((checked(5_000, bytes, costNs) * costNs) / (5_000 * bytes * 2.3)).toBeLessThan(0.06);
    }
  });
});
