/**
 * `npm run check:runtimes`: does the package work in every runtime that it supports?
 *
 * Packs the build, installs it into an empty project, and runs one conformance program there in Node, Bun, Deno,
 * workerd, the edge runtime, Chromium and Firefox. What differs from Node must be in `runtimes/known-differences.ts`.
 *
 * Options: `--only node-20,bun` runs some of them; `--allow-missing` accepts that a runtime is not installed.
 */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../project.js";
import type { Outcome } from "./runtimes/check.js";
import { createProject } from "./runtimes/project.js";
import { type Row, rows, type Setting } from "./runtimes/rows.js";
import { startServer } from "./runtimes/server.js";
import { judge, type Result, table } from "./runtimes/table.js";

const RUNTIMES = join(root, "scripts/checks/runtimes");
const IN_BROWSERS = ["chromium", "firefox"];

/** Installs the runtimes that npm has, unless they are there already. They run no install scripts. */
function installRuntimes(): void {
  const changedAt = (file: string): number => statSync(join(RUNTIMES, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changedAt("node_modules/.package-lock.json") < changedAt("package-lock.json")) {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    const startedAt = performance.now();
    execFileSync("npm", args, { cwd: RUNTIMES, stdio: "inherit" });
    console.log(`installed the runtimes in ${seconds(startedAt)} s`);
  }
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}

function select(only: string | undefined): readonly Row[] {
  const names = only?.split(",");
  const unknown = names?.filter((name) => !rows.some((row) => row.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`Unknown runtime: ${unknown.join(", ")}. Known: ${rows.map(({ name }) => name).join(", ")}`);
  }
  return rows.filter(({ name }) => names?.includes(name) ?? true);
}

/** @returns `undefined` if the runtime is not installed. */
async function runRow(row: Row, setting: Setting): Promise<Outcome[] | undefined> {
  const executable = row.find();
  if (!executable) {
    console.log(`${row.name}: not installed`);
    return undefined;
  }
  const startedAt = performance.now();
  const failed = (error: unknown): Outcome[] => [{ name: "run", error: `${error}` }];
  const outcomes = await row.run(executable, setting).catch(failed);
  console.log(`${row.name}: ${seconds(startedAt)} s`);
  return outcomes;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: "string" }, "allow-missing": { type: "boolean" } } });
  const selected = select(values.only);
  if (!selected.every(({ name }) => IN_BROWSERS.includes(name))) {
    installRuntimes();
  }
  const { folder, remove } = await createProject();
  const other = await startServer();
  const server = await startServer(other.url);
  const results: Result[] = [];
  for (const row of selected) {
    const outcomes = await runRow(row, { folder, server });
    // The redirect points to the other server. No request may arrive there: it would carry the key.
    const followed = other.arrived.splice(0).join(", ");
    outcomes?.push({ name: "redirect target not asked", error: followed || undefined });
    results.push(judge(row.name, outcomes));
  }
  remove();
  server.close();
  other.close();
  console.log(`\n${table(results)}`);
  const missing = results.filter(({ cells }) => cells.size === 0).map(({ runtime }) => runtime);
  if (missing.length > 0) {
    console.log(
      `\nnot run: ${missing.join(", ")}${values["allow-missing"] ? "" : " (accept this with --allow-missing)"}`,
    );
  }
  const isFailed =
    results.some(({ failures }) => failures.length > 0) || (missing.length > 0 && !values["allow-missing"]);
  process.exitCode = isFailed ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}
try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
process.exit();
