/** The README's code: each snippet stands in it as it is here, compiles, and does what it says. */
import { readdirSync, readFileSync } from "node:fs";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { operations } from "../../src/generated/operations.gen.js";

const readme = readFileSync("README.md", "utf8");
const TASK = "5f0d8a4e-2c1b-4f7a-9d36-8e1c7b20a9f4";

const server = setupServer();
const asked: string[] = [];
let printed: string[];

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
beforeEach(() => {
  vi.stubEnv("DATABAR_API_KEY", "test-key-5f2d");
  printed = [];
  vi.spyOn(console, "log").mockImplementation((...words) => printed.push(words.join(" ")));
  vi.resetModules();
});
afterEach(() => {
  server.resetHandlers();
  asked.length = 0;
});
afterAll(() => server.close());

/** Answers by path, in order of the list. */
function answer(...routes: [path: string, body: (request: Request) => unknown][]): void {
  server.use(
    http.all("*", async ({ request }) => {
      const { pathname } = new URL(request.url);
      asked.push(`${request.method} ${pathname}`);
      const [, body] = routes.find(([path]) => pathname.startsWith(path)) ?? [];
      const result = await body?.(request.clone());
      return result instanceof Response ? result : HttpResponse.json(result as object);
    }),
  );
}

const finished = (data: unknown, total = 1) => ({
  task_id: TASK,
  status: "completed",
  credits_spent: 2,
  data,
  progress: { total, completed: 2 },
});

/** What each snippet is answered, and what it then prints. */
const snippets: Record<string, { routes: Parameters<typeof answer>; prints: string[] }> = {
  "list-connectors": {
    routes: [
      ["/v1/connectors/", () => [{ id: 1, name: "Scoring", type: "simple", method: "post", url: "https://a.example" }]],
    ],
    prints: ["1 Scoring post https://a.example"],
  },
  "run-enrichment": {
    routes: [
      ["/v1/enrichments/833/run", () => ({ task_id: TASK, status: "processing" })],
      [`/v1/tasks/${TASK}`, () => finished({ email: "david@databar.ai" })],
    ],
    prints: ["david@databar.ai for 2 credits"],
  },
  "bulk-run": {
    routes: [
      ["/v1/enrichments/833/bulk-run", () => ({ task_id: TASK, status: "processing" })],
      [`/v1/tasks/${TASK}`, () => finished([{ employees: 8500 }, null, { employees: 1600 }], 3)],
    ],
    prints: ["completed 2", "stripe.com 8500", "unknown.example nothing found", "figma.com 1600", "2 of 3"],
  },
  "read-rows": {
    routes: [
      [
        "/v1/table/",
        ({ url }) => {
          const page = Number(new URL(url).searchParams.get("page"));
          return { data: [{ id: `row-${page}`, Company: "OpenAI" }], has_next_page: page < 2, page };
        },
      ],
    ],
    prints: ["row-1 OpenAI", "row-2 OpenAI"],
  },
  "upsert-rows": {
    routes: [
      [
        "/v1/table/",
        async (request) => {
          const { rows } = (await request.json()) as { rows: unknown[] };
          return {
            results: rows.map((_, index) => ({
              index,
              action: "updated",
              ...(index === 7 && { error: { code: "AMBIGUOUS_MATCH" } }),
            })),
          };
        },
      ],
    ],
    prints: ["1000 rows, 20 refused"],
  },
  errors: {
    routes: [
      [
        "/v1/connectors/",
        () =>
          HttpResponse.json(
            { detail: [{ type: "missing", loc: ["header", "x-apikey"], msg: "Field required" }] },
            { status: 422 },
          ),
      ],
    ],
    prints: ["header.x-apikey Field required"],
  },
};

const files = readdirSync("test/snippets").map((file) => file.replace(/\.ts$/, ""));

describe.each(files)("the snippet %s", (name) => {
  test("stands in the README as it is", () => {
    expect(readme).toContain(`\`\`\`ts\n${readFileSync(`test/snippets/${name}.ts`, "utf8")}\`\`\``);
  });

  test("does what it says", async () => {
    const { routes, prints } = snippets[name] ?? { routes: [], prints: ["no expectation is written down"] };
    answer(...routes);
    await import(`../snippets/${name}.ts`);
    expect(printed).toEqual(prints);
  });
});

test.each(["vitest", "node-test", "jest", "browser"])("the sample for %s stands in the README as it is", (name) => {
  expect(readme).toContain(`\`\`\`js\n${readFileSync(`test/samples/${name}.sample.js`, "utf8")}\`\`\``);
});

test("the table of methods names every operation", () => {
  const rows = [...readme.matchAll(/^\| `([\w.]+)` \| `(\w+) (\S+)` \| (.*) \|$/gm)].map(
    ([, name, method, path]) => `${name} ${method} ${path}`,
  );
  expect(rows.sort()).toEqual(
    Object.entries(operations)
      .map(([name, { method, path }]) => `${name} ${method} ${path}`)
      .sort(),
  );
});
