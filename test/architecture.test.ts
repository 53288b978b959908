/** Imports point one way: generated <- core <- resources <- client <- index; testing stands on generated alone, the command line on top of all. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** What a file of `src` imports: its own modules as paths from `src`, others by name. */
function imports(file: string): string[] {
  const text = readFileSync(join("src", file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"([^"]+)"/g)].map(([, name = ""]) =>
    name.startsWith(".") ? join(dirname(file), name) : name,
  );
}

/** What may be imported from where: the first row whose start fits the file counts. */
const rules: [files: string, mayImport: RegExp][] = [
  ["generated/", /^generated\//],
  ["core/", /^(generated|core)\/|^openapi-fetch$/],
  ["resources/", /^(generated|core|resources)\//],
  ["testing/", /^(generated|testing)\/|^msw$|^node:/],
  ["client.ts", /^(generated|core|resources)\/|^openapi-fetch$/],
  ["cli.ts", /^cli\/main\.js$/],
  ["cli/", /^(generated|core|cli)\/|^(client|index)\.js$|^testing\/mock-command\.js$|^node:/],
  ["index.ts", /^(generated|core|resources)\/|^client\.js$/],
];

test.each(files)("src/%s imports only what stands below it", (file) => {
  const [, mayImport] = rules.find(([start]) => file.startsWith(start)) ?? [];
  expect(mayImport, `no rule for src/${relative(".", file)}`).toBeDefined();
  expect(imports(file).filter((name) => !mayImport?.test(name))).toEqual([]);
});

test("importing the package loads no command line, no testing kit and no Node built-in", () => {
  const loaded = new Set<string>();
  const load = (name: string): void => {
    if (!loaded.has(name)) {
      loaded.add(name);
      const file = name.replace(/\.js$/, ".ts");
      files.includes(file) && imports(file).forEach(load);
    }
  };
  load("index.js");
  expect([...loaded]).toContain("core/core.js");
  expect([...loaded].filter((name) => /^(cli|testing)\b|^node:|^msw/.test(name))).toEqual([]);
});

test("the rules see imports at all", () => {
  expect(imports("core/core.ts")).toContain("core/errors.js");
  expect(imports("testing/handlers.ts")).toContain("msw");
});
