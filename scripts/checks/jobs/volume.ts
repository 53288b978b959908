/** 50,000 rows through a job in a process of its own: peak memory, and how long a resume reads the ledger. */
import { spawn } from "node:child_process";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { startSimulator } from "../../../src/testing/simulator/start.js";
import { buildCli } from "../../../test/support/build-cli.js";

const ROWS = 50_000;
const MOST_MEMORY_MB = 150;
const MOST_RESUME_MS = 2_000;

/** Prints its own peak memory when it ends. */
const MEASURE = `process.on("exit", () => process.stderr.write("\\npeak " + process.resourceUsage().maxRSS + "\\n"))`;

interface Measured {
  code: number | null;
  ms: number;
  peakMb: number;
  stderr: string;
}

export async function checkVolume(): Promise<string[]> {
  const program = buildCli();
  const folder = mkdtempSync(join(tmpdir(), "databar-volume-"));
  const simulator = await startSimulator({ taskMs: 0, balance: 1e6 });
  try {
    const input = join(folder, "leads.csv");
    const out = join(folder, "out.csv");
    await writeInput(input);
    const base = ["--base-url", simulator.url, "--yes", "--out", out, "--concurrency", "2"];
    const idle = await measure(["--eval", "setTimeout(() => {}, 200)"]);
    const cap = [...base, "--max-credits", String(ROWS / 2)];
    const first = await measure([program.path, "enrich", input, "--with", "833", "--map", "domain=Website", ...cap]);
    const second = await measure([program.path, "enrich", ...base, "--resume"]);
    const readMs = await measureRead(program.path, `${out}.ledger`);
    const lines = readFileSync(out, "utf8").trimEnd().split("\n").length - 1;
    const most = Math.max(first.peakMb, second.peakMb) - idle.peakMb;
    const twice = [...simulator.submitted.values()].filter((count) => count > 1).length;
    console.log(
      `${ROWS} rows: first half ${(first.ms / 1_000).toFixed(1)} s, resumed ${(second.ms / 1_000).toFixed(1)} s; ` +
        `peak memory ${first.peakMb} MB and ${second.peakMb} MB, ${most} MB over an idle process; ` +
        `ledger ${Math.round(statSync(`${out}.ledger`).size / 1e6)} MB, read in ${readMs} ms`,
    );
    return [
      lines === ROWS ? "" : `${lines} rows in the output: ${second.stderr.slice(-500)}`,
      first.code === 1 && second.code === 0
        ? ""
        : `ended with ${first.code} and ${second.code}: ${second.stderr.slice(-500)}`,
      twice === 0 ? "" : `${twice} inputs submitted twice`,
      most <= MOST_MEMORY_MB ? "" : `${most} MB over an idle process, ${MOST_MEMORY_MB} are allowed`,
      readMs <= MOST_RESUME_MS ? "" : `a resume reads the ledger in ${readMs} ms, ${MOST_RESUME_MS} are allowed`,
    ].filter(Boolean);
  } finally {
    await simulator.close();
    program.remove();
    rmSync(folder, { recursive: true });
  }
}

async function writeInput(path: string): Promise<void> {
  const file = createWriteStream(path);
  file.write("Name,Website,City,Notes\n");
  for (let row = 0; row < ROWS; row++) {
    file.write(`Person ${row},company-${row}.example,Zürich,"a note, with a comma and ${row}"\n`);
  }
  file.end();
  await finished(file);
}

/** How long opening a job takes: reading and replaying its ledger. */
async function measureRead(program: string, ledger: string): Promise<number> {
  const jobs = program.replace(/cli\.js$/, "jobs/index.js");
  const code = `
    const { createJob, openFileLedger } = await import(${JSON.stringify(jobs.startsWith("/") ? jobs : `${process.cwd()}/${jobs}`)});
    const start = performance.now();
    await createJob({ databar: {}, ledger: await openFileLedger(${JSON.stringify(ledger)}, { readOnly: true }) });
    process.stderr.write("read " + Math.round(performance.now() - start) + "\\n");
    process.exit(0);`;
  const { stderr } = await measure(["--input-type=module", "--eval", code]);
  return Number(/^read (\d+)$/m.exec(stderr)?.[1] ?? Number.POSITIVE_INFINITY);
}

function measure(args: string[]): Promise<Measured> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const env = { ...process.env, DATABAR_API_KEY: "test-key-5f2d" };
    const preload = `data:text/javascript,${encodeURIComponent(MEASURE)}`;
    const child = spawn(process.execPath, ["--import", preload, ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.once("close", (code) => {
      const kilobytes = Number(/^peak (\d+)$/m.exec(stderr)?.[1] ?? 0);
      resolve({ code, ms: performance.now() - startedAt, peakMb: Math.round(kilobytes / 1024), stderr });
    });
  });
}
