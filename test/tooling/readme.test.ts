/** The code in the README and the guides is tested code, and their links lead somewhere. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { operations } from "../../src/generated/operations.gen.js";
import { createHandlers, simulate } from "../../src/testing/index.js";
import { codeBlocks, documentFiles } from "../support/documents.js";
import { type Routes, snippets } from "../support/snippets.js";

const SNIPPETS = "test/snippets";
const SAMPLES = "test/samples";
const documents = documentFiles();
const blocks = documents.flatMap((file) => codeBlocks(file).map((block) => ({ file, ...block })));

const server = setupServer();
let printed: string[];
/** Where a snippet may write. */
const folder = mkdtempSync(join(tmpdir(), "databar-snippets-"));

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  vi.stubEnv("DATABAR_API_KEY", "test-key-5f2d");
  vi.stubEnv("RUNS_FILE", join(folder, "runs.jsonl"));
  shortenPauses();
  printed = [];
  vi.spyOn(console, "log").mockImplementation((...words) => printed.push(words.join(" ")));
  vi.resetModules();
});
afterEach(() => server.resetHandlers());
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Delays of retries and pauses between polls take no time. The time limits of attempts stay as they are. */
function shortenPauses(): void {
  const { setTimeout } = globalThis;
  vi.spyOn(globalThis, "setTimeout").mockImplementation(
    Object.assign((callback: () => void, ms = 0) => setTimeout(callback, ms <= 10_000 ? Math.min(ms, 5) : ms), {
      __promisify__: setTimeout.__promisify__,
    }),
  );
}

function answer(routes: Routes): void {
  let calls = 0;
  server.use(
    http.all("*", async ({ request }) => {
      const asked = `${request.method} ${new URL(request.url).pathname}`;
      const route = routes.find(([start]) => asked.startsWith(start));
      if (!route) {
        throw new Error(`${asked} is not expected`);
      }
      const result = await route[1](request, ++calls);
      return result instanceof Response ? result : HttpResponse.json(result as object);
    }),
  );
}

function filesIn(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter((name) => /\.[jt]s$/.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

describe.each([
  { language: "ts", folder: SNIPPETS },
  { language: "js", folder: SAMPLES },
])("README and guides: $language blocks", ({ language, folder }) => {
  const files = filesIn(folder);
  const shown = blocks.filter(({ info }) => info === language);

  test(`are files of ${folder}, word for word`, () => {
    const texts = [...files.values()];
    const unknown = shown.filter(({ code }) => !texts.includes(code));
    expect(unknown.map(({ file, code }) => `${file}: ${code.slice(0, 200)}`)).toEqual([]);
  });

  test(`show every file of ${folder}`, () => {
    const codes = shown.map(({ code }) => code);
    expect([...files].filter(([, text]) => !codes.includes(text)).map(([name]) => name)).toEqual([]);
  });
});

test("README and guides: every code block names a language that a test knows, so that no code goes unchecked", () => {
  const known = /^(ts|js|sh|json|yaml|html|text)?$/;
  expect(blocks.filter(({ info }) => !known.test(info)).map(({ file, info }) => `${file}: ${info}`)).toEqual([]);
});

describe("README and guides: the snippet", () => {
  const names = [...filesIn(SNIPPETS).keys()].map((name) => name.replace(/\.ts$/, ""));
  const toRun = names.filter((name) => !(snippets[name] && "notRunHere" in snippets[name]));

  test.each(toRun)("%s does what the guide says", async (name) => {
    const expected = snippets[name];
    if (expected && "prints" in expected) {
      "routes" in expected ? answer(expected.routes) : server.use(...simulate(expected.workspace).handlers);
      await import(`../snippets/${name}.ts`);
      expect(printed).toEqual(expected.prints);
    } else {
      server.use(...createHandlers());
      await import(`../snippets/${name}.ts`);
    }
  });

  test("resume-runs pays for each input once, however often it runs", async () => {
    vi.stubEnv("RUNS_FILE", join(folder, "resumed.jsonl"));
    const workspace = simulate({ taskMs: 0 });
    server.use(...workspace.handlers);
    for (let run = 0; run < 3; run++) {
      vi.resetModules();
      await import("../snippets/resume-runs.js");
    }
    expect([...workspace.submitted.values()]).toEqual([1, 1, 1]);
  });

  test("that is gone has no entry in the table of expected outputs", () => {
    expect(Object.keys(snippets).filter((name) => !names.includes(name))).toEqual([]);
  });
});

test("README: has at most 220 lines", () => {
  expect(readFileSync("README.md", "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(220);
});

test("docs/api.md: the tables of methods name every operation with its request", () => {
  const rows = [...readFileSync("docs/api.md", "utf8").matchAll(/^\| `([\w.]+)` \| .* \| `(\w+) (\S+)` \| .* \|$/gm)];
  expect(rows.map(([, name, method, path]) => `${name} ${method} ${path}`).sort()).toEqual(
    Object.entries(operations)
      .map(([name, { method, path }]) => `${name} ${method} ${path}`)
      .sort(),
  );
});

test.each(documents)("%s: every npm script that it names is in package.json", (file) => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const named = [...readFileSync(file, "utf8").matchAll(/\bnpm run (?:--silent )?([\w:]+)/g)].map(
    ([, name = ""]) => name,
  );
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test("CONTRIBUTING.md: every file and folder that it names exists", () => {
  const text = readFileSync("CONTRIBUTING.md", "utf8");
  const named = [...text.matchAll(/`((?:openapi|src|scripts|test|docs)\/[\w./-]*)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(path))).toEqual([]);
});

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}

function anchorsOf(file: string): string[] {
  const text = readFileSync(file, "utf8").replace(/^```.*\n[\s\S]*?^```$/gm, "");
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

test.each(documents)("%s: every relative link leads to a file, and to a heading of it", (file) => {
  const text = readFileSync(file, "utf8").replace(/^```.*\n[\s\S]*?^```$/gm, "");
  const links = [...text.matchAll(/\]\((?!https?:)([^)\s]*)\)/g)].map(([, link = ""]) => link);
  const broken = links.filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path ? join(dirname(file), path) : file;
    return !existsSync(target) || (anchor && target.endsWith(".md") && !anchorsOf(target).includes(anchor));
  });
  expect(broken).toEqual([]);
});
