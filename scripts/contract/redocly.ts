/** Runs the Redocly command line without update notices and telemetry. */
import { createRequire } from "node:module";
import { root } from "../project.js";
import { run } from "../run.js";

/** The banner about Node's version. */
const BANNER = /^\s*[╔║╚].*\n?/gm;

/** Runs `redocly ARGS...` in the project's folder and returns its output. */
export async function redocly(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const cli = createRequire(import.meta.url).resolve("@redocly/cli/bin/cli.js");
  const { code, stdout, stderr } = await run(process.execPath, [cli, ...args], {
    cwd: root,
    env: {
      ...process.env,
      REDOCLY_TELEMETRY: "off",
      REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
      REDOCLY_SUPPRESS_NOTIFICATIONS: "true",
    },
  });
  return { code: code ?? 1, stdout, stderr: stderr.replace(BANNER, "").trim() };
}
