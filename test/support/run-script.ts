/** Runs a script as its npm command does. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** @param environment - Added to this process's own. */
export function runScript(
  name: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Run> {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [tsx, `scripts/${name}.ts`, ...args], {
      env: { ...process.env, ...environment },
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
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
