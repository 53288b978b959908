/** The command line in processes of its own, killed with SIGKILL at random moments, until the job is complete. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../../../src/testing/random.js";
import { startSimulator } from "../../../src/testing/simulator/start.js";
import { buildCli } from "../../../test/support/build-cli.js";

const ROWS = 60;
const JOBS = 6;
const MOST_LIVES = 30;

export async function checkKilledProcesses(): Promise<string[]> {
  const program = buildCli();
  const folder = mkdtempSync(join(tmpdir(), "databar-killed-"));
  const problems: string[] = [];
  try {
    let kills = 0;
    let inDoubt = 0;
    for (let seed = 1; seed <= JOBS; seed++) {
      const job = await runKilled(program.path, join(folder, `job-${seed}`), seed);
      kills += job.kills;
      inDoubt += job.inDoubt;
      problems.push(...job.problems.map((problem) => `killed processes, seed ${seed}: ${problem}`));
    }
    console.log(`${JOBS} jobs in real processes: ${kills} times SIGKILL, ${inDoubt} of ${JOBS * ROWS} rows in doubt`);
  } finally {
    program.remove();
    rmSync(folder, { recursive: true });
  }
  return problems;
}

async function runKilled(program: string, path: string, seed: number) {
  const random = createRandom(seed);
  const simulator = await startSimulator({ latencyMs: 20, taskMs: 100, seed });
  const rows = Array.from({ length: ROWS }, (_, index) => `${index},site-${index}.example`);
  writeFileSync(`${path}.csv`, `n,domain\n${rows.join("\n")}\n`);
  const out = `${path}-out.csv`;
  const base = ["--base-url", simulator.url, "--yes", "--chunk-size", "7", "--concurrency", "2", "--out", out];
  let kills = 0;
  let code: number | null = null;
  let stderr = "";
  for (let lives = 0; code !== 0 && lives < MOST_LIVES; lives++) {
    const first = [`${path}.csv`, "--with", "833"];
    const hasLedger = lives > 0 && isThere(`${out}.ledger`);
    const args = [program, "enrich", ...(hasLedger ? ["--resume"] : []), ...first, ...base];
    // Later lives live longer, so that the job ends.
    ({ code, stderr } = await runFor(args, 300 + random() * (400 + lives * 200)));
    kills += code === null ? 1 : 0;
    // Complete, but for inputs in doubt.
    if (code === 1) {
      break;
    }
  }
  await simulator.close();
  const lines = isThere(out) ? readFileSync(out, "utf8").trimEnd().split("\n").slice(1) : [];
  const count = (status: string): number => lines.filter((line) => line.includes(`,${status},`)).length;
  const problems: string[] = [];
  const twice = [...simulator.submitted].filter(([, times]) => times > 1).map(([key]) => key);
  if (twice.length > 0) {
    problems.push(`submitted twice: ${twice}`);
  }
  if (lines.length !== ROWS || count("done") + count("empty") + count("in_doubt") !== ROWS) {
    problems.push(
      `${lines.length} rows: ${count("done")} done, ${count("empty")} empty, ${count("in_doubt")} in doubt; ${stderr}`,
    );
  }
  if (code !== 0 && code !== 1) {
    problems.push(`ended with ${code}: ${stderr}`);
  }
  return { kills, inDoubt: count("in_doubt"), problems };
}

function isThere(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Runs a program, and kills it after a time. Its code is `null` if it was killed. */
function runFor(args: string[], ms: number): Promise<{ code: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, DATABAR_API_KEY: "test-key-5f2d" };
    const child = spawn(process.execPath, args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), ms);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stderr });
    });
  });
}
