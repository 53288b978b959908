import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compileErrors, type Project, type UpdateOptions, update } from "../../scripts/contract/update.js";
import { replaced, scratchFolder } from "../support/contract-folder.js";
import {
  NULLABLE_RATE,
  page,
  published,
  publishedExamples,
  publishedNames,
  STRING_RATE,
} from "../support/published.js";

const stringRate = replaced(page, NULLABLE_RATE, STRING_RATE);
const fittingExample = replaced(stringRate, "rate_limit: 10", "rate_limit: '10'");
const FACADE =
  'class Connectors {\n  list() {\n    return this.call("list", "GET /v1/connectors/", {}, options);\n  }\n}\n';

type Answers = Record<string, { code: number; output: string }>;

/** A project in git with fake programs; `calls` are the commands that ran. */
function project(answers: Answers = {}) {
  const root = scratchFolder();
  for (const folder of ["openapi", "src/resources"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, "package.json"), '{ "version": "0.1.0" }');
  writeFileSync(join(root, "openapi/openapi.yaml"), published);
  writeFileSync(join(root, "openapi/examples.yaml"), publishedExamples);
  writeFileSync(join(root, "openapi/names.yaml"), publishedNames);
  writeFileSync(join(root, "src/resources/connectors.ts"), FACADE);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "one");
  const calls: string[] = [];
  let printed = "";
  const target: Project = {
    root,
    run: async (command, args) => {
      calls.push([command, ...args].join(" "));
      return answers[args[0] ?? ""] ?? { code: 0, output: "" };
    },
    print: (text) => {
      printed += `${text}\n`;
    },
  };
  return {
    calls,
    changesets: () => {
      const folder = join(root, ".changeset");
      return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    },
    run: async (text: string, { name = "page.md", ...options }: UpdateOptions & { name?: string } = {}) => {
      writeFileSync(join(root, name), text);
      const isDone = await update([join(root, name)], target, options);
      return { isDone, printed, contract: readFileSync(join(root, "openapi/openapi.yaml"), "utf8") };
    },
  };
}

describe("contract:update", { timeout: 20_000 }, () => {
  it("runs all steps in order and reports that nothing changed", async () => {
    const { run, calls } = project();
    const { isDone, printed, contract } = await run(page);
    expect(isDone).toBe(true);
    expect(contract).toBe(published);
    expect(printed.match(/^== .*$/gm)).toEqual([
      "== Import",
      "== Lint",
      "== Compare with git:HEAD",
      "== Regenerate",
      "== Type-check",
      "== Contract tests",
      "== Report",
    ]);
    expect(calls).toEqual([
      "npx tsx scripts/generate.ts",
      "npx tsc --noEmit --pretty false",
      "npx vitest run test/contract/contract.test.ts",
    ]);
    expect(printed).toMatch(/verdict: none; proposed version: 0\.1\.0\n$/);
  });

  it("names the places that no longer compile, and stops before the tests", async () => {
    const output = [
      "src/resources/connectors.ts(3,12): error TS2322: Type 'string' is not assignable to type 'number'.",
      "  A second line of the same error.",
      "test/types.test.ts(9,1): error TS2578: Unused '@ts-expect-error' directive.",
      "",
    ].join("\n");
    const { run, calls, changesets } = project({ tsc: { code: 2, output } });
    const { isDone, printed, contract } = await run(fittingExample);
    expect(isDone).toBe(false);
    expect(calls).toHaveLength(2);
    expect(contract).toContain("        rate_limit:\n          type: string\n");
    expect(printed).toContain(
      "Methods and other parts of the client to adapt:\n  src/resources/connectors.ts:3:12: Type 'string' is not assignable to type 'number'.\n    A second line of the same error.\nTests and scripts to adapt:\n  test/types.test.ts:9:1:",
    );
    expect(printed).toContain("wire: major, compile: major; verdict: major; proposed version: 0.2.0");
    expect(printed).toContain("  src/resources/connectors.ts:3 (GET /v1/connectors/)");
    expect(printed).toContain("Next: adapt the places that the type-check names");
    expect(printed).toMatch(/\nWritten: \.changeset\/contract-[0-9a-f]{8}\.md\n$/);
    expect(changesets()).toEqual([
      `---
"databar-client": minor
---

Breaking changes of the API's contract:

- Connector.rate\\_limit: number \\| null -\\> string (GET /v1/connectors/)

Changes of the API's documentation:

- externalDocs: added {"url":"https://docs.databar.ai/api-reference/endpoint/page"} (GET /v1/connectors/)
- x-source: added "documented" (GET /v1/connectors/)
`,
    ]);
  });

  it("refuses a contract whose examples do not fit, names what breaks, and leaves the files as they were", async () => {
    const { run, calls } = project();
    const { isDone, printed, contract } = await run(stringRate);
    expect(isDone).toBe(false);
    expect(contract).toBe(published);
    expect(calls).toEqual([]);
    expect(printed).toMatch(/example "example" does not fit its schema: 0\.rate_limit must be string/);
    expect(printed).toContain("verdict: major");
    expect(printed).toContain("  src/resources/connectors.ts:3 (GET /v1/connectors/)");
    expect(printed).toMatch(/The contract was refused; openapi\/ is as it was\.\n$/);
  });

  it("leaves the files as they were when a page is bad, or when the generator refuses", async () => {
    const bad = project();
    expect(await bad.run("# No block")).toMatchObject({ isDone: false, contract: published });
    expect(bad.calls).toEqual([]);
    const refused = project({ tsx: { code: 1, output: "no" } });
    const result = await refused.run(replaced(page, "version: 0.1.2", "version: 0.1.3"));
    expect(result).toMatchObject({ isDone: false, contract: published });
    expect(result.printed).toContain("The generator refused the contract");
    expect(refused.calls).toHaveLength(1);
  });

  it("fails when the contract tests fail", async () => {
    const { run } = project({ vitest: { code: 1, output: "1 failed" } });
    const { isDone, printed } = await run(replaced(page, "version: 0.1.2", "version: 0.1.3"));
    expect(isDone).toBe(false);
    expect(printed).toContain("1 failed");
    expect(printed).toContain("Next: adapt the rows of test/contract/table.ts that fail");
    expect(printed).toContain("verdict: patch; proposed version: 0.1.1");
  });

  it("replaces the contract by a whole file, and refuses one that is no contract", async () => {
    const { run } = project();
    const whole = replaced(
      published,
      "          title: Error Type\n",
      "          title: Error Type\n        input: {}\n",
    );
    const { isDone, printed, contract } = await run(whole, { name: "new.yaml" });
    expect(parse(contract)).toEqual(parse(whole));
    expect(printed).toContain("minor compile  ValidationError.input: new (unknown) (GET /v1/connectors/)");
    expect(isDone).toBe(true);
    expect(await project().run("a: 1\n", { name: "new.yaml" })).toMatchObject({ isDone: false, contract: published });
  });
});

describe("contract:update reads tsc's output and", () => {
  it("finds the file, the line and the whole message of each error", () => {
    expect(
      compileErrors("src/a.ts(1,2): error TS1: One.\n  more\nsrc/b.ts(30,4): error TS22: Two (2).\nFound 2 errors.\n"),
    ).toEqual(["src/a.ts:1:2: One.\n  more", "src/b.ts:30:4: Two (2)."]);
  });
});
