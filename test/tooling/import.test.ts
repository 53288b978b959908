import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { Contract, type JsonObject, YamlFile } from "../../scripts/contract/document.js";
import { normalized } from "../../scripts/contract/import/yaml.js";
import { formatChanges, importPages, mergePages } from "../../scripts/contract/import.js";
import { replaced, scratchContract, scratchFolder } from "../support/contract-folder.js";
import { NULLABLE_RATE, PAGE_FILE, page, published, STRING_RATE } from "../support/published.js";

const seed = normalized(published);
const stringRatePage = replaced(page, NULLABLE_RATE, STRING_RATE);
const summary = "summary: List custom API connectors\n";

interface Options {
  accept?: readonly string[];
  servers?: boolean;
  name?: string;
}

const merge = (stored: string, pages: { name: string; text: string; docs: string }[], options: Options = {}) =>
  mergePages(new YamlFile("openapi.yaml", stored), pages, options);

function imported(stored: string, text: string, { name = "connectors-list", ...options }: Options = {}) {
  const docs = `https://docs.databar.ai/api-reference/endpoint/${name}`;
  return merge(stored, [{ name: `${name}.md`, text, docs }], options);
}

/** The page of another operation, with the same schemas. */
function otherPage(method: string, path: string): string {
  return page
    .replace("yaml GET /v1/connectors/", `yaml ${method.toUpperCase()} ${path}`)
    .replace("  /v1/connectors/:\n    get:", `  ${path}:\n    ${method}:`)
    .replace("operationId: list_connectors_v1_connectors__get", `operationId: ${method}_other`);
}

function operation(text: string, path = "/v1/connectors/", method = "get"): JsonObject {
  return parse(text).paths[path][method];
}

/** A page for each documented operation of a contract, as the documentation site would show it. */
function storedPages(contract: JsonObject): string[] {
  const schemas = (contract.components as { schemas: JsonObject }).schemas;
  return Object.entries(contract.paths as Record<string, Record<string, JsonObject>>).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([, node]) => (node["x-source"] ?? "documented") === "documented")
      .map(([method, { "x-source": _, externalDocs: __, ...node }]) => {
        const used = usedSchemas(node, schemas);
        const fragment = { ...contract, paths: { [path]: { [method]: node } }, components: { schemas: used } };
        const block = stringify(fragment, { aliasDuplicateObjects: false });
        return `# ${String(node.summary)}\n\n\`\`\`\`yaml ${method.toUpperCase()} ${path}\n${block}\`\`\`\`\n`;
      }),
  );
}

function usedSchemas(node: unknown, schemas: JsonObject, found: JsonObject = {}): JsonObject {
  for (const [, name = ""] of JSON.stringify(node).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
    if (!(name in found)) {
      found[name] = schemas[name] ?? null;
      usedSchemas(found[name], schemas, found);
    }
  }
  return found;
}

describe("contract:import on files", { timeout: 30_000 }, () => {
  it("changes nothing when pages of all stored operations are imported over the stored contract", async () => {
    const folder = scratchContract();
    const before = readFileSync(join(folder, "openapi.yaml"), "utf8");
    const pages = storedPages(parse(before));
    expect(pages.length).toBeGreaterThanOrEqual(1);
    mkdirSync(join(folder, "pages"));
    for (const [index, text] of pages.entries()) {
      writeFileSync(join(folder, `pages/${index}.md`), text);
    }
    const changes = await importPages([join(folder, "pages")], { openapi: folder });
    expect(changes.filter(({ change }) => change !== "unchanged")).toEqual([]);
    expect(changes).toHaveLength(pages.length);
    expect(readFileSync(join(folder, "openapi.yaml"), "utf8")).toBe(before);
  });

  it.each(["openapi.yaml", "examples.yaml", "names.yaml"])("finds %s in the form in which it writes", (name) => {
    const text = readFileSync(join("openapi", name), "utf8");
    expect(normalized(text)).toBe(text);
  });

  it("changes nothing when the published page is imported over the published document", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "openapi.yaml"), seed);
    const changes = await importPages([PAGE_FILE], { openapi: folder });
    expect(changes).toEqual([{ what: "GET /v1/connectors/", change: "unchanged", details: [] }]);
    expect(readFileSync(join(folder, "openapi.yaml"), "utf8")).toBe(seed);
  });

  it("reads all pages of a folder and writes a contract that the generator can read", async () => {
    const folder = scratchFolder();
    mkdirSync(join(folder, "pages"));
    writeFileSync(join(folder, "openapi.yaml"), seed);
    for (const file of ["examples.yaml", "names.yaml"]) {
      cpSync(join("openapi", file), join(folder, file));
    }
    writeFileSync(join(folder, "names.yaml"), "GET /v1/connectors/: connectors.list\n");
    writeFileSync(join(folder, "pages/a.md"), otherPage("post", "/v1/connectors/"));
    writeFileSync(join(folder, "pages/b.md"), otherPage("get", "/v1/other"));
    writeFileSync(join(folder, "pages/notes.txt"), "no page");
    await importPages([join(folder, "pages")], { openapi: folder });
    expect(new Contract(folder).operations.map(({ key }) => key)).toEqual([
      "GET /v1/connectors/",
      "POST /v1/connectors/",
      "GET /v1/other",
    ]);
  });

  it("writes nothing with --dry-run and reports what would change", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "openapi.yaml"), seed);
    writeFileSync(join(folder, "page.md"), stringRatePage);
    const changes = await importPages([join(folder, "page.md")], { openapi: folder, dryRun: true });
    expect(readFileSync(join(folder, "openapi.yaml"), "utf8")).toBe(seed);
    expect(formatChanges(changes, true)).toMatch(
      /^replaced {2}schemas\/Connector\n +properties\.rate_limit\.anyOf: removed .*\n +properties\.rate_limit\.type: added "string"\nWould change 1; 1 operation\(s\) unchanged\.$/,
    );
  });

  it("writes nothing when one of several pages is bad, and names every bad page", async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "openapi.yaml"), seed);
    writeFileSync(join(folder, "good.md"), stringRatePage);
    writeFileSync(join(folder, "bad.md"), "# No block");
    writeFileSync(join(folder, "html.md"), "<!DOCTYPE html><html></html>");
    const sources = ["good.md", "bad.md", "html.md"].map((name) => join(folder, name));
    await expect(importPages(sources, { openapi: folder })).rejects.toThrow(
      /bad\.md:1: no OpenAPI block.*\n.*html\.md:1: this is an HTML page/,
    );
    expect(readFileSync(join(folder, "openapi.yaml"), "utf8")).toBe(seed);
  });

  it("names a file or folder that cannot be read", async () => {
    const folder = scratchContract();
    await expect(importPages(["no/such.md"], { openapi: folder })).rejects.toThrow(
      "no/such.md: cannot be read (ENOENT)",
    );
    await expect(importPages([PAGE_FILE], { openapi: scratchFolder() })).rejects.toThrow(
      /openapi\.yaml: cannot be read \(ENOENT\)/,
    );
    await expect(importPages([scratchFolder()], { openapi: folder })).rejects.toThrow("no .md file in this folder");
  });
});

describe("contract:import merges an operation and", () => {
  it("replaces the stored one, marks it as documented and links its page", () => {
    const stored = replaced(seed, summary, "summary: Old words\n      x-source: sdk\n");
    const { text, changes } = imported(stored, page);
    expect(operation(text)).toEqual({
      ...operation(seed),
      "x-source": "documented",
      externalDocs: { url: "https://docs.databar.ai/api-reference/endpoint/connectors-list" },
    });
    expect(changes).toEqual([
      {
        what: "GET /v1/connectors/",
        change: "replaced",
        details: ['summary: "Old words" -> "List custom API connectors"'],
      },
    ]);
  });

  it("marks an equal operation from official clients as documented", () => {
    const stored = replaced(seed, summary, `${summary}      x-source: sdk\n`);
    expect(operation(imported(stored, page).text)["x-source"]).toBe("documented");
  });

  it("is idempotent byte for byte", () => {
    for (const text of [page, stringRatePage, otherPage("post", "/v1/connectors/"), otherPage("get", "/v1/other")]) {
      const once = imported(seed, text).text;
      expect(imported(once, text).text).toBe(once);
    }
  });

  it("restores the stored text when the change is reverted", () => {
    expect(imported(imported(seed, stringRatePage).text, page).text).toBe(seed);
  });

  it("keeps operations that have no page, and other methods of the same path", () => {
    const both = imported(seed, otherPage("post", "/v1/connectors/")).text;
    expect(Object.keys(parse(both).paths["/v1/connectors/"])).toEqual(["get", "post"]);
    expect(operation(both)).toEqual(operation(seed));
    const three = imported(both, otherPage("get", "/v1/other")).text;
    expect(Object.keys(parse(three).paths)).toEqual(["/v1/connectors/", "/v1/other"]);
  });

  it("touches only the lines that differ: comments, order and quotes survive", () => {
    const comment = "      # A comment inside the operation.\n";
    const written = `# On top.\n${seed}`
      .replace("      operationId:", `${comment}      operationId:`)
      .replace("        rate_limit:\n", "        # Per minute.\n        rate_limit: # here\n")
      .replace("servers:\n", "servers: # Only one.\n")
      .replace("      description: Returns all custom", '      x-note: "kept"\n      description: Returns all custom')
      .concat("# At the end.\n");
    const stored = normalized(written);
    const changedPage = replaced(stringRatePage, summary, "summary: New words\n");
    const { text } = imported(stored, changedPage);
    const removed = stored.split("\n").filter((line) => !text.split("\n").includes(line));
    expect(removed).toEqual(["      summary: List custom API connectors"]);
    expect(text).toContain("# Per minute.\n        rate_limit:\n          # here\n          type: string\n");
    expect(text).toContain(comment);
    expect(operation(text)["x-note"]).toBe("kept");
  });

  it("changes one item of a list and keeps the comments of the others", () => {
    const stored = replaced(
      seed,
      "        - name: x-apikey\n",
      "        # The key.\n        - name: x-apikey # said twice\n",
    );
    const text = imported(stored, page.replaceAll("API Key for authentication", "The key")).text;
    expect(text).toContain("        # The key.\n        - name: x-apikey # said twice\n          in: header\n");
    expect(text).not.toContain("API Key for authentication");
    expect(operation(text).parameters).toEqual(
      operation(imported(text, page.replaceAll("API Key for authentication", "The key")).text).parameters,
    );
  });

  it("removes what the page no longer has", () => {
    const shorter = page.replace(/ {8}'422':\n(?: {10}.*\n)+/, "");
    const { text, changes } = imported(seed, shorter);
    expect(Object.keys(operation(text).responses as JsonObject)).toEqual(["200"]);
    expect(Object.keys(parse(text).components.schemas)).toEqual(["Connector", "NameValue"]);
    expect(changes.map(({ what, change }) => `${change} ${what}`)).toEqual([
      "replaced GET /v1/connectors/",
      "removed schemas/HTTPValidationError",
      "removed schemas/ValidationError",
    ]);
  });

  it("takes title, version and servers from the page, and keeps what the page leaves out", () => {
    const stored = replaced(seed, "  version: 0.1.2\n", "  version: 0.1.2\n  license:\n    name: MIT\n");
    const { text } = imported(stored, replaced(page, "version: 0.1.2", "version: 0.2.0"));
    expect(parse(text).info).toMatchObject({ version: "0.2.0", license: { name: "MIT" } });
  });

  it("writes aliases out", () => {
    const aliased = page
      .replace("            title: API Key\n", "            title: &key API Key\n")
      .replace(
        "          description: API Key for authentication\n      resp",
        "          description: *key\n      resp",
      );
    const { text } = imported(seed, aliased);
    expect(text).not.toMatch(/[&*]key/);
    expect(operation(text).parameters).toMatchObject([{ description: "API Key", schema: { title: "API Key" } }]);
  });
});

describe("contract:import merges schemas and", () => {
  const stored = imported(seed, otherPage("post", "/v1/connectors/")).text;
  const newSchema = page
    .replace(
      "          required: true\n          schema:\n            type: string\n",
      "          required: true\n          schema:\n            $ref: '#/components/schemas/Key'\n",
    )
    .replace("            title: API Key\n            description: API Key for authentication\n", "")
    .replace("    NameValue:\n", "    Key:\n      type: string\n    NameValue:\n");

  it("takes a schema that only imported operations use", () => {
    expect(parse(imported(seed, stringRatePage).text).components.schemas.Connector.properties.rate_limit).toMatchObject(
      { type: "string" },
    );
  });

  it("puts a new schema at its place in the alphabet", () => {
    const names = Object.keys(parse(imported(seed, newSchema).text).components.schemas);
    expect(names).toEqual(["Connector", "HTTPValidationError", "Key", "NameValue", "ValidationError"]);
  });

  it("refuses a schema that other operations use too, names both sides and shows the difference", () => {
    expect(() => imported(stored, stringRatePage)).toThrow(
      /^connectors-list\.md:97: components\/schemas\/Connector differs from the one of openapi\.yaml:\d+:\d+, which is used by POST \/v1\/connectors\/:\n {2}properties\.rate_limit\.anyOf: removed .*\n {2}properties\.rate_limit\.type: added "string"\n.*--accept Connector\.$/,
    );
  });

  it("takes a schema whose title and description alone differ from the one that other operations use", () => {
    const text = imported(stored, replaced(page, "title: Rate Limit", "title: Limit per minute")).text;
    expect(parse(text).components.schemas.Connector.properties.rate_limit.title).toBe("Limit per minute");
  });

  it("takes the page's schema with --accept", () => {
    const { text } = imported(stored, stringRatePage, { accept: ["Connector"] });
    expect(parse(text).components.schemas.Connector.properties.rate_limit).toMatchObject({ type: "string" });
  });

  it("takes a schema whose operations are all imported together", () => {
    const pages = [stringRatePage, replaced(otherPage("post", "/v1/connectors/"), NULLABLE_RATE, STRING_RATE)];
    const { text } = merge(
      stored,
      pages.map((source, index) => ({ name: `${index}.md`, text: source, docs: "https://docs.databar.ai/x" })),
    );
    expect(parse(text).components.schemas.Connector.properties.rate_limit).toMatchObject({ type: "string" });
  });

  it("refuses two pages that differ in a schema", () => {
    const pages = [page, replaced(otherPage("get", "/v1/other"), NULLABLE_RATE, STRING_RATE)];
    const both = pages.map((source, index) => ({
      name: `${index}.md`,
      text: source,
      docs: "https://docs.databar.ai/x",
    }));
    expect(() => merge(seed, both)).toThrow(
      /^1\.md:\d+: components\/schemas\/Connector differs from the one of 0\.md:\d+:/,
    );
  });

  it("refuses a reference to a schema that neither side has", () => {
    const dangling = page.replaceAll("#/components/schemas/HTTPValidationError", "#/components/schemas/Nowhere");
    expect(() => imported(seed, dangling)).toThrow(
      "GET /v1/connectors/ uses #/components/schemas/Nowhere, which neither",
    );
  });
});

describe("contract:import finds the block and", () => {
  const fence = "````yaml GET /v1/connectors/";
  const cases: [name: string, text: string, message: string | RegExp][] = [
    ["a page without a block", "# Title\n\nWords.\n", "p.md:1: no OpenAPI block"],
    ["an empty page", "", "p.md:1: no OpenAPI block"],
    ["an HTML page", "\n<!doctype html>\n<html>", "p.md:1: this is an HTML page"],
    [
      "a page cut short",
      page.slice(0, 3000),
      "p.md:13: a block that starts here (````yaml GET /v1/connectors/) is not closed",
    ],
    ["a closing fence that is too short", page.replace(/^````$/m, "```"), "p.md:13: a block that starts here"],
    [
      "Swagger 2",
      page.replace("openapi: 3.1.0", "swagger: '2.0'"),
      "p.md:14: the block is not OpenAPI 3.x: it is version 2.0",
    ],
    [
      "OpenAPI 4",
      page.replace("openapi: 3.1.0", "openapi: 4.0.0"),
      "p.md:14: the block is not OpenAPI 3.x: it is version 4.0.0",
    ],
    ["no version", page.replace("openapi: 3.1.0\n", ""), "p.md:14: the block is not OpenAPI 3.x: it names no version"],
    [
      "the older shape",
      `${fence}\npaths:\n  path: /v1/connectors/\n  method: get\n  request: {}\n\`\`\`\`\n`,
      "p.md:2: the block has the older `paths: path/method` shape (GET /v1/connectors/)",
    ],
    [
      "an operation that the block lacks",
      page.replace("yaml GET /v1/connectors/", "yaml POST /v1/connectors"),
      "p.md:14: the block has no POST /v1/connectors, which its first line names; it has: GET /v1/connectors/",
    ],
    ["a method that no API has", page.replace("yaml GET", "yaml BREW"), "p.md:13: BREW /v1/connectors/: only get, put"],
    [
      "duplicate keys",
      page.replace("        id:\n", "        name:\n          type: string\n        id:\n"),
      "p.md:104: the block is not valid YAML: Map keys must be unique",
    ],
    ["bad YAML", page.replace("security: []", "security: [}"), /^p\.md:4\d: the block is not valid YAML: /],
    ["a list", `${fence}\n- 1\n\`\`\`\`\n`, "p.md:2: the block is not a YAML mapping"],
    [
      "parameters of a whole path",
      page.replace("    get:\n", "    parameters: []\n    get:\n"),
      "/v1/connectors/ has parameters for all its methods",
    ],
    ["two blocks", `${page}\n${page}`, /^p\.md:217: a second OpenAPI block; the first is on line 13/],
    [
      "an alias bomb",
      `${fence}\nopenapi: 3.1.0\na: &a [x, x, x, x, x, x, x, x, x, x]\n${"bcdefgh"
        .split("")
        .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcdefgh"[index]}`).join(", ")}]`)
        .join("\n")}\n\`\`\`\`\n`,
      "p.md:2: the block is refused: Excessive alias count",
    ],
  ];

  it.each(cases)("refuses %s and names the page and line", (_, text, message) => {
    expect(() => imported(seed, text, { name: "p" })).toThrow(message);
  });

  it.each([
    ["CRLF line ends", page.replaceAll("\n", "\r\n")],
    ["a byte order mark", `\uFEFF${page}`],
    ["front matter above the heading", `---\ntitle: List\n---\n\n${page}`],
    ["three backticks", page.replace("````yaml GET", "```yaml GET").replace(/^````$/m, "```")],
    ["five backticks", page.replace("````yaml GET", "`````yaml GET").replace(/^````$/m, "`````")],
    ["a closing fence longer than the opening one", page.replace(/^````$/m, "``````")],
    ["a file name in the info string", page.replace("yaml GET", "yaml openapi.json GET")],
    ["a lower-case method", page.replace("yaml GET", "yaml get")],
    ["another code block before", page.replace("## OpenAPI", "```bash\ncurl\n```\n\n## OpenAPI")],
    ["no line end after the fence", page.trimEnd()],
    ["the block shown inside a longer fence too", `\`\`\`\`\`\n${page.replace("List", "Old")}\n\`\`\`\`\`\n${page}`],
  ])("reads a page with %s", (_, text) => {
    expect(imported(seed, text).text).toBe(seed);
  });

  it("reads descriptions that hold shorter fences", () => {
    const words = "description: |-\n        Words.\n        ```bash\n        curl\n        ```\n        More.\n";
    const text = imported(
      seed,
      replaced(page, "description: Returns all custom API connectors configured in your workspace.\n", words),
    ).text;
    expect(operation(text).description).toBe("Words.\n```bash\ncurl\n```\nMore.");
  });
});
