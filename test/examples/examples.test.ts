/** Each program of `examples/` runs against a simulated workspace, and does what its header says. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { context, trace } from "@opentelemetry/api";
import { parse } from "csv-parse/sync";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type Worker from "../../examples/cloudflare-worker.js";
import { Databar } from "../../src/index.js";
import { type Simulator, type SimulatorOptions, simulate } from "../../src/testing/index.js";

const KEY = "test-key-5f2d";
const server = setupServer();
const folder = mkdtempSync(join(tmpdir(), "databar-examples-"));
let stdout: string;
let stderr: string[];
let printed: string[];

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  vi.stubEnv("DATABAR_API_KEY", KEY);
  vi.resetModules();
  [stdout, stderr, printed] = ["", [], []];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(console, "log").mockImplementation((...words) => printed.push(words.join(" ")));
  vi.spyOn(console, "error").mockImplementation((...words) => stderr.push(words.join(" ")));
});
afterEach(() => {
  vi.useRealTimers();
  server.resetHandlers();
  process.exitCode = undefined;
  trace.disable();
  context.disable();
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** A workspace whose tasks have ended at the first poll. */
function workspace(options: SimulatorOptions = {}): { simulator: Simulator; databar: Databar } {
  const simulator = simulate({ taskMs: 0, price: 1, ...options });
  server.use(...simulator.handlers);
  return { simulator, databar: new Databar() };
}

/** Runs a program with arguments, as `npx tsx` does. */
async function run(name: string, ...args: string[]): Promise<void> {
  const { argv } = process;
  process.argv = [argv[0] ?? "node", `examples/${name}.ts`, ...args];
  try {
    await import(`../../examples/${name}.ts`);
  } finally {
    process.argv = argv;
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const emailOf = ({ params }: { params: Readonly<Record<string, unknown>> }) =>
  params.domain === "unknown.example" ? null : { email: `ada@${params.domain}`, valid: true };

describe("examples/list-connectors", () => {
  test("prints the connectors as CSV, and no secret of them", async () => {
    const { databar } = workspace();
    await databar.connectors.create({
      name: "=Scoring, v2",
      method: "post",
      url: "https://user:cnry-1@api.example.com/v1/score?key=cnry-2",
      headers: [{ name: "Authorization", value: "cnry-3" }],
      rate_limit: 60,
    });
    await run("list-connectors");
    expect(stdout).toBe(
      "id,name,type,method,url,rate_limit,max_concurrency\n" +
        `1,"'=Scoring, v2",enrichment,POST,https://api.example.com/v1/score,60,\n`,
    );
    expect(stdout).not.toContain("cnry");
  });
});

describe("examples/sync-connectors", () => {
  const wanted = "examples/connectors.json";

  async function connectorsBefore() {
    const { databar, simulator } = workspace();
    vi.stubEnv("SCORING_TOKEN", "cnry-token");
    await databar.connectors.create({ name: "Scoring API", method: "post", url: "https://old.example.com" });
    await databar.connectors.create({ name: "Old", method: "get", url: "https://old.example.com" });
    return { databar, simulator };
  }

  test("prints a plan and changes nothing without --apply", async () => {
    const { databar, simulator } = await connectorsBefore();
    const before = await databar.connectors.list();
    await run("sync-connectors", wanted, "--delete");
    expect(printed).toEqual([
      "update Scoring API",
      "create Lead webhook",
      "delete Old",
      "Nothing was changed: pass --apply to change the workspace.",
    ]);
    expect(simulator.counters.requests).toBe(4);
    expect(await databar.connectors.list()).toEqual(before);
  });

  test("creates, updates and deletes with --apply --delete, and finds nothing to do when run again", async () => {
    const { databar } = await connectorsBefore();
    await run("sync-connectors", wanted, "--apply", "--delete");
    expect(await databar.connectors.list()).toMatchObject([
      {
        name: "Scoring API",
        url: "https://api.example.com/v1/score",
        headers: [{ name: "Authorization", value: "Bearer cnry-token" }],
        rate_limit: 60,
      },
      { name: "Lead webhook", type: "exporter" },
    ]);
    vi.resetModules();
    printed.length = 0;
    await run("sync-connectors", wanted, "--apply", "--delete");
    expect(printed).toEqual(["keep   Scoring API", "keep   Lead webhook", "Done."]);
    expect(`${printed}${stderr}${stdout}`).not.toContain("cnry");
  });

  test("keeps a connector that the file lacks, without --delete", async () => {
    const { databar } = await connectorsBefore();
    await run("sync-connectors", wanted, "--apply");
    expect((await databar.connectors.list()).map(({ name }) => name)).toEqual(["Scoring API", "Old", "Lead webhook"]);
  });

  test("stops before any request if an environment variable is missing, or a name occurs twice", async () => {
    const { simulator } = workspace();
    await expect(run("sync-connectors", wanted)).rejects.toThrow(/needs the environment variable SCORING_TOKEN/);
    vi.resetModules();
    const twice = file("twice.json", '[{"name":"a"},{"name":"a"}]');
    await expect(run("sync-connectors", twice)).rejects.toThrow(/more than one connector with the name "a"/);
    expect(simulator.counters.requests).toBe(0);
  });
});

describe("examples/enrich-csv", () => {
  const companies = () => file("companies.csv", "domain,note\nstripe.com,a\nunknown.example,b\nfigma.com,c\n");

  test("adds the results as columns, each to its own line", async () => {
    const { simulator } = workspace({ result: emailOf });
    await run("enrich-csv", companies(), "--enrichment", "833", "--max-credits", "3");
    expect(parse(stdout, { columns: true })).toEqual([
      { domain: "stripe.com", note: "a", email: "ada@stripe.com", valid: "true" },
      { domain: "unknown.example", note: "b", email: "", valid: "" },
      { domain: "figma.com", note: "c", email: "ada@figma.com", valid: "true" },
    ]);
    expect(stderr.at(-1)).toBe("2 credits spent");
    expect(simulator.counters.tasks).toBe(1);
  });

  test("starts nothing that may cost more than --max-credits", async () => {
    const { simulator } = workspace();
    const ended = run("enrich-csv", companies(), "--enrichment", "833", "--max-credits", "2");
    await expect(ended).rejects.toThrow("Find work email costs up to 3 credits for 3 lines: --max-credits is 2");
    expect(simulator.counters.tasks).toBe(0);
  });

  test("reports a column that the enrichment needs", async () => {
    workspace();
    const ended = run("enrich-csv", file("no.csv", "name\nAda\n"), "--enrichment", "833", "--max-credits", "2");
    await expect(ended).rejects.toThrow(/lacks the columns domain$/);
  });

  test("waits for a task again with --task, without a second run", async () => {
    const { simulator, databar } = workspace({ result: emailOf });
    const params = ["stripe.com", "unknown.example", "figma.com"].map((domain) => ({ domain }));
    const { task_id } = await databar.enrichments.bulkRun(833, { params });
    await run("enrich-csv", companies(), "--enrichment", "833", "--task", task_id);
    expect(stdout).toContain("figma.com,c,ada@figma.com,true\n");
    expect(simulator.counters.tasks).toBe(1);
  });
});

describe("examples/upsert-crm", () => {
  const contact = (n: number) => `USER${n}@example.com,User ${n},Pro\n`;
  const contacts = (count: number) =>
    file("contacts.csv", `email,name,plan\n${Array.from({ length: count }, (_, n) => contact(n)).join("")}`);

  test("creates the table, writes every contact, and changes the same rows when run again", async () => {
    const { databar } = workspace();
    await run("upsert-crm", contacts(120));
    vi.resetModules();
    await run("upsert-crm", contacts(121), "--table", "CRM contacts");
    expect(printed).toEqual(["120 contacts added, 0 changed", "1 contacts added, 120 changed"]);
    const tables = await databar.tables.list();
    expect(tables.map(({ name }) => name)).toEqual(["CRM contacts"]);
    const rows: unknown[] = [];
    for await (const row of databar.tables.rows.iterate(tables[0]?.identifier ?? "")) {
      rows.push(row);
    }
    expect(rows).toHaveLength(121);
    expect(rows[0]).toMatchObject({ email: "user0@example.com", name: "User 0", plan: "Pro" });
  });

  test("reports how many contacts were written if a batch fails", async () => {
    let upserts = 0;
    workspace({
      faults: ({ operation }) => (operation === "tables.rows.upsert" && ++upserts >= 2 ? { answer: 400 } : undefined),
    });
    await run("upsert-crm", contacts(120));
    expect(process.exitCode).toBe(1);
    expect(stderr.join("\n")).toMatch(/\d+ contacts have a result\. Run the program again to write the others\.$/);
  });
});

describe("examples/next-route", () => {
  const post = async (body: string): Promise<[status: number, body: unknown, retryAfter: string | null]> => {
    const { POST } = await import("../../examples/next-route.js");
    const response = await POST(new Request("http://localhost:3000/api/work-email", { method: "POST", body }));
    return [response.status, await response.json(), response.headers.get("retry-after")];
  };

  /** The client polls for ten seconds before it treats "no data" as the end. */
  async function inNoTime<Result>(pending: Promise<Result>): Promise<Result> {
    let isPending = true;
    pending.finally(() => {
      isPending = false;
    });
    for (let seconds = 0; isPending && seconds < 1_000; seconds++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await new Promise(setImmediate);
    }
    return await pending;
  }

  test("returns the email, and null if nothing was found", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    workspace({ result: emailOf });
    expect(await post('{"domain":"stripe.com"}')).toEqual([200, { email: "ada@stripe.com" }, null]);
    expect(await inNoTime(post('{"domain":"unknown.example"}'))).toEqual([200, { email: null }, null]);
  });

  test.each(["", "{}", "null", '{"domain":7}', '{"domain":"not a domain"}'])(
    "refuses the body %j without a request",
    async (body) => {
      const { simulator } = workspace();
      expect((await post(body))[0]).toBe(400);
      expect(simulator.counters.requests).toBe(0);
    },
  );

  test("passes on when to ask again after a 429, and hides every other reason", async () => {
    const answer = (status: number, headers = {}) =>
      server.use(http.post("*/run", () => HttpResponse.json({ detail: "cnry" }, { status, headers })));
    answer(429, { "retry-after": "120" });
    expect(await post('{"domain":"stripe.com"}')).toEqual([429, { error: "Busy" }, "120"]);
    vi.resetModules(); // the client would wait until the server accepts requests again
    answer(406);
    expect(await post('{"domain":"stripe.com"}')).toEqual([503, { error: "Not available at the moment" }, null]);
    answer(403);
    expect(await post('{"domain":"stripe.com"}')).toEqual([502, { error: "Failed" }, null]);
  });
});

describe("examples/cloudflare-worker", () => {
  async function ask(body: string): Promise<{ response: Response; background: Promise<unknown>[] }> {
    const { default: worker }: { default: typeof Worker } = await import("../../examples/cloudflare-worker.js");
    const background: Promise<unknown>[] = [];
    const request = new Request("http://localhost:8787", { method: "POST", body });
    const context = { waitUntil: (promise: Promise<unknown>) => void background.push(promise) };
    return { response: await worker.fetch(request, { DATABAR_API_KEY: KEY }, context), background };
  }

  /** Events as `name {data}`. */
  const events = (text: string) =>
    text
      .trim()
      .split("\n\n")
      .map((event) => event.replace(/^event: (.*)\ndata: /, "$1 "));

  test("streams the progress and then the results", async () => {
    workspace({ result: emailOf });
    const { response, background } = await ask('{"domains":["stripe.com","unknown.example"]}');
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const sent = events(await response.text());
    await Promise.all(background);
    expect(sent.map((event) => event.split(" ")[0])).toEqual(["accepted", "progress", "done"]);
    expect(JSON.parse(sent[2]?.slice("done ".length) ?? "")).toEqual({
      emails: [
        { domain: "stripe.com", email: "ada@stripe.com" },
        { domain: "unknown.example", email: null },
      ],
      credits: 1,
    });
  });

  test("sends an error event with the task's id if the run fails", async () => {
    workspace({
      result: () => {
        throw new Error("provider down");
      },
    });
    const { response, background } = await ask('{"domains":["stripe.com"]}');
    const last = events(await response.text()).at(-1);
    await Promise.all(background);
    expect(last).toMatch(/^error \{"error":"The run failed","taskId":"[\w-]+"\}$/);
  });

  test("ends its work if the reader leaves", async () => {
    workspace();
    const { response, background } = await ask('{"domains":["stripe.com"]}');
    await response.body?.cancel();
    expect(await Promise.allSettled(background)).toEqual([{ status: "fulfilled", value: undefined }]);
  });

  test("refuses more domains than it accepts", async () => {
    const { response } = await ask(JSON.stringify({ domains: Array(101).fill("a.com") }));
    expect(response.status).toBe(400);
  });
});

describe("examples/logging-pino", () => {
  const lines = () =>
    stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));

  test("logs each response with its fields, and no key", async () => {
    workspace();
    await run("logging-pino");
    expect(lines()).toMatchObject([
      { level: 30, component: "databar", operation: "connectors.list", status: 200, attempt: 1 },
      { level: 30, connectors: 0, msg: "listed the connectors" },
    ]);
    expect(stdout).not.toContain(KEY);
  });

  test("logs each request too with LOG_LEVEL=debug", async () => {
    workspace();
    vi.stubEnv("LOG_LEVEL", "debug");
    await run("logging-pino");
    expect(lines().map(({ level }) => level)).toEqual([20, 30, 30]);
  });
});

describe("examples/opentelemetry", () => {
  test("prints one span for the run, with the task's id and credits, and spans for calls and attempts", async () => {
    workspace({ result: emailOf });
    const spans: Record<string, unknown>[] = [];
    vi.spyOn(console, "dir").mockImplementation((span) => spans.push(span));
    await run("opentelemetry", "figma.com");
    expect(printed).toEqual(["ada@figma.com"]);
    expect(spans.map(({ name }) => name).sort()).toEqual([
      "GET /v1/tasks/{task_id}",
      "POST /v1/enrichments/{enrichment_id}/run",
      "databar enrichments.run",
      "databar enrichments.runAndWait",
      "databar tasks.get",
    ]);
    expect(spans.find(({ name }) => name === "databar enrichments.runAndWait")).toMatchObject({
      attributes: { "databar.task.id": expect.any(String), "databar.credits_spent": 1 },
    });
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
  });
});

/** The casts of a program: `as`, `!`, `any`, and comments that silence the compiler. */
function casts(name: string, text: string): string[] {
  const found: string[] = text.match(/@ts-\w+/g) ?? [];
  const visit = (node: ts.Node): void => {
    const isCast = ts.isAsExpression(node) && node.type.getText() !== "const";
    if (isCast || ts.isNonNullExpression(node) || node.kind === ts.SyntaxKind.AnyKeyword) {
      found.push(node.getText());
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return found;
}

describe("examples", () => {
  test("are searched for casts with a search that finds them", () => {
    expect(casts("a.ts", "let a = b as C; let d = e!; let f: any; let g = [1] as const; // @ts-ignore")).toHaveLength(
      4,
    );
  });

  const programs = readdirSync("examples").filter((name) => name.endsWith(".ts"));
  const tests = readFileSync("test/examples/examples.test.ts", "utf8");
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8"));

  test.each(programs)(
    "%s has a header, no cast, a line in the README and a test, and imports nothing unnamed",
    (name) => {
      const text = readFileSync(join("examples", name), "utf8");
      const [header = ""] = /^\/\*\*[\s\S]*?\*\//.exec(text) ?? [];
      expect(header).toMatch(/\.$/m);
      expect(casts(name, text)).toEqual([]);
      expect(readFileSync("examples/README.md", "utf8")).toContain(`| [${name}](${name}) |`);
      expect(tests).toContain(`describe("examples/${name.replace(".ts", "")}"`);
      const packages = [...text.matchAll(/ from "([^"]+)"/g)]
        .map(([, from = ""]) => /^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? "")
        .filter((from) => !from.startsWith("node:") && from !== "databar-client");
      expect(packages.filter((from) => !(from in devDependencies) || !header.includes(from))).toEqual([]);
    },
  );
});
