/** The documentation site: which pages it has, and the check of its links. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readLinks } from "../../scripts/checks/site/links.js";
import { pages, writePages } from "../../scripts/docs/pages.js";
import { operations } from "../../src/generated/operations.gen.js";

const folder = mkdtempSync(join(tmpdir(), "databar-site-"));
afterAll(() => rmSync(folder, { recursive: true }));

function site(name: string, files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
}

describe("the check of the site's links", () => {
  const found = readLinks(
    site("links", {
      "index.html": '<a href="guides/a.html#top">A</a> <script src="main.js">"<a href=\\"no.html\\">"</script>',
      "main.js": "",
      "guides/a.html":
        '<h1 id="top">A</h1> <a href="../index.html">home</a> <a href="#there">no</a> <a href="gone.html">no</a>' +
        '<a class="next" href="b.html">B</a> <a href="https://example.com/">elsewhere</a> <a href="../guides">folder</a>',
      "guides/b.html": '<script src="https://cdn.example.com/x.js"></script> <img src="data:image/png;base64,">',
      "lonely.html": '<link rel="stylesheet" href="//fonts.example.com/x.css">',
      "style.css": "a { background: url(https://example.com/a.png) } b { background: url(data:x) }",
    }),
  );

  test("reports links without a file, without an anchor, and to a folder", () => {
    expect(found.broken.sort()).toEqual([
      "guides/a.html -> #there",
      "guides/a.html -> ../guides",
      "guides/a.html -> gone.html",
    ]);
  });

  test("reports what is loaded from another host, and lets links to other sites pass", () => {
    expect(found.foreign.sort()).toEqual([
      "guides/b.html -> https://cdn.example.com/x.js",
      "lonely.html -> //fonts.example.com/x.css",
      "style.css -> https://example.com/a.png",
    ]);
  });

  test("counts the clicks from the front page", () => {
    expect(found.clicks.get("guides/b.html")).toBe(2);
    expect(found.clicks.has("lonely.html")).toBe(false);
  });
});

describe("the site", () => {
  const all = pages();

  test("has a page for every guide, every example and every operation of the contract", () => {
    const paths = all.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(["docs/observability.md", "SECURITY.md", "examples/enrich-csv.md"]));
    const contract = all
      .filter(({ path }) => path.startsWith("contract/"))
      .map(({ text }) => text)
      .join("\n");
    expect(Object.keys(operations).filter((name) => !contract.includes(`\n## ${name}\n`))).toEqual([]);
    expect(Object.values(operations).filter(({ method, path }) => !contract.includes(`\`${method} ${path}\``))).toEqual(
      [],
    );
  });

  test("links to its own pages, and to classes instead of source files", () => {
    const sources = join(folder, "sources");
    writePages(sources);
    const text = (path: string) => readFileSync(join(sources, path), "utf8");
    expect(text("README.md")).toContain("[Runtimes](docs/runtimes.md)");
    expect(text("docs/observability.md")).toContain("[logging-pino.ts](../examples/logging-pino.md)");
    expect(text("docs/api.md")).toContain('{@link "databar-client".Connectors | connectors}');
    expect(text("docs/api.md")).not.toMatch(/\]\([^)]*\.ts\)/);
  });
});
