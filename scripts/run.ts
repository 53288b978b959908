/** Runs a program and collects its output. */
import { type SpawnOptions, spawn } from "node:child_process";

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Rejects if the program cannot be started. Its standard input is empty; after `timeout` milliseconds it is ended. */
export function run(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, "cwd" | "env" | "timeout">,
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
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
