/** CSV as output, and CSV files as rows. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { Collector, cli, type Outcome, type SentRequest, type World } from "../support/cli.js";

const folder = mkdtempSync(join(tmpdir(), "databar-csv-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string | Uint8Array, name = "rows.csv"): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return `@${path}`;
}

describe("cli --csv", () => {
  const list = (items: unknown[], ...more: string[]): Promise<Outcome> =>
    cli(["exporters", "list", "--csv", ...more], { answer: () => items });

  test("prints a line of column names, and one line per item with the values of all columns", async () => {
    expect(
      await list([
        { id: 1, name: "a" },
        { id: 2, plan: null, ok: true },
      ]),
    ).toMatchObject({
      code: 0,
      stdout: "id,name,plan,ok\n1,a,,\n2,,,true\n",
      stderr: "",
    });
  });

  test("quotes separators, quotes and line breaks, and writes objects and lists as JSON", async () => {
    const { stdout } = await list([{ text: 'a,"b"\nc', list: [1, "x"], object: { a: null } }]);
    expect(stdout).toBe('text,list,object\n"a,""b""\nc","[1,""x""]","{""a"":null}"\n');
  });

  test.each([
    ["=1+1", "'=1+1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["+cmd|'/C calc'!A0", "'+cmd|'/C calc'!A0"],
    ["-1+2", "'-1+2"],
    ["\tx", "'\tx"],
    ["+15550100", "+15550100"],
    ["-0.5", "-0.5"],
  ])("writes %j, which a spreadsheet may run as a formula, as %j", async (value, written) => {
    const { stdout } = await list([{ value }]);
    expect(parse(stdout, { columns: true })).toEqual([{ value: written }]);
    expect((await list([{ [value]: 1 }])).stdout.startsWith(written)).toBe(true);
  });

  test("can be read back, whatever the texts are", async () => {
    const text = fc.string({ unit: "binary" }).filter((value) => !/^[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]/.test(value));
    const items = fc.array(fc.record({ a: text, b: text }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(items, async (given) => {
        const { stdout } = await list(given);
        expect(parse(stdout, { columns: true, relax_column_count: false })).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  test("prints the items of a page, a task's object as one line, and texts in a column of their own", async () => {
    const page = await cli(["exporters", "list-page", "--csv"], {
      answer: () => ({ items: [{ id: 1 }], has_next_page: false }),
    });
    expect(page.stdout).toBe("id\n1\n");
    const one = await cli(["user", "me", "--csv"], { answer: () => ({ email: "a@b.example", balance: 0 }) });
    expect(one.stdout).toBe("email,balance\na@b.example,0\n");
    expect((await list(["x", "y"])).stdout).toBe("value\nx\ny\n");
    expect((await list([])).stdout).toBe("");
    expect((await list([], "--columns", "id,name")).stdout).toBe("id,name\n");
  });

  const pages: World["answer"] = (_, count) =>
    count === 1
      ? { items: [{ id: 1, name: "a" }], has_next_page: true }
      : { items: [{ id: 2, more: "b" }], has_next_page: false };

  test("prints all pages of a walk with the columns of all items", async () => {
    const { stdout } = await cli(["exporters", "iterate", "--csv"], { answer: pages });
    expect(stdout).toBe("id,name,more\n1,a,\n2,,b\n");
  });

  test("with --columns prints each item of a walk when it arrives", async () => {
    const stdout = new Collector();
    const printed: string[] = [];
    const outcome = await cli(["exporters", "iterate", "--csv", "--columns", "more,id"], {
      stdout,
      answer: (request, count) => {
        printed.push(stdout.text);
        return pages(request, count);
      },
    });
    expect(outcome).toMatchObject({ code: 0, stdout: "more,id\n,1\nb,2\n" });
    expect(printed).toEqual(["", "more,id\n,1\n"]);
  });

  test("prints the items so far if a walk fails", async () => {
    const { code, stdout } = await cli(["exporters", "iterate", "--csv"], {
      answer: (request, count) => (count === 2 ? new Response(null, { status: 400 }) : pages(request, count)),
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "id,name\n1,a\n" });
  });

  test("removes control characters on a terminal only", async () => {
    const answer = (): unknown => [{ name: "a\u001b[31mb\u009b" }];
    const shown = await cli(["exporters", "list", "--csv"], { answer, terminal: ["stdout"] });
    expect(shown.stdout).toBe("name\na[31mb\n");
    expect((await cli(["exporters", "list", "--csv"], { answer })).stdout).toBe("name\na\u001b[31mb\u009b\n");
  });
});

describe("cli --columns", () => {
  const answer = (): unknown => [{ id: 1, name: "a", plan: "Pro" }];

  test("also selects the columns of a table", async () => {
    const { stdout, stderr } = await cli(["exporters", "list", "--table", "--columns", "plan,id"], { answer });
    expect({ stdout, stderr }).toEqual({ stdout: "plan  id\nPro   1\n", stderr: "" });
    const page = await cli(["exporters", "list-page", "--table", "--columns", "id"], {
      answer: () => ({ items: [{ id: 1, name: "a" }], page: 1, has_next_page: false }),
    });
    expect(page.stdout).toBe("id\n1\n");
  });

  test("names a column that no item has", async () => {
    for (const format of ["--csv", "--table"]) {
      const { code, stderr } = await cli(["exporters", "list", format, "--columns", "id,nmae"], { answer });
      expect({ code, stderr }).toEqual({ code: 0, stderr: "No item has nmae: the columns are id, name, plan\n" });
    }
  });

  test.each([
    [["--csv", "--columns", "a,,b"], '--columns must be different names, such as id,name, got "a,,b"'],
    [["--csv", "--columns", "a,a"], "--columns must be different names"],
    [["--json", "--columns", "a"], "--columns goes with --csv or --table"],
    [["--columns", "a"], "--columns goes with --csv or --table"],
    [["--csv", "--json"], "--json and --csv exclude each other: give one"],
  ])("is refused as %j", async (args, message) => {
    const { code, stderr, requests } = await cli(["exporters", "list", ...args]);
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(stderr).toContain(message);
  });
});

describe("cli rows from a CSV file", () => {
  const results = ({ body }: SentRequest): unknown => ({
    results: (body as { rows: object[] }).rows.map((_, index) => ({ index })),
  });
  const send = (method: string, text: string | Uint8Array, ...more: string[]): Promise<Outcome> =>
    cli(["tables", "rows", method, "t", "--body", file(text), ...more], { answer: results });
  const rowsOf = ({ requests }: Outcome): unknown[] =>
    requests.flatMap(({ body }) => (body as { rows: unknown[] }).rows);

  test("have a field for each column, with the cell as text", async () => {
    const text = '\ufeffCompany,Size\r\n"North, ""wind""",420\r\n\r\n"two\nlines",\r\n';
    const sent = await send("insert-many", text);
    expect(sent.code).toBe(0);
    expect(rowsOf(sent)).toEqual([
      { fields: { Company: 'North, "wind"', Size: "420" } },
      { fields: { Company: "two\nlines", Size: "" } },
    ]);
  });

  test("may be separated by semicolons or tabs, and be in UTF-16 as spreadsheets write it", async () => {
    const expected = [{ fields: { a: "1", b: "ü" } }];
    expect(rowsOf(await send("insert-many", "a;b\n1;ü\n"))).toEqual(expected);
    const utf16 = new Uint8Array(Buffer.from("\ufeffa\tb\r\n1\tü\r\n", "utf16le"));
    expect(rowsOf(await send("insert-many", utf16))).toEqual(expected);
  });

  test("to update have the row's id in the column id", async () => {
    const sent = await send("update-many", "Company,id\nNorthwind,r-1\n");
    expect(rowsOf(sent)).toEqual([{ id: "r-1", fields: { Company: "Northwind" } }]);
  });

  test("to update or insert have their key in the column of --key", async () => {
    const sent = await send("upsert-many", "email,plan\na@b.example,Pro\n", "--key", "email");
    expect(rowsOf(sent)).toEqual([{ key: { email: "a@b.example" }, fields: { plan: "Pro" } }]);
  });

  test("are sent in batches, and continue from --from-index", async () => {
    const text = `n\n${Array.from({ length: 120 }, (_, n) => n).join("\n")}\n`;
    const sent = await send("insert-many", text, "--from-index", "10");
    expect(sent.requests).toHaveLength(3);
    expect(rowsOf(sent)).toHaveLength(110);
    expect(rowsOf(sent)[0]).toEqual({ fields: { n: "10" } });
  });

  test.each<[method: string, text: string, more: string[], message: string]>([
    ["insert-many", "", [], "The input is empty: a CSV input starts with a line of column names"],
    ["insert-many", "a,\n1,2\n", [], "The first line of the CSV must name the columns: column 2 has no name"],
    ["insert-many", "a,a\n1,2\n", [], 'The first line of the CSV must name the columns: two columns are named "a"'],
    ["insert-many", "a,b\n1,2,3\n", [], "Row 1 of the input has 3 fields, the header has 2"],
    ["insert-many", 'a\n"x\n', [], "The input is not valid CSV"],
    ["update-many", "ids,a\n1,2\n", [], 'The CSV has no column "id": did you mean ids?'],
    ["update-many", "id,a\n,2\n", [], "the row at index 0 has no id"],
    ["upsert-many", "email\nx\n", [], "needs --key COLUMN for a CSV file"],
    [
      "upsert-many",
      "email\nx\n",
      ["--key", "emial"],
      "The CSV has no column with the name in --key: did you mean email?",
    ],
    ["upsert-many", "email,a\n ,1\n", ["--key", "email"], "the row at index 0 has no email"],
  ])("are refused before anything is sent: %s of %j %j", async (method, text, more, message) => {
    const { code, stderr, requests } = await send(method, text, ...more);
    expect({ code, requests }).toEqual({ code: 2, requests: [] });
    expect(stderr).toContain(message);
  });

  test("are refused if there is no such file, and --key is refused without a CSV file", async () => {
    const missing = await cli(["tables", "rows", "insert-many", "t", "--body", "@no-such.csv"]);
    expect(missing).toMatchObject({ code: 2, stderr: "error: --body @no-such.csv: there is no such file\n" });
    const json = await cli(["tables", "rows", "upsert-many", "t", "--body", "[]", "--key", "email"]);
    expect(json).toMatchObject({ code: 2, stderr: "error: --key goes with a CSV file: --body @FILE.csv\n" });
    const apiKey = await send("upsert-many", "email\nx\n", "--key", "api-key-5f2d-9c41");
    expect(apiKey.code).toBe(2);
    expect(apiKey.stderr).not.toContain("5f2d");
  });
});
