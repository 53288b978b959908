import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonical } from "../../scripts/contract/compare/canonical.js";
import { asMarkdown, asText, type Comparison, proposedVersion } from "../../scripts/contract/compare/report.js";
import { readSource } from "../../scripts/contract/compare/source.js";
import { isSubset } from "../../scripts/contract/compare/subset.js";
import { main } from "../../scripts/contract/compare.js";
import { replaced, scratchFolder } from "../support/contract-folder.js";
import { NULLABLE_RATE, published, STRING_RATE } from "../support/published.js";
import { runScript } from "../support/run-script.js";

/** Two files: the published document, and one in which `rate_limit` is a string. */
function publishedAndChanged(): [string, string] {
  const folder = scratchFolder();
  const files: [string, string] = [join(folder, "old.yaml"), join(folder, "new.yaml")];
  writeFileSync(files[0], published);
  writeFileSync(files[1], replaced(published, NULLABLE_RATE, STRING_RATE));
  return files;
}

async function run(args: string[]): Promise<{ code: number; stdout: string }> {
  let stdout = "";
  const code = await main(args, (text) => {
    stdout += `${text}\n`;
  });
  return { code, stdout };
}

describe("contract:compare as a command", { timeout: 30_000 }, () => {
  it("finds no difference between a contract and itself", async () => {
    const [old] = publishedAndChanged();
    const { code, stdout } = await run([old, old, "--fail-on", "patch"]);
    expect(stdout).toMatch(/^wire: none, compile: none; verdict: none; proposed version: \d+\.\d+\.\d+\n$/);
    expect(code).toBe(0);
  });

  it("prints JSON with both verdicts and every change, and fails at the requested level", async () => {
    const [old, now] = publishedAndChanged();
    const { code, stdout } = await run([old, now, "--format", "json", "--fail-on", "major"]);
    const { changes, ...verdicts } = JSON.parse(stdout) as Comparison;
    expect(verdicts).toEqual({
      wire: "major",
      compile: "major",
      verdict: "major",
      proposedVersion: expect.any(String),
    });
    expect(changes).toEqual([
      {
        level: "major",
        kind: "wire",
        operation: "GET /v1/connectors/",
        where: "200 application/json [].rate_limit",
        message: expect.stringContaining("from 'integer | null' to 'string'"),
        counterexample: [expect.objectContaining({ rate_limit: expect.any(String) })],
      },
      {
        level: "major",
        kind: "compile",
        operation: "GET /v1/connectors/",
        where: "Connector.rate_limit",
        message: "Connector.rate_limit: number | null -> string",
      },
    ]);
    expect(code).toBe(1);
  });

  it("names the facade's methods of changed operations", async () => {
    const { stdout } = await run(publishedAndChanged());
    expect(stdout).toMatch(/^facade src\/resources\/connectors\.ts:\d+ \(GET \/v1\/connectors\/\)$/m);
  });

  it("exits with 2 for wrong use, and prints the right use", async () => {
    const { code, stderr } = await runScript("compare", ["openapi"]);
    expect(stderr).toContain("npm run contract:compare -- OLD NEW");
    expect(code).toBe(2);
  });
});

describe("contract:compare sources", () => {
  it("reads a revision from git", () => {
    const folder = scratchFolder();
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder });
    git("init", "--quiet");
    mkdirSync(join(folder, "openapi"));
    writeFileSync(join(folder, "openapi/openapi.yaml"), "openapi: 3.1.0\npaths: {}\n");
    git("add", ".");
    git("commit", "--quiet", "--message", "one");
    writeFileSync(join(folder, "openapi/openapi.yaml"), "openapi: 3.1.1\npaths: {}\n");
    expect(readSource("git:HEAD", folder).data.openapi).toBe("3.1.0");
    expect(() => readSource("git:v9", folder)).toThrow(/^git:v9: git cannot show it: fatal: /);
    expect(() => readSource("git:--help", folder)).toThrow("git:--help: expected git:REV");
  });

  it("refuses a document that is not OpenAPI 3", () => {
    const file = join(scratchFolder(), "openapi.yaml");
    writeFileSync(file, "swagger: '2.0'\npaths: {}\n");
    expect(() => readSource(file)).toThrow("not an OpenAPI 3.x document");
    expect(() => readSource("no/such.yaml")).toThrow("no/such.yaml: cannot be read (ENOENT)");
  });
});

describe("contract:compare report", () => {
  const change = {
    level: "major",
    kind: "compile",
    where: "Pet.id",
    message: "Pet.id: number | null -> string",
  } as const;
  const comparison: Comparison = {
    wire: "none",
    compile: "major",
    verdict: "major",
    proposedVersion: "0.2.0",
    changes: [
      { ...change, level: "minor", operation: "GET /a", where: "Pet.b", message: "Pet.b: new (string)" },
      ...["GET /a", "GET /b", "GET /c"].map((operation) => ({ ...change, operation })),
    ],
  };

  it("lists a change of a shared schema once, and the worst changes first", () => {
    expect(asText(comparison)).toBe(
      [
        "major compile  Pet.id: number | null -> string (GET /a, GET /b and 1 more)",
        "minor compile  Pet.b: new (string) (GET /a)",
        "",
        "wire: none, compile: major; verdict: major; proposed version: 0.2.0",
      ].join("\n"),
    );
  });

  it("escapes the contract's text in Markdown", () => {
    const text = asMarkdown(comparison);
    expect(text).toContain(
      "### Contract: major\n\n| wire | compile | proposed version |\n| --- | --- | --- |\n| none | major | 0.2.0 |",
    );
    expect(text).toContain("#### major\n\n- compile: Pet.id: number \\| null -\\> string (GET /a, GET /b and 1 more)");
  });

  it.each([
    ["0.1.0", "major", "0.2.0"],
    ["0.1.0", "minor", "0.1.1"],
    ["0.1.9", "patch", "0.1.10"],
    ["0.1.0", "none", "0.1.0"],
    ["1.2.3", "major", "2.0.0"],
    ["1.2.3", "minor", "1.3.0"],
    ["1.2.3", "patch", "1.2.4"],
  ] as const)("proposes after %s, for %s, %s", (version, verdict, proposed) => {
    expect(proposedVersion(version, verdict)).toBe(proposed);
  });
});

describe("contract:compare proves whether a schema is part of another", () => {
  const person = { type: "object", properties: { name: { type: "string" } }, required: ["name"] };

  it.each([
    [{ type: "integer" }, { type: "number" }, true],
    [{ type: "number" }, { type: "integer" }, false],
    [{ type: "string", enum: ["a"] }, { type: "string", enum: ["a", "b"] }, true],
    [{ type: "string" }, { type: "string", enum: ["a"] }, false],
    [{ type: "string" }, { anyOf: [person, { type: "string" }] }, true],
    [{ anyOf: [person, { type: "string" }] }, { type: "string" }, false],
    [{ type: ["string", "null"] }, { type: ["integer", "null", "string"] }, true],
    [{ type: ["string", "null"] }, { type: "string" }, false],
    [{ type: "array", items: { type: "integer" } }, { type: "array", items: { type: "number" } }, true],
    [{ type: "array" }, { type: "array", items: { type: "number" } }, false],
    [person, { ...person, required: [] }, true],
    [{ ...person, required: [] }, person, false],
    [person, { type: "object", properties: {} }, true],
    [person, { type: "object", properties: {}, additionalProperties: false }, false],
    [{ type: "string" }, { type: "string", maxLength: 5 }, false],
    [{ type: "string", maxLength: 5 }, { type: "string" }, true],
    [{ type: "string" }, {}, true],
    [{}, { type: "string" }, false],
  ])("%j in %j: %s", (inner, outer, expected) => {
    expect(isSubset(inner, outer)).toBe(expected);
  });
});

describe("contract:compare canonical form", () => {
  const document = (schema: object, openapi = "3.1.0") => ({
    openapi,
    paths: {
      "/a": { get: { responses: { 200: { content: { "application/json": { schema } } } } } },
    },
    components: {
      schemas: { A: { type: "object", properties: { a: { $ref: "#/components/schemas/A" } } }, B: { type: "string" } },
    },
  });
  const form = (schema: object, openapi?: string): unknown => {
    const paths = canonical(JSON.parse(JSON.stringify(document(schema, openapi)))).paths as Record<string, never>;
    return JSON.parse(JSON.stringify(paths))["/a"].get.responses[200].content["application/json"].schema;
  };

  it.each([
    [{ anyOf: [{ type: "string" }, { type: "null" }] }],
    [{ type: ["null", "string"] }],
    [{ oneOf: [{ $ref: "#/components/schemas/B" }, { type: "null" }] }],
    [{ anyOf: [{ anyOf: [{ type: "null" }] }, { type: "string" }] }],
  ])("is the same for %j as for other forms of a nullable string", (schema) => {
    expect(form(schema)).toEqual({ type: ["null", "string"] });
  });

  it("reads OpenAPI 3.0's nullable and exclusive limits", () => {
    expect(form({ type: "string", nullable: true }, "3.0.3")).toEqual({ type: ["null", "string"] });
    expect(form({ type: "string", nullable: true, enum: ["a"] }, "3.0.3")).toEqual({
      type: ["null", "string"],
      enum: ["a", null],
    });
    expect(form({ allOf: [{ $ref: "#/components/schemas/B" }], nullable: true }, "3.0.3")).toEqual({
      type: ["null", "string"],
    });
    expect(form({ type: "number", minimum: 1, exclusiveMinimum: true }, "3.0.3")).toEqual({
      type: "number",
      exclusiveMinimum: 1,
    });
  });

  it("follows references, and stops where a schema contains itself", () => {
    expect(form({ $ref: "#/components/schemas/B" })).toEqual({ type: "string" });
    expect(form({ $ref: "#/components/schemas/A" })).toEqual({
      type: "object",
      properties: { a: { $ref: "#/components/schemas/A" } },
    });
  });
});
