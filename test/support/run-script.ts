/** Runs a script as its npm command does. */
import { createRequire } from "node:module";
import { type Run, run } from "../../scripts/run.js";

/** @param environment - Added to this process's own. */
export function runScript(
  name: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Run> {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  return run(process.execPath, [tsx, `scripts/contract/${name}.ts`, ...args], {
    env: { ...process.env, ...environment },
  });
}
