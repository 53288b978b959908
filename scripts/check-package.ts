/**
 * `npm run check:package`: is the package that would be published complete, and does it work where users are?
 *
 * Packs it, has publint and arethetypeswrong look at the tarball, installs it into an empty project, and uses it from
 * TypeScript (nodenext and bundler), from plain ESM and by `require`.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = (name: string): string => join(root, "node_modules/.bin", name);

/** What may be in the tarball, and what must be. */
const ALLOWED =
  /^(dist\/.+|src\/.+\.ts|openapi\/(openapi|examples|names)\.yaml|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
const REQUIRED = [
  "dist/cli.js",
  "dist/testing/index.js",
  "src/index.ts",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/index.d.ts.map",
  "openapi/openapi.yaml",
  "LICENSE",
];

function run(command: string, args: string[], cwd: string): string {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  }
}

function pack(folder: string): string {
  const [packed] = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  const files = (packed.files as { path: string }[]).map(({ path }) => path);
  const wrong = files.filter((path) => !ALLOWED.test(path));
  const missing = REQUIRED.filter((path) => !files.includes(path));
  if (wrong.length > 0 || missing.length > 0) {
    throw new Error(`The tarball must not hold: ${wrong.join(", ")}; it lacks: ${missing.join(", ")}`);
  }
  console.log(`packed: ${files.length} files, ${(packed.size / 1024).toFixed(0)} kB`);
  return join(folder, packed.filename);
}

const USE = `
const databar = new Databar({ apiKey: "k", fetch: async () => Response.json([{ id: 1 }]) });
const connectors = await databar.connectors.list();
if (connectors[0]?.id !== 1 || !(new NotFoundError("", {}, {}) instanceof DatabarError)) throw new Error("does not work");
`;
const TYPED = `
import { type Connector, Databar, ValidationError } from "databar-client";
import type { paths } from "databar-client/schema";
const databar = new Databar({ apiKey: "k" });
export const names: Promise<string[]> = databar.connectors.list().then((all: Connector[]) => all.map(({ name }) => name));
export type Route = paths["/v1/connectors/"]["get"];
export const isValidation = (error: unknown): boolean => error instanceof ValidationError && error.issues.length > 0;
// @ts-expect-error a misspelt option
new Databar({ apikey: "k" });
`;

function tryIt(folder: string, tarball: string): void {
  mkdirSync(folder);
  const files: Record<string, string> = {
    "package.json": '{ "name": "user", "private": true, "type": "module" }',
    "use.mjs": `import { Databar, DatabarError, NotFoundError } from "databar-client";${USE}`,
    "use.cjs": `const { Databar, DatabarError, NotFoundError } = require("databar-client");\n(async () => {${USE}})();`,
    "use.ts": TYPED,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", tarball], folder);
  for (const file of ["use.mjs", "use.cjs"]) {
    run(process.execPath, [file], folder);
    console.log(`node ${file}: works`);
  }
  for (const args of [["--version"], ["--help"], ["connectors", "--help"]]) {
    run(join(folder, "node_modules/.bin/databar-client"), args, folder);
    console.log(`databar-client ${args.join(" ")}: works`);
  }
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ] as const) {
    const strict = [
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noEmit",
      "--target",
      "es2022",
      "--lib",
      "es2023,dom",
    ];
    run(bin("tsc"), [...strict, "--module", module, "--moduleResolution", resolution, "use.ts"], folder);
    console.log(`tsc --moduleResolution ${resolution}: compiles`);
  }
}

const folder = mkdtempSync(join(tmpdir(), "databar-package-"));
try {
  const tarball = pack(folder);
  console.log(run(bin("publint"), ["run", tarball, "--strict"], root).trim());
  run(bin("attw"), [tarball, "--profile", "esm-only"], root);
  console.log("arethetypeswrong: no problems");
  tryIt(join(folder, "project"), tarball);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
