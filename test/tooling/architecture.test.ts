/**
 * Imports point one way: generated <- errors <- http <- workflows <- resources <- client <- index; testing stands on generated
 * alone, without Node but for its server; jobs stand on the client, the command line stands on top of all.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** What a file of `src` imports: its own modules as paths from `src`, others by name. */
function imports(file: string): string[] {
  const text = readFileSync(join("src", file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"\n]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? join(dirname(file), name) : name,
  );
}

/** What may be imported from where: the first row whose start fits the file counts. */
const rules: [files: string, mayImport: RegExp][] = [
  ["generated/", /^generated\//],
  ["errors/", /^(generated|errors)\//],
  ["http/", /^(generated|errors|http)\/|^(options|validate)\.js$|^openapi-fetch$/],
  ["options.ts", /^(generated|errors)\/|^http\/(hooks|runtime)\.js$|^validate\.js$/],
  ["validate.ts", /^errors\//],
  ["workflows/", /^(generated|errors|http|workflows)\/|^(options|validate)\.js$/],
  ["resources/", /^(generated|errors|http|workflows|resources)\/|^(options|validate)\.js$/],
  // The replay server runs where msw is not installed, the handlers in a browser.
  ["testing/http-server.ts", /^(generated|testing)\/|^node:/],
  ["testing/server.ts", /^testing\//],
  ["testing/simulator/simulate.ts", /^(generated|testing)\/|^msw$/],
  ["testing/simulator/", /^(generated|testing)\//],
  ["testing/mock-command.ts", /^testing\/|^node:/],
  ["testing/cors.ts", /^testing\/|^node:http$/],
  ["testing/", /^(generated|testing)\/|^msw$/],
  [
    "jobs/",
    /^(errors|generated|http|workflows|resources|jobs)\/|^(index|options|validate)\.js$|^node:|^csv-(parse|stringify)$/,
  ],
  ["client.ts", /^(generated|http|resources)\/|^options\.js$|^openapi-fetch$/],
  ["cli.ts", /^cli\/main\.js$/],
  ["cli/enrich", /^(cli|jobs)\/|^index\.js$|^node:/],
  ["cli/", /^(generated|errors|http|cli)\/|^(client|index|options)\.js$|^testing\/mock-command\.js$|^node:/],
  ["index.ts", /^(generated|errors|http|workflows|resources)\/|^(client|options)\.js$/],
];

test.each(files)("src/%s imports only what stands below it", (file) => {
  const [, mayImport] = rules.find(([start]) => file.startsWith(start)) ?? [];
  expect(mayImport, `no rule for src/${relative(".", file)}`).toBeDefined();
  expect(imports(file).filter((name) => !mayImport?.test(name))).toEqual([]);
});

/** The file of a folder that says what the folder is. */
const entries: Readonly<Record<string, string>> = {
  errors: "classes.ts",
  http: "call.ts",
  resources: "resource.ts",
  "resources/tables": "index.ts",
  testing: "index.ts",
  cli: "main.ts",
  jobs: "index.ts",
};

const folders = [...new Set(files.map((file) => dirname(file)))].filter(
  (folder) => folder !== "." && folder !== "generated" && files.filter((file) => dirname(file) === folder).length > 5,
);

test.each(folders)("src/%s starts with what it is and what it may import", (folder) => {
  const entry = entries[folder];
  expect(entry, `name the entry of src/${folder} in this test`).toBeDefined();
  expect(readFileSync(join("src", folder, entry ?? ""), "utf8")).toMatch(/^\/\*\*(?:(?!\*\/)[\s\S])*\b[Mm]ay import\b/);
});

test("no file imports itself at second hand", () => {
  const circles = files.filter((file) => loaded(file).has(file.replace(/\.ts$/, ".js")));
  expect(circles).toEqual([]);
});

test("importing the package loads no command line, no jobs, no testing kit and no Node built-in", () => {
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (!loaded.has(name)) {
      loaded.add(name);
      const file = name.replace(/\.js$/, ".ts");
      files.includes(file) && imports(file).forEach(load);
    }
  };
  load("index.js");
  expect([...loaded]).toContain("http/call.js");
  expect([...loaded].filter((name) => /^(cli|jobs|testing)\b|^node:|^msw|^csv-/.test(name))).toEqual([]);
});

test("the rules see imports at all", () => {
  expect(imports("http/call.ts")).toContain("errors/classes.js");
  expect(imports("testing/handlers.ts")).toContain("msw");
  expect(imports("testing/http-server.ts")).toContain("node:http");
});

/** All that a file of `src` loads, at first or second hand. */
function loaded(file: string, seen = new Set<string>()): Set<string> {
  for (const name of imports(file)) {
    if (!seen.has(name)) {
      seen.add(name);
      if (files.includes(name.replace(/\.js$/, ".ts"))) {
        loaded(name.replace(/\.js$/, ".ts"), seen);
      }
    }
  }
  return seen;
}

test.each([
  ["testing/mock-command.ts", /^msw$/, "the replay server needs no msw"],
  ["testing/simulator/start.ts", /^msw$/, "the simulator's server needs no msw"],
  ["testing/simulator/core.ts", /^msw$|^node:/, "the simulator's core needs neither"],
  ["testing/index.ts", /^node:/, "the handlers need no Node"],
  [
    "index.ts",
    /^(jobs\/|testing\/|generated\/(examples|operations|json-schemas))|^msw$|^node:|^csv-/,
    "the client needs neither",
  ],
])("src/%s loads nothing that matches %s: %s", (file, forbidden) => {
  const names = [...loaded(file)];
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => forbidden.test(name))).toEqual([]);
});
