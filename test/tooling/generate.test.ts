import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { main, render } from "../../scripts/generate.js";

/** The contract in its smallest form: one operation. */
const FIXTURE = "test/fixtures/contract";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "databar-generate-"));
  cpSync(FIXTURE, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Changes one of the copied files; the text to be replaced must be there. */
function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(join(folder, file), "utf8");
  const edited = text.replace(from, to);
  expect(edited).not.toBe(text);
  writeFileSync(join(folder, file), edited);
}

/** Runs the command: exit code and output. */
async function generate(...args: string[]): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => lines.push(line));
  vi.spyOn(console, "error").mockImplementation((line) => lines.push(line));
  const guide = join(folder, "api.md");
  if (!existsSync(guide)) {
    writeFileSync(guide, "# Title\n<!-- methods: written by npm run generate -->\n<!-- methods: end -->\n");
  }
  const code = await main(["--openapi", folder, "--guide", guide, ...args]);
  vi.restoreAllMocks();
  return { code, output: lines.join("\n") };
}

describe("generate: the rendered files", { timeout: 30_000 }, () => {
  test("are the same each time", async () => {
    expect(await render(FIXTURE)).toEqual(await render(FIXTURE));
  });

  test("are the committed ones", async () => {
    for (const [name, text] of Object.entries(await render("openapi"))) {
      expect(readFileSync(join("src/generated", name), "utf8"), name).toBe(text);
    }
  });

  test("do not depend on the line ends of the contract", async () => {
    edit("openapi.yaml", /\n/g, "\r\n");
    expect(await render(folder)).toEqual(await render(FIXTURE));
  });

  test("require no key of a call, and leave a property with a default optional", async () => {
    const { "schema.gen.ts": types } = await render(FIXTURE);
    expect(types).not.toContain("x-apikey");
    expect(types).toContain("headers?: components");
  });

  test("name an operation that has no name by its operationId", async () => {
    edit("names.yaml", "GET /v1/connectors/: connectors.list", "{}");
    const { "operations.gen.ts": operations } = await render(folder);
    expect(operations).toContain('"list_connectors_v1_connectors__get": {\n    id:');
  });
});

const broken: [name: string, file: string, from: string | RegExp, to: string, message: RegExp][] = [
  [
    "an example with a wrong type",
    "openapi.yaml",
    "- id: 1\n",
    "- id: one\n",
    /openapi\.yaml:\d+:\d+: GET \/v1\/connectors\/ -> 200 application\/json, example "example" does not fit its schema: 0\.id must be integer/,
  ],
  [
    "an example with a field that the schema does not name",
    "openapi.yaml",
    "name: My Scoring API",
    "nmae: My Scoring API",
    /openapi\.yaml:\d+:\d+: GET \/v1\/connectors\/ -> 200 .* must (have required property 'name'|NOT have additional properties)/,
  ],
  [
    "a synthesised example that does not fit",
    "examples.yaml",
    "msg: Field required",
    "msg: 5",
    /examples\.yaml:\d+:\d+: GET \/v1\/connectors\/ -> 422 .*example "pydantic-2" does not fit its schema: detail\.0\.msg must be string/,
  ],
  [
    "a response without any example",
    "examples.yaml",
    '"422"',
    '"423"',
    /openapi\.yaml:\d+:\d+: GET \/v1\/connectors\/ -> 422 application\/json has no example; add one to openapi\/examples\.yaml/,
  ],
  [
    "an example of an unknown operation",
    "examples.yaml",
    /^ {2}"\*"/m,
    "  GET /v1/connector/",
    /examples\.yaml:\d+:\d+: the contract documents no GET \/v1\/connector\/ -> 422 application\/json/,
  ],
  [
    "a name for an unknown operation",
    "names.yaml",
    "/v1/connectors/",
    "/v1/connectors",
    /names\.yaml:\d+:\d+: the contract has no operation "GET \/v1\/connectors"/,
  ],
  [
    "a malformed name",
    "names.yaml",
    "connectors.list",
    '"connectors list"',
    /names\.yaml:\d+:\d+: "connectors list" is not of the form resource\.method/,
  ],
  ["YAML that cannot be read", "openapi.yaml", "openapi: 3.1.0", "openapi: [3.1.0", /openapi\.yaml: .* at line \d+/],
  [
    "a duplicate key",
    "openapi.yaml",
    "openapi: 3.1.0",
    "openapi: 3.1.0\nopenapi: 3.1.0",
    /openapi\.yaml: Map keys must be unique at line 2/,
  ],
  [
    "a document that is not OpenAPI 3",
    "openapi.yaml",
    "openapi: 3.1.0",
    "swagger: '2.0'",
    /openapi\.yaml.*: not an OpenAPI 3\.x document/,
  ],
  [
    "a reference to nothing",
    "openapi.yaml",
    /schemas\/NameValue'/,
    "schemas/NameValues'",
    /openapi\.yaml:\d+:\d+: Can't resolve \$ref at components > schemas > Connector/,
  ],
  [
    "an operation that is not valid OpenAPI",
    "openapi.yaml",
    "      tags:\n        - Connector",
    "      tags: Connector",
    /openapi\.yaml:\d+:\d+: .*tags/,
  ],
];

test.each(broken)("generate refuses %s and names its place in the file", async (_, file, from, to, message) => {
  edit(file, from, to);
  await expect(render(folder)).rejects.toThrow(message);
});

describe("generate: the command", () => {
  test("writes all files, --check finds them fresh, and notices an edit of one", async () => {
    const out = join(folder, "out");
    expect(await generate("--out", out)).toMatchObject({ code: 0, output: expect.stringContaining("Written:") });
    expect(readdirSync(out).sort()).toEqual(readdirSync("src/generated").sort());
    expect(await generate("--check", "--out", out)).toEqual({ code: 0, output: "Generated files are fresh." });
    expect(readFileSync(join(folder, "api.md"), "utf8")).toContain(
      "| `connectors.list` | List custom API connectors | `GET /v1/connectors/` | page |",
    );
    const edited = `${readFileSync(join(out, "schema.gen.ts"), "utf8")}// edited\n`;
    writeFileSync(join(out, "schema.gen.ts"), edited);
    const { code, output } = await generate("--check", "--out", out);
    expect(code).toBe(1);
    expect(output).toMatch(/^Out of date: .*schema\.gen\.ts\nRun `npm run generate` and commit the result\.$/);
    expect(readFileSync(join(out, "schema.gen.ts"), "utf8")).toBe(edited);
  });

  test("writes nothing if the contract is refused, and prints no stack trace", async () => {
    edit("openapi.yaml", "- id: 1\n", "- id: one\n");
    const out = join(folder, "out");
    const { code, output } = await generate("--out", out);
    expect(code).toBe(1);
    expect(output).toMatch(/^\S+openapi\.yaml:\d+:\d+: .*0\.id must be integer\nNothing was written\.$/);
    expect(existsSync(out)).toBe(false);
  });
});
