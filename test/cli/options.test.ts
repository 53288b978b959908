/** Every option has an effect. A new option does not compile until it has a row here. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type OptionName, options, typedName } from "../../src/cli/args.js";
import { noCommands } from "../../src/cli/facade.js";
import { EXIT } from "../../src/cli/failure.js";
import { Collector, cli, KEY, type Outcome, type SentRequest, type World } from "../support/cli.js";

/** A command without the option and with it, and a property of the outcome that must differ. */
interface Row {
  command: string;
  /** The option with its value. */
  option: string;
  of: (outcome: Outcome, world: { sleptMs: readonly number[] }) => unknown;
  without: unknown;
  with: unknown;
  world?: World;
}

const folder = mkdtempSync(join(tmpdir(), "databar-options-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const rows = (count: number): string => JSON.stringify(Array.from({ length: count }, (_, n) => ({ fields: { n } })));
const results = ({ body }: SentRequest): unknown => ({ results: (body as { rows: object[] }).rows.map(() => ({})) });
const task = { task_id: "t", status: "completed", data: 1 };
const slow = { ...task, status: "processing" };
const busy: World = { answer: () => Response.json({}, { status: 503 }) };
const insert = `tables rows insert-many t --body ${rows(2)}`;
const mock: World = { env: {} };
const exitCode = ({ code }: Outcome): unknown => code;
const search = ({ requests }: Outcome): unknown => requests[0]?.search;
const firstLine = ({ stdout }: Outcome): unknown => stdout.split("\n")[0];
const refusal = ({ stderr }: Outcome): unknown => /--[\w-]+ must[^,]*/.exec(stderr)?.[0];

const table: Record<OptionName, Row> = {
  query: { command: "exporters list-page", option: "--query page=7", of: search, without: "?page=1", with: "?page=7" },
  body: {
    command: "folders create",
    option: '--body {"name":"x"}',
    of: ({ requests }) => requests[0]?.body,
    without: undefined,
    with: { name: "x" },
  },
  settings: {
    command: insert,
    option: '--settings {"return_rows":true}',
    of: ({ requests }) => Object.keys(requests[0]?.body ?? {}),
    without: ["rows"],
    with: ["return_rows", "rows"],
    world: { answer: results },
  },
  key: {
    command: `tables rows upsert-many t --body @${file("rows.csv", "email,plan\na@b.example,Pro\n")}`,
    option: "--key email",
    of: ({ requests }) => Reflect.get(Object(requests[0]?.body), "rows"),
    without: undefined,
    with: [{ key: { email: "a@b.example" }, fields: { plan: "Pro" } }],
    world: { answer: results },
  },
  "from-index": {
    command: insert,
    option: "--from-index 1",
    of: ({ requests }) => Reflect.get(Object(requests[0]?.body), "rows").length,
    without: 2,
    with: 1,
    world: { answer: results },
  },
  wait: {
    command: "enrichments run 1 --body {} --yes",
    option: "--wait",
    of: ({ requests }) => requests.length,
    without: 1,
    with: 2,
    world: { answer: ({ method }) => (method === "GET" ? task : { task_id: "t" }) },
  },
  "wait-timeout-ms": {
    command: "tasks wait t",
    option: "--wait-timeout-ms 7",
    of: ({ stderr }) => /after (\d+) ms/.exec(stderr)?.[1],
    without: "300000",
    with: "7",
    world: { answer: () => slow },
  },
  "poll-interval-ms": {
    command: "tasks wait t",
    option: "--poll-interval-ms 500",
    of: (_, { sleptMs }) => sleptMs[0],
    without: 2_000,
    with: 500,
    world: { answer: (_, count) => (count === 1 ? slow : task) },
  },
  "no-data-grace-ms": {
    command: "tasks wait t",
    option: "--no-data-grace-ms 0",
    of: ({ requests }) => requests.length > 1,
    without: true,
    with: false,
    world: { answer: () => ({ task_id: "t", status: "no_data" }) },
  },
  port: {
    command: "mock --host 192.0.2.1",
    option: "--port x",
    of: refusal,
    without: undefined,
    with: "--port must be a whole number from 0 to 65535",
    world: mock,
  },
  host: {
    command: "mock --port 0",
    option: "--host 192.0.2.1",
    of: ({ stderr }) => stderr.includes("192.0.2.1 is not an address"),
    without: false,
    with: true,
    world: mock,
  },
  simulate: {
    command: "mock --port 0",
    option: "--simulate",
    of: ({ stdout }) => /^Databar (.*) at/.exec(stdout)?.[1],
    without: "replay server",
    with: "simulator",
    world: mock,
  },
  "rate-limit": {
    command: "mock --port 0 --simulate",
    option: "--rate-limit 0",
    of: refusal,
    without: undefined,
    with: "--rate-limit must be above 0\n",
    world: mock,
  },
  balance: {
    command: "mock --port 0 --simulate",
    option: "--balance x",
    of: refusal,
    without: undefined,
    with: "--balance must be a number",
    world: mock,
  },
  latency: {
    command: "mock --port 0",
    option: "--latency x",
    of: refusal,
    without: undefined,
    with: "--latency must be a whole number from 0 to 3600000",
    world: mock,
  },
  fail: {
    command: "mock --port 0",
    option: "--fail x",
    of: refusal,
    without: undefined,
    with: "--fail must be a status from 400 to 599 and a share from 0 to 1",
    world: mock,
  },
  seed: {
    command: "mock --port 0",
    option: "--seed x",
    of: refusal,
    without: undefined,
    with: "--seed must be a whole number",
    world: mock,
  },
  enrichment: {
    command: "types --table t",
    option: "--enrichment 833",
    of: ({ requests }) => requests[0]?.pathname,
    world: { answer: ({ pathname }) => (pathname.includes("enrichments") ? { name: "x" } : []) },
    without: "/v1/table/",
    with: "/v1/enrichments/833",
  },
  "table-id": {
    command: "types --enrichment 833",
    option: "--table t",
    of: ({ requests }) => requests.at(-1)?.pathname,
    without: "/v1/enrichments/833",
    with: "/v1/table/t/columns",
    world: { answer: ({ pathname }) => (pathname.includes("enrichments") ? { name: "x" } : []) },
  },
  yes: { command: "folders delete 1", option: "--yes", of: exitCode, without: 2, with: 0 },
  json: {
    command: "user me",
    option: "--json",
    of: firstLine,
    without: "a  1",
    with: "{",
    world: { answer: () => ({ a: 1 }), terminal: ["stdout"], env: { NO_COLOR: "1", DATABAR_API_KEY: KEY } },
  },
  jsonl: {
    command: "user me",
    option: "--jsonl",
    of: firstLine,
    without: "{",
    with: '{"a":1}',
    world: { answer: () => ({ a: 1 }) },
  },
  table: {
    command: "user me",
    option: "--table",
    of: firstLine,
    without: "{",
    with: "a  1",
    world: { answer: () => ({ a: 1 }) },
  },
  csv: {
    command: "exporters list",
    option: "--csv",
    of: ({ stdout }) => stdout,
    without: '[\n  {\n    "id": 1\n  }\n]\n',
    with: "id\n1\n",
    world: { answer: () => [{ id: 1 }] },
  },
  columns: {
    command: "exporters list --csv",
    option: "--columns b,a",
    of: ({ stdout }) => stdout,
    without: "a,b,c\n1,2,3\n",
    with: "b,a\n2,1\n",
    world: { answer: () => [{ a: 1, b: 2, c: 3 }] },
  },
  "api-key-stdin": {
    command: "user me",
    option: "--api-key-stdin",
    of: ({ requests }) => requests[0]?.key,
    without: KEY,
    with: "other-key",
    world: { stdin: "other-key" },
  },
  "base-url": {
    command: "user me",
    option: "--base-url https://proxy.example/databar",
    of: ({ requests }) => requests[0]?.pathname,
    without: "/v1/user/me",
    with: "/databar/v1/user/me",
  },
  proxy: {
    command: "user me",
    option: "--proxy socks5://proxy.example",
    of: refusal,
    without: undefined,
    with: "--proxy must be an http or https URL",
  },
  "timeout-ms": {
    command: "user me --max-retries 0",
    option: "--timeout-ms 0",
    of: exitCode,
    without: 0,
    with: 2,
  },
  "max-retries": {
    command: "user me",
    option: "--max-retries 1",
    of: ({ requests }) => requests.length,
    without: 3,
    with: 2,
    world: busy,
  },
  drift: {
    command: "user me",
    option: "--drift",
    of: ({ stderr }) => stderr,
    without: "",
    with: expect.stringContaining("drift: user.me 200: $.balance is missing (number expected)"),
    world: { answer: () => ({ email: "e", plan: "p" }) },
  },
  debug: {
    command: "user me",
    option: "--debug",
    of: ({ stderr }) => /\n +at /.test(stderr),
    without: false,
    with: true,
    world: busy,
  },
  help: { command: "user me", option: "--help", of: ({ requests }) => requests.length, without: 1, with: 0 },
  version: { command: "user me", option: "--version", of: ({ requests }) => requests.length, without: 1, with: 0 },
};

describe("cli option", () => {
  test.each(Object.keys(options) as OptionName[])("--%s has an effect", async (name) => {
    const { command, option, of, world = {}, ...expected } = table[name];
    const outcomeOf = async (line: string): Promise<unknown> => {
      const sleptMs: number[] = [];
      const end = new AbortController();
      // A mock server runs until it is interrupted: here after its first line.
      const stdout = new Collector().once("collected", () => world === mock && end.abort());
      const outcome = await cli(line.split(" "), {
        stdout,
        signal: end.signal,
        onSleep: (ms) => sleptMs.push(ms),
        ...world,
      });
      return of(outcome, { sleptMs });
    };
    expect(await outcomeOf(command)).toEqual(expected.without);
    expect(await outcomeOf(`${command} ${option}`)).toEqual(expected.with);
  });
});

test("docs/cli.md names the methods that are no commands", () => {
  const [, list = ""] =
    /These methods have no command: (.*), whose result/.exec(readFileSync("docs/cli.md", "utf8")) ?? [];
  expect([...list.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual([...noCommands]);
});

test("docs/cli.md describes every cli option and every exit code", () => {
  const docs = readFileSync("docs/cli.md", "utf8");
  const missing = Object.keys(options).filter((name) => !new RegExp(`^\\|.*\`--${typedName(name)}\\b`, "m").test(docs));
  expect(missing).toEqual([]);
  expect([...docs.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code))).toEqual(Object.values(EXIT));
});
