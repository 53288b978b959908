/** Runs the Redocly command line: quiet about updates and its own news, and without telemetry. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The banner about Node's version, which says nothing about a contract. */
const BANNER = /^\s*[╔║╚].*\n?/gm;

/** Runs `redocly ARGS...` in the project's folder and gives what it printed. */
export function redocly(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const cli = createRequire(import.meta.url).resolve("@redocly/cli/bin/cli.js");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: root,
      env: {
        ...process.env,
        REDOCLY_TELEMETRY: "off",
        REDOCLY_SUPPRESS_UPDATE_NOTICE: "true",
        REDOCLY_SUPPRESS_NOTIFICATIONS: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, stdout, stderr: stderr.replace(BANNER, "").trim() }));
  });
}
