/** Output: results on stdout, everything else on stderr. */
import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cli, KEY, type SentRequest, type World } from "../support/cli.js";

const CONNECTORS = [
  {
    id: 1,
    name: "日本語コネクタ 👩‍👩‍👧 ﬁne",
    type: "enrichment",
    method: "post",
    url: "https://u:pw@api.example.com/v1/score?api_key=sk-1&page=2",
    headers: [{ name: "Authorization", value: "Bearer sk-xxx" }],
    parameters: [],
    body: [{ name: "domain", value: "hidden-too" }],
    rate_limit: null,
    created_at: "2025-01-15T10:30:00Z",
  },
  { id: 22, name: "a\u001b[31m\nb\u202e", type: "simple", method: "get", url: "https://b.example", rate_limit: 5 },
];

describe("cli --json", () => {
  test("prints exact JSON, secrets included, as the only output on stdout", async () => {
    const { stdout, stderr } = await cli(["connectors", "list", "--json"], { answer: () => CONNECTORS });
    expect(JSON.parse(stdout)).toEqual(CONNECTORS);
    expect(stderr).toBe("");
  });

  test("is the default unless stdout is a terminal, where a table is the default", async () => {
    expect((await cli(["connectors", "list"], { answer: () => [] })).stdout).toBe("[]\n");
    expect((await cli(["connectors", "list"], { answer: () => [], terminal: ["stdout"] })).stdout).toBe(
      "Nothing found.\n",
    );
  });

  test("escapes control characters and keeps their value", async () => {
    const value = { a: "\u009b31m\u007f\u2028\u001b[0m" };
    const { stdout } = await cli(["user", "me", "--json"], { answer: () => value });
    for (const character of "\u009b\u007f\u2028\u001b") {
      expect(stdout).not.toContain(character);
    }
    expect(JSON.parse(stdout)).toEqual(value);
  });

  test("prints an iteration as one list", async () => {
    const { stdout } = await cli(["exporters", "iterate", "--json"], { answer: pages(3) });
    expect(stdout).toBe(`${JSON.stringify([{ id: 1 }, { id: 2 }, { id: 3 }], null, 2)}\n`);
    expect((await cli(["exporters", "iterate", "--json"], { answer: pages(0) })).stdout).toBe("[]\n");
  });

  test("prints the list so far when an iteration fails, and exits with 1", async () => {
    const answer = (request: SentRequest, count: number): unknown =>
      count < 3 ? pages(9)(request) : Response.json({ detail: "no" }, { status: 403 });
    const { code, stdout, stderr } = await cli(["exporters", "iterate", "--json"], { answer });
    expect({ code, list: JSON.parse(stdout) }).toEqual({ code: 1, list: [{ id: 1 }, { id: 2 }] });
    expect(stderr).toMatch(/^error: GET \/v1\/exporters\/ -> 403: no; check DATABAR_API_KEY.*\n$/);
  });
});

/** A list of so many items, one on each page. */
function pages(last: number) {
  return ({ search }: SentRequest): unknown => {
    const page = Number(new URLSearchParams(search).get("page"));
    return { items: page <= last ? [{ id: page }] : [], page, has_next_page: page < last };
  };
}

describe("cli --jsonl", () => {
  test("prints one item per line for lists, pages and iterations", async () => {
    const lines = '{"id":1}\n{"id":2}\n';
    const list = await cli(["exporters", "list", "--jsonl"], { answer: () => [{ id: 1 }, { id: 2 }] });
    const page = await cli(["exporters", "list-page", "--jsonl"], {
      answer: () => ({ items: [{ id: 1 }, { id: 2 }], has_next_page: true }),
    });
    const walk = await cli(["exporters", "iterate", "--jsonl"], { answer: pages(2) });
    expect([list.stdout, page.stdout, walk.stdout]).toEqual([lines, lines, lines]);
  });

  test("prints a page before it requests the next one", async () => {
    const events: string[] = [];
    const stdout = new Writable({
      write(chunk, _, done) {
        events.push(String(chunk).trim());
        done();
      },
    });
    const answer = (request: SentRequest): unknown => {
      events.push(request.search);
      return pages(2)(request);
    };
    await cli(["exporters", "iterate", "--jsonl"], { answer, stdout });
    expect(events).toEqual(["?page=1", '{"id":1}', "?page=2", '{"id":2}']);
  });

  test("stops requesting pages, without an error, when the reader stops", async () => {
    const stdout = new Writable({
      write(_, __, done) {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      },
    });
    const { code, stderr, requests } = await cli(["exporters", "iterate", "--jsonl"], { answer: pages(9), stdout });
    expect({ code, stderr, requests: requests.length }).toEqual({ code: 0, stderr: "", requests: 1 });
  });

  test("reports an error of the output stream", async () => {
    const stdout = new Writable({
      write(_, __, done) {
        done(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" }));
      },
    });
    expect(await cli(["user", "me"], { stdout })).toMatchObject({
      code: 4,
      stderr: "error: the result cannot be written: ENOSPC: no space left on device, write\n",
    });
  });
});

describe("cli --table", () => {
  const table = (columns: number, env: Record<string, string> = {}) =>
    cli(["connectors", "list"], {
      answer: () => CONNECTORS,
      terminal: ["stdout"],
      columns,
      env: { DATABAR_API_KEY: KEY, NO_COLOR: "1", ...env },
    });

  test.each([40, 80, 120])("fits %i columns, with wide characters", async (columns) => {
    const { code, stdout, stderr } = await table(columns);
    expect(code).toBe(0);
    expect(stdout).toMatchSnapshot("stdout");
    expect(stderr).toMatchSnapshot("stderr");
    // Each of these takes two columns and counts as one or more characters.
    const lines = stdout
      .replaceAll("👩‍👩‍👧", "..")
      .replace(/[\u3000-\u9fff]/g, "..")
      .split("\n");
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  test("uses 80 columns on a terminal that reports no width", async () => {
    expect(await table(0)).toEqual(await table(80));
  });

  test("masks secrets and removes control characters", async () => {
    const { stdout } = await table(300);
    expect(stdout).toContain("https://***@api.example.com/v1/score?api_key=***&page=***");
    expect(stdout).not.toMatch(/sk-|pw@|hidden-too|\u202e/);
    expect(stdout).not.toContain("\u001b");
    const one = await cli(["connectors", "get", "1", "--table"], { answer: () => CONNECTORS[0] });
    expect(one.stdout).toMatch(/^headers:\nname +value\nAuthorization +\*\*\*$/m);
    expect(one.stdout).not.toMatch(/sk-|pw@|hidden-too/);
  });

  test.each(["k", "key", "test", "api_key"])(
    "masks the same secrets when the API key is the placeholder %s",
    async (key) => {
      const { stdout } = await table(300, { DATABAR_API_KEY: key });
      expect(stdout).not.toMatch(/sk-|pw@|hidden-too/);
      expect(stdout).toContain("enrichment");
    },
  );

  test("uses colours on a terminal, unless NO_COLOR is set", async () => {
    expect((await table(80, { NO_COLOR: "" })).stdout).toContain("\u001b[1mid");
    expect((await table(80)).stdout).not.toContain("\u001b");
    const piped = await cli(["connectors", "list", "--table"], { answer: () => CONNECTORS });
    expect(piped.stdout).not.toContain("\u001b");
  });

  test("shows the number of the page on stderr, and how to get the next one", async () => {
    const answer = () => ({ items: [{ id: 1 }], page: 2, has_next_page: true, total_count: 9 });
    const { stdout, stderr } = await cli(["exporters", "list-page", "--table"], { answer });
    expect(stdout).toBe("id\n1\n");
    expect(stderr).toBe("Page 2: 1 of 9 items; more with --query page=3\n");
    const last = await cli(["exporters", "list-page", "--table"], { answer: () => ({ ...answer(), total_count: 1 }) });
    expect(last.stderr).toContain("Page 2: 1 of 1 item;");
  });

  test("names the first hidden columns of a very wide table", async () => {
    const wide = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`column${index}`, "v".repeat(40)]));
    const { stderr } = await cli(["exporters", "list"], { answer: () => [wide], terminal: ["stdout"], columns: 80 });
    expect(stderr).toBe(
      `Hidden columns: ${Array.from({ length: 10 }, (_, index) => `column${index + 4}`).join(", ")} and 36 more. --json prints everything.\n`,
    );
  });

  test("shows the fields of a task, and its results as a table below", async () => {
    const task = {
      task_id: "t",
      status: "completed",
      data: [{ email: "a@b.c" }, null],
      progress: { total: 2 },
      error: null,
    };
    const { stdout } = await cli(["tasks", "get", "t", "--table"], { answer: () => task });
    expect(stdout).toBe(
      "task_id         t\nstatus          completed\nprogress.total  2\nerror           -\n\ndata:\nemail\na@b.c\n-\n",
    );
  });

  test("wraps a long text at spaces, in its own column", async () => {
    const { stdout } = await cli(["user", "me"], {
      answer: () => ({ note: "word ".repeat(12) }),
      terminal: ["stdout"],
      columns: 40,
      env: { DATABAR_API_KEY: KEY, NO_COLOR: "1" },
    });
    expect(stdout).toBe(`note  ${"word ".repeat(7).trim()}\n      ${"word ".repeat(5).trim()}\n`);
  });
});

test("cli --table reports that it has shortened ids", async () => {
  const answer = () => [{ id: "3fa85f64-5717-4562-b3fc-2c963f66afa6", name: "Northwind traders of the north" }];
  const { stdout, stderr } = await cli(["tables", "list"], { answer, terminal: ["stdout"], columns: 50 });
  expect(stdout).toContain("Northwind traders of the north");
  expect(stderr).toBe("Ids are shortened. --json prints everything.\n");
});

describe("cli method without a result", () => {
  const remove = (format: string, world: World = {}) =>
    cli(["connectors", "delete", "1", "--yes", format], {
      ...world,
      answer: () => new Response(null, { status: 204 }),
    });

  test.each(["--json", "--jsonl", "--table"])("prints nothing with %s", async (format) => {
    expect(await remove(format)).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  test("prints Done. on stderr if stderr is a terminal", async () => {
    const env = { DATABAR_API_KEY: KEY, NO_COLOR: "1" };
    const done = { code: 0, stdout: "", stderr: "Done.\n" };
    expect(await remove("--json", { terminal: ["stderr"], env })).toMatchObject(done);
    expect(await remove("--table", { terminal: ["stdout", "stderr"], env })).toMatchObject(done);
  });

  test("differs from a method whose result is null, which prints null", async () => {
    expect((await cli(["user", "me"], { answer: () => null })).stdout).toBe("null\n");
  });
});

describe("cli progress", () => {
  const pending = (_: SentRequest, count: number): unknown => ({
    task_id: "t",
    status: count < 3 ? "processing" : "completed",
    credits_spent: count,
    progress: { total: 4, completed: 1, failed: 1 },
  });

  test("of a task is shown on a terminal, then erased", async () => {
    const { stdout, stderr } = await cli(["tasks", "wait", "t", "--json"], { answer: pending, terminal: ["stderr"] });
    expect(stderr).toContain("processing, 2 of 4 done, 1 credit spent ... (task t)");
    expect(stderr.endsWith("\r\u001b[2K")).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({ status: "completed" });
  });

  test.each(["--json", "--jsonl", "--table"])(
    "of an iteration is erased when the iteration succeeds with %s",
    async (format) => {
      const { code, stderr } = await cli(["exporters", "iterate", format], { answer: pages(1), terminal: ["stderr"] });
      expect(code).toBe(0);
      expect(stderr).toContain("so far ...");
      expect(stderr.endsWith("\r\u001b[2K")).toBe(true);
    },
  );

  test("is not shown without a terminal", async () => {
    expect((await cli(["tasks", "wait", "t"], { answer: pending })).stderr).toBe("");
    expect((await cli(["exporters", "iterate"], { answer: pages(5) })).stderr).toBe("");
  });

  test("of an iteration shows the number of items", async () => {
    const { stderr } = await cli(["exporters", "iterate", "--json"], { answer: pages(5), terminal: ["stderr"] });
    expect(stderr).toContain("1 so far ...");
  });

  test("of a retry shows the delay and the reason", async () => {
    const answer = (_: SentRequest, count: number): unknown =>
      count === 1 ? Response.json({ detail: "busy" }, { status: 503 }) : [];
    const { code, stderr } = await cli(["connectors", "list"], { answer, terminal: ["stderr"] });
    expect(code).toBe(0);
    // The delay comes first: a narrow terminal cuts off the end.
    expect(stderr).toMatch(/retrying in \d+ s: GET \S+ -> 503: busy/);
  });
});

describe("cli error on a terminal", () => {
  const fail = (message: string, columns: number) =>
    cli(["user", "me"], {
      answer: () => Response.json({ detail: message }, { status: 403 }),
      terminal: ["stderr"],
      columns,
      env: { DATABAR_API_KEY: KEY, NO_COLOR: "1" },
    });

  test("is wrapped at spaces", async () => {
    const message = "Your workspace has no access to this endpoint on its present plan";
    const { stderr } = await fail(message, 40);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter((line) => line.length >= 40)).toEqual([]);
    expect(lines.join(" ")).toContain(`-> 403: ${message}; check DATABAR_API_KEY`);
  });

  test("keeps a word whole that is wider than the terminal, so that it can be copied", async () => {
    const url = `https://a.example/${"x".repeat(60)}`;
    expect((await fail(`see ${url}`, 40)).stderr).toContain(`\n${url};\n`);
  });
});

/** The forms in which a server may echo the key. */
const echoes = fc.constantFrom(KEY, encodeURIComponent(KEY), `Bearer ${KEY}`, `x${KEY}y`);

const bodies: Record<string, (echo: string) => string> = {
  html: (echo) => `<html>${echo}</html>`,
  detail: (echo) => JSON.stringify({ detail: echo }),
  issues: (echo) => JSON.stringify({ detail: [{ loc: ["header", echo], msg: echo, type: echo, input: echo }] }),
  error: (echo) => JSON.stringify({ error: echo, detail: echo, fields: [echo] }),
  task: (echo) =>
    JSON.stringify({ task_id: echo, status: "failed", error: [echo], data: [{ [echo]: echo }], has_next_page: false }),
};

const situations = fc.record({
  status: fc.constantFrom(200, 307, 400, 401, 403, 404, 406, 409, 410, 422, 429, 500),
  body: fc.tuple(fc.constantFrom(...Object.values(bodies)), echoes).map(([body, echo]) => body(echo)),
  args: fc.constantFrom(
    ["user", "me"],
    ["user", "me", KEY],
    ["connectors", "get", KEY],
    ["tasks", "get", KEY],
    ["tasks", "wait", KEY, "--wait-timeout-ms", "9"],
    ["tables", "rows", "iterate", "t"],
    ["enrichments", "run", "1", "--body", JSON.stringify({ [KEY]: KEY }), "--yes", "--wait"],
  ),
  flags: fc.subarray(["--debug", "--table", "--max-retries=0"]),
  terminal: fc.subarray<"stdout" | "stderr">(["stdout", "stderr"]),
});

test("cli messages, tables, progress and stacks never contain the API key, whatever the server echoes", async () => {
  await fc.assert(
    fc.asyncProperty(situations, async ({ status, body, args, flags, terminal }) => {
      const headers = { location: `https://evil.example/?k=${KEY}`, "x-request-id": KEY };
      const answer = () => new Response(body, { status, headers });
      const { stdout, stderr } = await cli([...args, ...flags], { answer, terminal });
      // JSON is exact: it contains whatever the server sent.
      const isTable = flags.includes("--table") || terminal.includes("stdout");
      const said = isTable || status !== 200 ? stdout + stderr : stderr;
      expect(said).not.toContain(KEY);
      expect(said).not.toContain(encodeURIComponent(KEY));
    }),
    { numRuns: 400 },
  );
});
