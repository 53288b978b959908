/** Compares outcomes with the known differences, and prints them. */
import type { Outcome } from "./check.js";
import { knownDifferences } from "./known-differences.js";

export interface Result {
  runtime: string;
  /** By check. Empty where the runtime did not run. */
  cells: Map<string, "ok" | "known" | "FAILED">;
  /** One line for each known difference, with its reason. */
  differences: string[];
  failures: string[];
}

/** @param outcomes - `undefined` where the runtime did not run. */
export function judge(runtime: string, outcomes: readonly Outcome[] | undefined, all = knownDifferences): Result {
  const result: Result = { runtime, cells: new Map(), differences: [], failures: [] };
  const known = all[runtime] ?? {};
  for (const { name, error } of outcomes ?? []) {
    const difference = known[name];
    if (error === undefined && !difference) {
      result.cells.set(name, "ok");
    } else if (error !== undefined && difference?.error.test(error)) {
      result.cells.set(name, "known");
      result.differences.push(`${runtime}, ${name}: ${difference.reason}`);
    } else {
      result.cells.set(name, "FAILED");
      result.failures.push(`${runtime}, ${name}: ${error ?? "passes now: remove it from known-differences.ts"}`);
    }
  }
  for (const name of outcomes ? Object.keys(known) : []) {
    if (!result.cells.has(name)) {
      result.failures.push(`${runtime}, ${name}: is in known-differences.ts, but no check has this name`);
    }
  }
  return result;
}

/** Checks by runtimes, then the known differences and the failures. */
export function table(results: readonly Result[]): string {
  const names = [...new Set(results.flatMap(({ cells }) => [...cells.keys()]))];
  const width = Math.max(...names.map((name) => name.length), 0);
  const line = (first: string, cells: string[]) =>
    [first.padEnd(width), ...cells.map((cell, at) => cell.padEnd(Math.max(results[at]?.runtime.length ?? 0, 6)))]
      .join("  ")
      .trimEnd();
  const lines = [
    line(
      "",
      results.map(({ runtime }) => runtime),
    ),
    ...names.map((name) =>
      line(
        name,
        results.map(({ cells }) => cells.get(name) ?? "-"),
      ),
    ),
  ];
  const differences = results.flatMap((result) => result.differences);
  const failures = results.flatMap((result) => result.failures);
  return [
    ...lines,
    "",
    ...(differences.length > 0 ? ["known differences:", ...differences, ""] : []),
    ...(failures.length > 0 ? ["FAILED:", ...failures] : ["every difference is known"]),
  ].join("\n");
}
