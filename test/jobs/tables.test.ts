/** Tables that jobs read and write: CSV as spreadsheets and scripts make it, and JSON lines. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parse } from "csv-parse/sync";
import { afterAll, describe, expect, test } from "vitest";
import { createMemoryLedger, type JobInput, readTable, type TableFormat, writeResults } from "../../src/jobs/index.js";
import { open, world } from "../support/jobs.js";

const folder = mkdtempSync(join(tmpdir(), "databar-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(input: string | Buffer, format?: TableFormat, chunkSize = 3) {
  const bytes = Buffer.from(input);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkSize) }, (_, index) =>
    bytes.subarray(index * chunkSize, (index + 1) * chunkSize),
  );
  const table = await readTable(Readable.from(chunks), format);
  const rows: unknown[] = [];
  for await (const row of table.rows) {
    rows.push(row);
  }
  return { ...table, rows };
}

const AB = {
  format: "csv",
  columns: ["name", "city"],
  rows: [
    ["Ada", "Zürich"],
    ["Bo", "Rome, Italy"],
  ],
};

describe("a CSV table", () => {
  test.each([
    ["with commas and quotes", 'name,city\nAda,Zürich\nBo,"Rome, Italy"\n'],
    ["with semicolons", "name;city\nAda;Zürich\nBo;Rome, Italy\n"],
    ["with tabs", "name\tcity\nAda\tZürich\nBo\tRome, Italy\n"],
    ["with a byte order mark and CRLF", '\uFEFFname,city\r\nAda,Zürich\r\nBo,"Rome, Italy"\r\n'],
    ["with the separator in its first line", "sep=;\nname;city\nAda;Zürich\nBo;Rome, Italy"],
    ["with blank lines and no line break at the end", '\n\nname,city\n\nAda,Zürich\nBo,"Rome, Italy"'],
    ["with spaces around its column names", ' name , city\nAda,Zürich\nBo,"Rome, Italy"'],
    [
      "in UTF-16, as Excel writes Unicode text",
      Buffer.from("\uFEFFname\tcity\r\nAda\tZürich\r\nBo\tRome, Italy\r\n", "utf16le"),
    ],
  ])("%s is read", async (_, text) => {
    expect(await read(text)).toEqual(AB);
    expect(await read(text, "csv", 1_000)).toEqual(AB);
  });

  test("keeps line breaks and quotes inside of quoted values, in its header, too", async () => {
    expect(await read('"full\nname",note\n"Ada ""A"" L.","a\r\nb"\n')).toMatchObject({
      columns: ["full\nname", "note"],
      rows: [['Ada "A" L.', "a\r\nb"]],
    });
  });

  test("fills a row that is shorter than the header", async () => {
    expect((await read("a,b,c\n1\n")).rows).toEqual([["1", "", ""]]);
  });

  test("keeps columns with the same name, with numbers for names, and without a name", async () => {
    expect(await read("2024,x,x,,2023\n1,2,3,4,5\n")).toMatchObject({
      columns: ["2024", "x", "x", "", "2023"],
      rows: [["1", "2", "3", "4", "5"]],
    });
  });

  test.each([
    ["an empty input", "", "The input is empty"],
    ["a row that is longer than the header", "a,b\n1,2\n1,2,3\n", "Row 2 of the input has 3 fields, the header has 2"],
    ["a quote that does not end", 'a,b\n1,"2\n', "The input is not valid CSV"],
    ["text that is not UTF-8", Buffer.from("name\nJos\xe9\n", "latin1"), "The input is not UTF-8 text"],
  ])("is refused for %s", async (_, text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

describe("JSON lines", () => {
  test("are recognised, and read line by line", async () => {
    const table = await read('\uFEFF{"name":"Ada","tags":["x"]}\r\n\n{"name":"Bø"}');
    expect(table).toEqual({ format: "jsonl", rows: [{ name: "Ada", tags: ["x"] }, { name: "Bø" }] });
  });

  test.each([
    ["{}\nno", "Line 2 of the input is not JSON"],
    ["{}\n\n[1]", "Line 3 of the input is not a JSON object"],
  ])("are refused for %j", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });
});

async function written(inputs: JobInput[], meta: unknown, name: string): Promise<string> {
  const here = world({
    result: ({ params }) =>
      params.domain === "none.example"
        ? null
        : { email: `=cmd|' /C calc'!A0`, phone: "+15550100", delta: -5, ok: true, tags: ["a", 1], note: 'x "y"\nz' },
  });
  const job = await open(here, createMemoryLedger());
  await job.plan(inputs, { meta });
  await job.run();
  const path = join(folder, name);
  await writeResults(job, path);
  return readFileSync(path, "utf8");
}

describe("the results of a job", () => {
  const lines = [
    ["Ada", "a.example"],
    ["Bo", "none.example"],
    ["Cy", ""],
  ];
  const fromCsv = lines.map((data) => ({ params: { domain: data[1] }, data }));

  test("are written as CSV: input, result, status and error, with formulas made harmless", async () => {
    const text = await written(fromCsv, { columns: ["email", "domain"] }, "out.csv");
    expect(parse(text)).toEqual([
      ["email", "domain", "result_email", "phone", "delta", "ok", "tags", "note", "_status", "_error"],
      ["Ada", "a.example", "'=cmd|' /C calc'!A0", "+15550100", "-5", "true", '["a",1]', 'x "y"\nz', "done", ""],
      ["Bo", "none.example", "", "", "", "", "", "", "empty", ""],
      ["Cy", "", "", "", "", "", "", "", "refused", "required parameter domain is blank"],
    ]);
  });

  test("are written as JSON lines with their types", async () => {
    const text = await written(fromCsv, { columns: ["email", "domain"] }, "out.jsonl");
    const rows = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows).toEqual([
      expect.objectContaining({
        email: "Ada",
        result_email: "=cmd|' /C calc'!A0",
        delta: -5,
        tags: ["a", 1],
        _status: "done",
      }),
      { email: "Bo", domain: "none.example", _status: "empty" },
      { email: "Cy", domain: "", _status: "refused", _error: "required parameter domain is blank" },
    ]);
  });

  test("have the union of the columns of JSON lines, and keep an input's own _status", async () => {
    const inputs = [
      { domain: "none.example", _status: "old" },
      { domain: "", extra: { a: 1 } },
    ];
    const text = await written(
      inputs.map((data) => ({ params: { domain: data.domain }, data })),
      undefined,
      "union.csv",
    );
    expect(parse(text)).toEqual([
      ["domain", "_status", "extra", "_status_2", "_error"],
      ["none.example", "old", "", "empty", ""],
      ["", "", '{"a":1}', "refused", "required parameter domain is blank"],
    ]);
  });

  test("replace the file at once: a failure leaves the old one, and no other file", async () => {
    const path = join(folder, "kept.csv");
    writeFileSync(path, "old");
    const here = world();
    const job = await open(here);
    await job.plan([{ params: { domain: "a.example" }, data: ["a"] }], { meta: { columns: ["domain"] } });
    let reads = 0;
    const broken = {
      ...job,
      meta: job.meta,
      async *results() {
        if (++reads === 2) {
          throw new Error("the disk is gone");
        }
        yield* job.results();
      },
    } as typeof job;
    await expect(writeResults(broken, path)).rejects.toThrow("the disk is gone");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
