/** Rows from files, confirmations, failures and interruptions. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { readRows } from "../../src/cli/rows.js";
import { cli, KEY, type SentRequest, type World } from "../support/cli.js";

const folder = mkdtempSync(join(tmpdir(), "databar-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return `@${path}`;
}

const json = (status: number, body: unknown): Response => Response.json(body, { status });

describe("cli rows", () => {
  const values = Array.from({ length: 120 }, (_, index) => ({ fields: { n: index, text: 'a],[{"\n' } }));
  const results = ({ body }: SentRequest): unknown => ({
    results: (body as { rows: object[] }).rows.map((_, index) => ({ index, id: `r-${index}`, action: "created" })),
  });
  const sizes = (requests: SentRequest[]): number[] =>
    requests.map(({ body }) => (body as { rows: object[] }).rows.length);
  const insertMany = (body: string, world: World, ...more: string[]) =>
    cli(["tables", "rows", "insert-many", "t", "--body", body, ...more], world);

  test.each([
    ["JSON lines from a file", () => file("rows.jsonl", values.map((row) => JSON.stringify(row)).join("\n"))],
    ["a JSON list from a file", () => file("rows.json", JSON.stringify(values, null, 2))],
    ["a JSON list as the argument", () => JSON.stringify(values)],
  ])("from %s are sent in batches of 50, and results have the index of their row", async (_, body) => {
    const { code, stdout, requests } = await insertMany(
      body(),
      { answer: results },
      "--settings",
      '{"return_rows":true}',
    );
    expect(code).toBe(0);
    expect(sizes(requests)).toEqual([50, 50, 20]);
    expect(requests[0]?.body).toMatchObject({ return_rows: true });
    expect(requests.flatMap(({ body: sent }) => (sent as { rows: object[] }).rows)).toEqual(values);
    expect(JSON.parse(stdout)).toMatchObject(values.map((__, index) => ({ index })));
  });

  test("from standard input are sent before the input has ended", async () => {
    const stdin = `${values.map((row) => JSON.stringify(row)).join("\n")}\nnot json\n`;
    const { code, stdout, stderr, requests } = await insertMany("-", { answer: results, stdin });
    expect({ code, sizes: sizes(requests) }).toEqual({ code: 2, sizes: [50, 50] });
    expect(JSON.parse(stdout)).toHaveLength(100);
    expect(stderr).toMatch(
      /^error: rows from index 100 on have no result: the row at index 120 is not JSON: .*; to continue, repeat the command with --from-index 100\n$/,
    );
  });

  test("print the results so far when a batch fails, and continue with --from-index", async () => {
    const answer = (request: SentRequest, count: number): unknown =>
      count === 2 ? json(500, { detail: "boom" }) : results(request);
    const body = file("rows.jsonl", values.map((row) => JSON.stringify(row)).join("\n"));
    const first = await insertMany(body, { answer });
    expect(first.code).toBe(1);
    expect(JSON.parse(first.stdout)).toHaveLength(50);
    expect(first.stderr).toMatch(
      /500: boom; try again later; the request may have succeeded: .*; .*--from-index 50\n$/,
    );
    const second = await insertMany(body, { answer: results }, "--from-index", "50");
    const indexes = [first, second].flatMap(({ stdout }) =>
      JSON.parse(stdout).map(({ index }: { index: number }) => index),
    );
    expect(indexes).toEqual(values.map((_, index) => index));
  });

  test("do not suggest --from-index when the first batch fails", async () => {
    const answer = (): Response => json(500, { detail: "boom" });
    const { code, stdout, stderr } = await insertMany('[{"fields":{}}]', { answer });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^error: POST \/v1\/table\/\{table_uuid\}\/rows -> 500: boom; try again later; the request may have succeeded: [^;]*\n$/,
    );
  });

  test.each([
    ['[{"a":1},{"a":2}', /the list of rows is incomplete/],
    ['[{"a":1}] x', /there is text after the list of rows/],
    ['{"a":1}\n[1]', /the row at index 1 must be a JSON object/],
    ['{"rows":[{}],"return_rows":true}', /--body takes the rows without .*--settings/],
  ])("reject %s before anything is sent", async (body, says) => {
    const { code, stderr, requests } = await insertMany(body, {});
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(stderr).toMatch(says);
  });

  test("are the same for any chunks of the text, as a list or as lines", async () => {
    const rows = fc.array(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), { maxLength: 5 });
    const layouts = fc.constantFrom<(all: object[]) => string>(
      (all) => JSON.stringify(all),
      (all) => JSON.stringify(all, null, 2),
      (all) => all.map((row) => JSON.stringify(row)).join("\r\n"),
    );
    await fc.assert(
      fc.asyncProperty(rows, layouts, fc.integer({ min: 1, max: 7 }), async (all, layout, size) => {
        const text = layout(all.map((row, index) => ({ ...row, rows: index })));
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
        const read = [];
        for await (const row of readRows(pieces)) {
          read.push(row);
        }
        expect(read).toEqual(
          all.length > 0 ? JSON.parse(JSON.stringify(all.map((row, index) => ({ ...row, rows: index })))) : [],
        );
      }),
    );
  });
});

describe("cli confirmation", () => {
  const bulkRun = ["enrichments", "bulk-run", "833", "--body", '{"params":[{},{},{}]}'];
  const person = (stdin: string): World => ({
    stdin,
    terminal: ["stdin", "stderr"],
    env: { DATABAR_API_KEY: KEY, NO_COLOR: "1" },
    answer: ({ method }) => (method === "POST" ? { task_id: "t" } : json(404, { detail: "Not found" })),
  });
  const posts = (requests: SentRequest[]): SentRequest[] => requests.filter(({ method }) => method === "POST");

  test("names the operation, the ids and the number of inputs, and continues after y", async () => {
    const { code, stderr, requests } = await cli(bulkRun, person("y\n"));
    expect({ code, posts: posts(requests).length }).toEqual({ code: 0, posts: 1 });
    expect(stderr).toBe(
      "This spends credits: enrichments bulk-run 833 (Run an enrichment in bulk;\nparams: 3). Continue? [y/N] ",
    );
  });

  const oneLine = (text: string): string => text.replaceAll("\n", " ");
  const catalogue = { price: 2, params: [{ name: "domain", is_required: true }] };
  const asked = async (args: string[], resource: object, balance: number): Promise<string> => {
    const answer = ({ method, pathname }: SentRequest): unknown =>
      pathname === "/v1/user/me" ? { balance } : method === "POST" ? { min: 1, max: 3, currency: "credits" } : resource;
    const { stderr, requests } = await cli(args, { ...person("n\n"), answer });
    expect(requests.filter(({ pathname }) => /run$/.test(pathname))).toEqual([]);
    return oneLine(stderr).replace(/^.*?\)\. | Continue\?.*$/g, "");
  };
  const bodyOf = (value: object): string[] => ["--body", JSON.stringify(value)];

  test.each<[string, string[], object, number, string]>([
    [
      "an enrichment",
      ["enrichments", "bulk-run", "833", ...bodyOf({ params: [{ domain: "a" }, { domain: "b" }, { domain: "c" }] })],
      catalogue,
      1_000,
      "Estimate: 3 inputs, 6 credits (2 credits per input). Balance: 1000 credits.",
    ],
    [
      "an enrichment that a run waits for",
      ["enrichments", "run-and-wait", "833", ...bodyOf({ params: { domain: "a" } })],
      catalogue,
      1,
      "Estimate: 1 input, 2 credits (2 credits per input). Balance: 1 credit, not enough.",
    ],
    [
      "an enrichment without a price",
      ["enrichments", "run", "833", ...bodyOf({ params: { domain: "a" } })],
      { params: [] },
      1_000,
      "Estimate: 1 input, unknown credits (the catalogue has no price). Balance: 1000 credits.",
    ],
    [
      "an enrichment whose inputs lack parameters",
      ["enrichments", "bulk-run", "833", ...bodyOf({ params: [{}, { domain: " " }] })],
      catalogue,
      1_000,
      "Estimate: 2 inputs, 4 credits (2 credits per input). Balance: 1000 credits. Required parameters are missing, and the run may still cost credits: input 0 has no domain, input 1 has a blank domain.",
    ],
    [
      "a waterfall",
      ["waterfalls", "bulk-run", "email_getter", ...bodyOf({ params: [{ name: "a" }, { name: "b" }] })],
      { input_params: [], available_enrichments: [{ id: 1, price: 1.5 }] },
      2,
      "Estimate: 2 inputs, 0 to 3 credits (0 credits per input if no provider finds a result, 1.5 if it uses all 1). Balance: 2 credits, perhaps not enough.",
    ],
    [
      "a flow",
      ["flows", "bulk-run", "f", ...bodyOf({ inputs: [{}, {}] })],
      { inputs: [], config: {} },
      1_000,
      "Estimate: 2 inputs, 2 to 6 credits (1 to 3 credits per input, as the server estimates). Balance: 1000 credits.",
    ],
    [
      "an enrichment of a table",
      ["tables", "enrichments", "run", "t", "42", ...bodyOf({ row_ids: ["a"] })],
      {},
      1_000,
      "Balance: 1000 credits.",
    ],
  ])("shows rows, credits and balance of %s", async (_, args, resource, balance, text) => {
    expect(await asked(args, resource, balance)).toBe(text);
  });

  test.each([["n\n"], ["\n"], [""], ["yess\n"]])("sends nothing after the answer %j", async (answer) => {
    const { code, stderr, requests } = await cli(bulkRun, person(answer));
    expect({ code, posts: posts(requests) }).toEqual({ code: 130, posts: [] });
    expect(stderr).toMatch(/error: nothing was sent\n$/);
  });

  test("ends at an interrupt", async () => {
    const interrupt = new AbortController();
    const world: World = { terminal: ["stdin", "stderr"], signal: interrupt.signal };
    const outcome = cli(bulkRun, world);
    setTimeout(() => interrupt.abort(new Error("interrupted")), 10);
    const { code, requests } = await outcome;
    expect({ code, posts: posts(requests) }).toEqual({ code: 130, posts: [] });
  });

  test("explains what a missing list of inputs means", async () => {
    const run = await cli(["tables", "enrichments", "run", "t", "42"], person("y\n"));
    expect(run.stderr.replaceAll("\n", " ")).toContain(
      "row_ids not given: UUIDs of the rows to process; every row if omitted",
    );
    expect(posts(run.requests)).toMatchObject([{ pathname: "/v1/table/t/run-enrichment/42" }]);
  });

  test("is skipped with --yes, which is required when standard input holds the body", async () => {
    expect(await cli([...bulkRun, "--yes"], person(""))).toMatchObject({ code: 0, stderr: "" });
    const piped = await cli(["enrichments", "run", "833", "--body", "-"], person('{"params":{}}'));
    expect(piped).toMatchObject({ code: 2, requests: [], stderr: expect.stringContaining("pass --yes to confirm") });
  });

  test("comes after all checks of the arguments", async () => {
    const wrong = await cli([...bulkRun, "--base-url", "nonsense"], person("y\n"));
    expect(wrong).toMatchObject({
      code: 2,
      requests: [],
      stderr: expect.stringMatching(/^error: --base-url is not a URL/),
    });
  });
});

describe("cli failure", () => {
  test.each<[status: number, body: unknown, says: RegExp]>([
    [401, { detail: "no" }, /-> 401: no; check DATABAR_API_KEY, and that your plan has API access$/],
    [403, { detail: "Incorrect API key" }, /-> 403: Incorrect API key; check DATABAR_API_KEY/],
    [404, { detail: "Not Found" }, /-> 404: Not Found; check the ids$/],
    [406, { detail: "Not enough credits" }, /-> 406: .*; databar-client user me shows plan and balance$/],
    [409, { detail: "stale" }, /-> 409: stale; check its current state/],
    [422, { detail: [{ loc: ["x"], msg: "bad", type: "t" }] }, /-> 422: x: bad; databar-client user me --help shows/],
    [429, { detail: "slow" }, /-> 429: slow; try again in 7 s$/],
    [500, { detail: "boom" }, /-> 500: boom; try again later$/],
    [
      302,
      {},
      /-> 302: redirect to https:\/\/b\.example not followed; check baseUrl; check the network and --base-url$/,
    ],
  ])("with status %i prints one line with a hint on stderr and exits with 1", async (status, body, says) => {
    const headers = { location: "https://b.example/", "retry-after": status === 429 ? "7" : "" };
    const { code, stdout, stderr } = await cli(["user", "me", "--max-retries", "0"], {
      answer: () => Response.json(body, { status, headers }),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr.trimEnd()).toMatch(says);
  });

  test("of the network exits with 3", async () => {
    const answer = (): never => {
      throw Object.assign(new TypeError("fetch failed"), {
        cause: Object.assign(new Error("x"), { code: "ENOTFOUND" }),
      });
    };
    const { code, stdout, stderr } = await cli(["user", "me"], { answer });
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toMatch(/^error: GET \/v1\/user\/me failed: .*ENOTFOUND\); check the network and --base-url\n$/);
  });

  test("by timeout exits with 3 and names the option that gives more time", async () => {
    const { code, stderr } = await cli(["user", "me", "--timeout-ms", "10", "--max-retries", "0"], {
      answer: () => new Promise(() => {}),
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/took longer than 10 ms; --timeout-ms gives an attempt more time\n$/);
  });

  test("with --debug shows the stack, the operation and the request id", async () => {
    const answer = () => Response.json({ detail: "no" }, { status: 404, headers: { "x-request-id": "req-1" } });
    const { stderr } = await cli(["user", "me", "--debug"], { answer });
    expect(stderr).toMatch(/^error: .*\noperation user\.me, attempts 1\nrequest id req-1\nNotFoundError: .*\n +at /);
  });
});

describe("cli task", () => {
  const wait = (status: string, more: object = {}) =>
    cli(["tasks", "wait", "t-1"], { answer: () => ({ task_id: "t-1", status, ...more }) });

  test("that failed exits with 1 and shows the message of the server", async () => {
    expect(await wait("failed", { error: ["no such person"] })).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "error: Task t-1 failed: no such person\n",
    });
  });

  test("that was cancelled prints its partial results", async () => {
    const { code, stdout } = await wait("cancelled", { data: [{ email: "a@b.example" }] });
    expect({ code, task: JSON.parse(stdout) }).toMatchObject({ code: 1, task: { data: [{ email: "a@b.example" }] } });
  });

  test("that does not end in time exits with 3 and shows the command to wait on", async () => {
    const { code, stderr } = await cli(
      ["tasks", "wait", "t 1", "--wait-timeout-ms", "60000", "--base-url", "http://localhost:4010"],
      { answer: () => ({ task_id: "t 1", status: "processing" }) },
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /had not ended after 60000 ms \(its last status was processing\); task t 1 is still running: /,
    );
    expect(stderr).toMatch(/: databar-client tasks wait 't 1' --base-url http:\/\/localhost:4010\n$/);
  });

  test("that cannot be polled after its start shows the command to wait on", async () => {
    const { code, stderr } = await cli(["flows", "run-and-wait", "f", "--yes"], {
      answer: ({ method }) => (method === "POST" ? { task_id: "t-9" } : json(403, { detail: "no" })),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/task t-9 is still running: databar-client tasks wait t-9\n$/);
  });
});

describe("cli interrupt", () => {
  test("of a request that may have succeeded says to check before a retry", async () => {
    const interrupt = new AbortController();
    const { code, stderr } = await cli(["connectors", "create", "--body", "{}"], {
      signal: interrupt.signal,
      answer: () => {
        interrupt.abort(new Error("interrupted"));
        return new Promise(() => {});
      },
    });
    expect(code).toBe(130);
    expect(stderr).toBe("error: interrupted; the request may have succeeded: check before you retry\n");
  });

  test("of an iteration prints the items so far", async () => {
    const interrupt = new AbortController();
    const { code, stdout } = await cli(["exporters", "iterate", "--json"], {
      signal: interrupt.signal,
      answer: (_, count) => {
        count === 2 && interrupt.abort(new Error("interrupted"));
        return { items: [{ id: count }], has_next_page: true };
      },
    });
    expect({ code, list: JSON.parse(stdout) }).toEqual({ code: 130, list: [{ id: 1 }] });
  });
});

test("cli option --wait is refused for a run that returns no task", async () => {
  const outcome = await cli([
    "tables",
    "enrichments",
    "run",
    "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "1",
    "--wait",
    "--yes",
  ]);
  expect(outcome).toMatchObject({ code: 2, requests: [], stderr: expect.stringContaining("--wait") });
});

test("cli confirmation of an update does not list the fields that it keeps", async () => {
  const { stderr } = await cli(["connectors", "update", "1", "--body", '{"name":"x"}']);
  expect(stderr).toMatch(
    /^error: This overwrites: connectors update 1 \([^;]*\)\. Not an interactive terminal: pass --yes/,
  );
});
