/** `enrich`: a table in, a table out, a ledger beside it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { parse } from "csv-parse/sync";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Console } from "../../src/cli/console.js";
import { runEnrich } from "../../src/cli/enrich.js";
import type { Io } from "../../src/cli/io.js";
import { main } from "../../src/cli/main.js";
import { Databar } from "../../src/index.js";
import { createJob } from "../../src/jobs/index.js";
import type { TestJobOptions } from "../../src/jobs/job.js";
import { RUNTIME } from "../../src/options.js";
import { type Simulator, type SimulatorOptions, simulate } from "../../src/testing/index.js";
import { Collector, KEY } from "../support/cli.js";
import { world } from "../support/jobs.js";

const folder = mkdtempSync(join(tmpdir(), "databar-enrich-"));
afterAll(() => rmSync(folder, { recursive: true }));

let simulator: Simulator;
let files = 0;
let out = "";
let leads = "";

function start(options: SimulatorOptions = {}): void {
  simulator = simulate({ taskMs: 0, ...options });
}

beforeEach(() => {
  start();
  files++;
  out = join(folder, `out-${files}.csv`);
  leads = join(folder, `leads-${files}.csv`);
  const rows = Array.from({ length: 30 }, (_, index) => `Person ${index},site-${index}.example`);
  writeFileSync(leads, `Name,Website\n${rows.join("\n")}\n`);
});

interface Shell {
  terminal?: boolean;
  columns?: number;
  stdin?: string;
  env?: Record<string, string>;
}

async function enrich(args: string[], { terminal = false, columns = 80, stdin, env }: Shell = {}) {
  const screen = terminal ? { isTTY: true, columns } : {};
  const stdout = Object.assign(new Collector(), screen);
  const stderr = Object.assign(new Collector(), screen);
  const input = Object.assign(new PassThrough(), { isTTY: terminal });
  if (stdin !== undefined) {
    input.end(stdin);
  }
  const code = await main(["enrich", ...args], {
    stdin: input,
    stdout,
    stderr,
    env: env ?? { DATABAR_API_KEY: KEY },
    signal: new AbortController().signal,
    createClient: (options) => new Databar({ ...options, fetch: simulator.fetch }),
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const run = (...more: string[]) => [leads, "--with", "833", "--map", "domain=Website", "--out", out, ...more];
const table = (): string[][] => parse(readFileSync(out));

describe("enrich", () => {
  test("shows the plan, writes a line for each row in the order of the input, and a summary", async () => {
    const { code, stdout, stderr } = await enrich(run("--yes"));
    expect(stderr).toContain(
      `enrichments/833 for ${leads}\n  rows       30\n  to run     30 inputs\n  cost       30 credits (1 credit per input)\n`,
    );
    expect(stdout).toMatch(/^Completed: 30 of 30 inputs\.\n {2}done {7}\d+\n/);
    expect(code).toBe(0);
    const [header, ...rows] = table();
    expect(header).toEqual(["Name", "Website", "email", "_status", "_error"]);
    expect(rows.map(([name]) => name)).toEqual(Array.from({ length: 30 }, (_, index) => `Person ${index}`));
    expect(rows.filter(([, , email, status]) => (status === "done") !== (email !== ""))).toEqual([]);
    expect(statSync(`${out}.ledger`).mode & 0o777).toBe(0o600);
    expect(existsSync(`${out}.ledger.lock`)).toBe(false);
  });

  test("--dry-run shows the plan, spends nothing and leaves no file", async () => {
    const { code, stderr } = await enrich(run("--dry-run"));
    expect({ code, spent: simulator.counters.tasks }).toEqual({ code: 0, spent: 0 });
    expect(stderr).toContain("30 credits");
    expect([out, `${out}.ledger`, `${out}.ledger.lock`].filter(existsSync)).toEqual([]);
  });

  test.each([
    ["n\n", 130],
    ["y\n", 0],
  ])("asks on a terminal; %j ends with %i", async (stdin, expected) => {
    const { code, stderr } = await enrich(run(), { terminal: true, stdin });
    expect(code).toBe(expected);
    expect(stderr).toContain("This spends up to 30 credits.");
    expect(simulator.counters.tasks > 0).toBe(expected === 0);
    expect(existsSync(`${out}.ledger`)).toBe(expected === 0);
  });

  test("refuses a proxy that is no address, as the other commands do", async () => {
    const { code, stderr } = await enrich(run("--yes", "--proxy", "ftp://proxy.example"));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: --proxy must be /) });
    expect(simulator.counters.tasks).toBe(0);
  });

  test("--debug prints the stack of an error", async () => {
    const args = run("--yes", "--max-retries", "x");
    expect((await enrich(args)).stderr).toMatch(/^error: --max-retries must be .*\n$/);
    expect((await enrich([...args, "--debug"])).stderr).toMatch(/^error: --max-retries must be [\s\S]*\n +at /);
  });

  test("without a terminal and --yes spends nothing", async () => {
    expect(await enrich(run())).toMatchObject({ code: 2 });
    expect(simulator.counters.tasks).toBe(0);
    expect(existsSync(`${out}.ledger`)).toBe(false);
  });

  test("stops at its cap, says how to continue, and --resume continues without the input", async () => {
    const first = await enrich(run("--yes", "--max-credits", "12"));
    expect(first.code).toBe(1);
    expect(first.stdout).toContain("Stopped at the cap");
    expect(first.stdout).toContain(`To continue: databar-client enrich --out ${out} --resume --max-credits N`);
    expect(table().filter((row) => row.at(-2) === "pending").length).toBeGreaterThan(10);
    const status = await enrich(["--status", out], { env: {} });
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toContain("Not running.");
    expect(status.stdout).toMatch(/pending +1\d/);
    const second = await enrich(["--out", out, "--resume", "--yes"]);
    expect(second).toMatchObject({ code: 0 });
    expect(table().filter((row) => row.at(-2) === "pending")).toEqual([]);
    expect(Math.max(...simulator.billed.values(), ...simulator.submitted.values())).toBe(1);
  });

  test("--resume with a changed input pays for the new rows only", async () => {
    await enrich(run("--yes"));
    writeFileSync(leads, `${readFileSync(leads, "utf8")}New,new.example\n`);
    const { code, stderr } = await enrich(run("--yes", "--resume"));
    expect(code).toBe(0);
    expect(stderr).toContain("to run     1 input\n");
    expect(table()).toHaveLength(32);
    expect(Math.max(...simulator.submitted.values())).toBe(1);
  });

  test("--retry-empty pays again for what found nothing, only after the question", async () => {
    await enrich(run("--yes"));
    const empty = table().filter((row) => row.at(-2) === "empty").length;
    expect(empty).toBeGreaterThan(0);
    const retry = ["--out", out, "--resume", "--retry-empty"];
    const declined = await enrich(retry, { terminal: true, stdin: "n\n" });
    expect(declined.stderr).toContain(`to run     ${empty} input`);
    expect(Math.max(...simulator.submitted.values())).toBe(1);
    expect((await enrich(["--out", out, "--resume", "--yes"])).stderr).toContain("to run     0 inputs");
    await enrich([...retry, "--yes"]);
    expect([...simulator.submitted.values()].filter((count) => count === 2)).toHaveLength(empty);
  });

  test("prints events as JSON lines with --json", async () => {
    const { stdout } = await enrich(run("--yes", "--json"));
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ type }) => type)).toEqual([
      "plan",
      ...["submitted", "accepted", "progress", "ended"],
      ...["submitted", "accepted", "progress", "ended"],
      "summary",
    ]);
    expect(events[0]).toMatchObject({ rows: 30, credits: { max: 30 } });
    expect(events[2]).toMatchObject({ taskId: expect.any(String), job: { inFlight: 10 } });
    expect(events.at(-1)).toMatchObject({
      reason: "completed",
      pending: 0,
      credits: { spent: simulator.credits.spent },
    });
  });

  test("reads standard input, semicolons and constants, and writes JSON lines", async () => {
    const target = join(folder, `stdin-${files}.jsonl`);
    const args = ["-", "--with", "833", "--set", "name=Ada", "--out", target, "--yes"];
    expect(await enrich(args, { stdin: "\uFEFFid;domain\r\n1;a.example\r\n2;\r\n" })).toMatchObject({ code: 0 });
    const rows = readFileSync(target, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toMatchObject([
      { id: "1", domain: "a.example" },
      { id: "2", _status: "refused", _error: "required parameter domain is blank" },
    ]);
    expect([...simulator.submitted.keys()]).toEqual([
      '{"params":{"domain":"a.example","name":"Ada"},"target":"enrichments/833"}',
    ]);
  });

  test("runs a waterfall with chosen providers", async () => {
    const people = join(folder, `people-${files}.csv`);
    writeFileSync(people, "First,Company\nAda,a.example\nBo,b.example\n");
    const args = [people, "--waterfall", "email_getter", "--providers", "834,966", "--email-verifier", "10"];
    const result = await enrich([
      ...args,
      "--map",
      "first_name=First",
      "--map",
      "company=Company",
      "--out",
      out,
      "--yes",
    ]);
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain("0 to 3.5 credits");
    expect(table()[0]).toEqual(["First", "Company", "email", "_status", "_error"]);
  });

  test("interrupted by Ctrl-C, it collects for a while, writes what it has, and says how to resume", async () => {
    const { clock, databar } = world({ taskMs: 600_000 });
    const controller = new AbortController();
    const [stdout, stderr] = [new Collector(), new Collector()];
    const io: Io = {
      stdin: new PassThrough(),
      stdout,
      stderr,
      env: { DATABAR_API_KEY: KEY },
      signal: controller.signal,
      createClient: () => databar,
    };
    const code = await runEnrich(run("--yes"), {
      io,
      console: new Console(io),
      context: { command: "enrich", interrupted: false, baseUrl: undefined, fromIndex: 0, changes: true },
      openJob: async (options) => {
        const job = await createJob({ ...options, [RUNTIME]: clock } as TestJobOptions);
        const { run: start } = job;
        job.run = (given) =>
          start.call(job, {
            ...given,
            onEvent: (event, status) => {
              given?.onEvent?.(event, status);
              event.type === "accepted" && controller.abort();
            },
          });
        return job;
      },
    });
    expect(code).toBe(130);
    expect(stderr.text).toContain("Stopping: nothing more is submitted, results are collected for up to 30 s.");
    expect(stdout.text).toMatch(/^Interrupted: 0 of 30 inputs\.\n/);
    expect(stdout.text).toContain("in flight  10: paid, --resume fetches the results\n");
    expect(stdout.text).toContain(`To continue: databar-client enrich --out ${out} --resume\n`);
    expect(table().filter((row) => row.at(-2) === "in_flight")).toHaveLength(10);
  });
});

describe("enrich is refused before anything is sent", () => {
  test.each<[string, () => string[], RegExp]>([
    ["without an output", () => [leads, "--with", "833"], /needs --out FILE/],
    ["without a target", () => [leads, "--out", out], /needs --with ID, --waterfall NAME or --flow ID/],
    ["with two targets", () => run("--flow", "f"), /--with and --flow exclude each other/],
    ["with an unknown option", () => run("--max-credit", "5"), /did you mean --max-credits\?/],
    ["with a cap that is no number", () => run("--max-credits", "many"), /--max-credits must be a number of credits/],
    [
      "with a column that does not exist",
      () => [leads, "--with", "833", "--map", "domain=Websit", "--out", out],
      /no column "Websit": did you mean Website\?/,
    ],
    ["with a parameter that does not exist", () => run("--map", "nme=Name"), /no parameter "nme": did you mean name\?/],
    [
      "with a required parameter without a column",
      () => [leads, "--with", "833", "--out", out],
      /domain is required.*--map domain=COLUMN; the columns are Name, Website/,
    ],
    ["with a file that does not exist", () => ["none.csv", "--with", "833", "--out", out], /Cannot read none.csv/],
    ["with --resume and no ledger", () => run("--resume"), /nothing to resume/],
    ["with --retry-failed and no --resume", () => run("--retry-failed"), /goes with --resume/],
    ["with the input as its output", () => [leads, "--with", "833", "--out", leads], /must not be the input file/],
    [
      "with --pages for a waterfall",
      () => [leads, "--waterfall", "w", "--pages", "2", "--out", out],
      /--pages goes with --with/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, stderr } = await enrich([...args(), "--yes"]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(simulator.counters.tasks).toBe(0);
    expect(existsSync(`${out}.ledger`)).toBe(false);
  });

  test("with an output or a ledger that exists", async () => {
    writeFileSync(out, "mine");
    expect((await enrich(run("--yes"))).stderr).toContain("exists: choose another --out");
    expect(readFileSync(out, "utf8")).toBe("mine");
    rmSync(out);
    await enrich(run("--yes", "--max-credits", "5"));
    expect((await enrich(run("--yes"))).stderr).toContain("Add --resume to continue it");
  });

  test("without a key", async () => {
    expect((await enrich(run("--yes"), { env: {} })).stderr).toContain("No API key");
  });
});
