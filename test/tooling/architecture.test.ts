/**
 * Imports point one way: generated <- errors <- http <- workflows <- resources <- client <- index; testing stands on generated
 * alone, without Node but for its server; logging and otel are hooks, apart from the client; jobs stand on the client;
 * the command line stands on top of all.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** What a file of `src` imports: own modules as paths relative to `src`, packages by name. */
function imports(file: string): string[] {
  const text = readFileSync(join("src", file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"\n]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? join(dirname(file), name) : name,
  );
}

/** What each file may import. The first row whose prefix matches the file applies. */
const rules: [files: string, mayImport: RegExp][] = [
  ["generated/", /^generated\//],
  ["errors/", /^(generated|errors)\//],
  ["http/", /^(generated|errors|http)\/|^(options|validate|version)\.js$|^openapi-fetch$/],
  ["options.ts", /^(generated|errors)\/|^http\/(hooks|runtime|user-agent)\.js$|^validate\.js$/],
  ["validate.ts", /^errors\//],
  ["version.ts", /^$/],
  ["workflows/", /^(generated|errors|http|workflows)\/|^(options|validate)\.js$/],
  ["resources/", /^(generated|errors|http|workflows|resources)\/|^(options|validate)\.js$/],
  // The replay server runs without msw. The handlers run in a browser.
  ["testing/http-server.ts", /^(generated|testing)\/|^node:/],
  ["testing/server.ts", /^testing\//],
  ["testing/simulator/simulate.ts", /^(generated|testing)\/|^msw$/],
  ["testing/simulator/", /^(generated|testing)\//],
  ["testing/mock-command.ts", /^testing\/|^node:/],
  ["testing/cors.ts", /^testing\/|^node:http$/],
  ["testing/", /^(generated|testing)\/|^msw$/],
  // Separate entry points: hooks for loggers and for OpenTelemetry.
  ["logging/", /^logging\/|^http\/hooks\.js$|^validate\.js$/],
  [
    "otel/",
    /^(generated|otel)\/|^http\/hooks\.js$|^logging\/combine\.js$|^(validate|version)\.js$|^@opentelemetry\/api$/,
  ],
  ["drift/", /^(generated|errors|http|drift)\/|^validate\.js$/],
  [
    "jobs/",
    /^(errors|generated|http|workflows|resources|jobs)\/|^(index|options|validate)\.js$|^node:|^csv-(parse|stringify)$/,
  ],
  ["client.ts", /^(generated|http|resources)\/|^options\.js$|^openapi-fetch$/],
  ["cli.ts", /^cli\/main\.js$/],
  ["cli/enrich", /^(cli|jobs)\/|^(index|options)\.js$|^node:/],
  [
    "cli/",
    /^(generated|errors|cli)\/|^(index|options)\.js$|^(testing\/(mock-command|simulator\/start)|drift\/index|jobs\/table-input|logging\/index)\.js$|^csv-stringify\/sync$|^undici$|^node:/,
  ],
  ["index.ts", /^(generated|errors|http|workflows|resources)\/|^(client|options)\.js$/],
];

test.each(files)("src/%s imports only modules from the layers below", (file) => {
  const [, mayImport] = rules.find(([start]) => file.startsWith(start)) ?? [];
  expect(mayImport, `no rule for src/${relative(".", file)}`).toBeDefined();
  expect(imports(file).filter((name) => !mayImport?.test(name))).toEqual([]);
});

/** The file of each folder that describes the folder. */
const entries: Readonly<Record<string, string>> = {
  errors: "classes.ts",
  http: "call.ts",
  resources: "resource.ts",
  "resources/tables": "index.ts",
  "testing/simulator": "core.ts",
  workflows: "wait.ts",
  testing: "index.ts",
  drift: "index.ts",
  cli: "main.ts",
  jobs: "index.ts",
};

const folders = [...new Set(files.map((file) => dirname(file)))].filter(
  (folder) => folder !== "." && folder !== "generated" && files.filter((file) => dirname(file) === folder).length > 5,
);

test.each(folders)("the entry file of src/%s describes the folder and says what it may import", (folder) => {
  const entry = entries[folder];
  expect(entry, `name the entry of src/${folder} in this test`).toBeDefined();
  expect(readFileSync(join("src", folder, entry ?? ""), "utf8")).toMatch(/^\/\*\*(?:(?!\*\/)[\s\S])*\b[Mm]ay import\b/);
});

test("no file of src imports itself through other files", () => {
  const circles = files.filter((file) => loaded(file).has(file.replace(/\.ts$/, ".js")));
  expect(circles).toEqual([]);
});

test("importing the package loads no command line, no jobs, no testing kit, no logging, no OpenTelemetry and no Node built-in", () => {
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
  expect(
    [...loaded].filter((name) => /^(cli|jobs|testing|logging|otel)\b|^node:|^msw|^@opentelemetry/.test(name)),
  ).toEqual([]);
});

test("the import search finds relative modules, packages and Node built-ins", () => {
  expect(imports("http/call.ts")).toContain("errors/classes.js");
  expect(imports("testing/handlers.ts")).toContain("msw");
  expect(imports("testing/http-server.ts")).toContain("node:http");
});

/** Everything that a file of `src` imports, directly or through other files. */
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
  ["testing/mock-command.ts", /^msw$/, "the replay server runs without msw"],
  ["testing/simulator/start.ts", /^msw$/, "the server of the simulator runs without msw"],
  ["testing/simulator/core.ts", /^msw$|^node:/, "the core of the simulator runs without both"],
  ["testing/index.ts", /^node:/, "the handlers run without Node"],
  ["otel/index.ts", /^(http\/call|client|index|cli|testing)/, "tracing runs without the client"],
  [
    "drift/index.ts",
    /^(testing|resources|client)|^node:|^msw/,
    "drift uses only the core of the client, and runs in a browser",
  ],
  [
    "index.ts",
    /^(jobs\/|testing\/|drift\/|generated\/(examples|operations|json-schemas|validators|known-fields))|^msw$|^node:/,
    "the client runs without them",
  ],
])("src/%s loads no module that matches %s, because %s", (file, forbidden) => {
  const names = [...loaded(file)];
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => forbidden.test(name))).toEqual([]);
});
