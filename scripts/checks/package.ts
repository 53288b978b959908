/**
 * `npm run check:package`: checks that the package to be published is complete, and that it works for its users.
 *
 * Packs it, checks the tarball with publint and arethetypeswrong, installs it into an empty project, and uses it from
 * TypeScript (nodenext, bundler, and node16 as CommonJS), from plain ESM and with `require`. Then it installs the test
 * runners there, runs the samples of the testing kit that the guides show, and uses the client from jest as CommonJS.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../project.js";

const bin = (name: string): string => join(root, "node_modules/.bin", name);

/** What may be in the tarball, and what must be. */
const ALLOWED =
  /^(dist\/.+|src\/.+\.ts|src\/generated\/\w+\.gen\.js|openapi\/(openapi|examples|names)\.yaml|docs\/\w+\.md|(README|SECURITY|CHANGELOG|CONTRIBUTING|AGENTS)\.md|llms\.txt|LICENSE|package\.json)$/;
const REQUIRED = [
  "dist/cli.js",
  "dist/testing/index.js",
  "dist/logging/index.js",
  "dist/otel/index.js",
  "dist/drift/index.js",
  "src/index.ts",
  "dist/index.js",
  "dist/index.d.ts",
  "dist/index.d.ts.map",
  "openapi/openapi.yaml",
  "docs/api.md",
  "docs/reliability.md",
  "AGENTS.md",
  "llms.txt",
  "LICENSE",
];

function run(command: string, args: string[], cwd: string, env = process.env): { stdout: string; stderr: string } {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(" ")} failed:\n${error ?? stdout + stderr}`);
  }
  return { stdout, stderr };
}

/** Source maps must point to sources in the tarball and not repeat their text. Go-to-definition and stack traces need them. */
function checkMaps(files: string[]): void {
  for (const map of files.filter((path) => path.endsWith(".map"))) {
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(root, map), "utf8"));
    // The sources of bundled libraries are not ours to publish.
    const own = (sources as string[]).filter((source) => !source.includes("node_modules/"));
    const lacking = own.filter((source) => !files.includes(join(dirname(map), source)));
    if (sourcesContent || lacking.length > 0) {
      throw new Error(`${map} must point to sources in the tarball, without their text: ${lacking.join(", ")}`);
    }
  }
}

/** How much the CommonJS build may add to an installation. */
const MAX_COMMONJS_BYTES = 60_000;

function checkCommonJs(files: readonly { path: string; size: number }[]): void {
  const sizes = files.filter(({ path }) => /\.c[jt]s$/.test(path)).map(({ size }) => size);
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length === 0 || bytes > MAX_COMMONJS_BYTES) {
    throw new Error(`The CommonJS build has ${bytes} bytes: it must have some, and at most ${MAX_COMMONJS_BYTES}`);
  }
  console.log(`CommonJS: ${(bytes / 1000).toFixed(1)} kB`);
}

function pack(folder: string): string {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const [packed] = JSON.parse(run("npm", args, root).stdout);
  const files = (packed.files as { path: string }[]).map(({ path }) => path);
  const wrong = files.filter((path) => !ALLOWED.test(path));
  const missing = REQUIRED.filter((path) => !files.includes(path));
  if (wrong.length > 0 || missing.length > 0) {
    throw new Error(`The tarball must not hold: ${wrong.join(", ")}; it lacks: ${missing.join(", ")}`);
  }
  checkMaps(files);
  checkCommonJs(packed.files);
  console.log(`packed: ${files.length} files, ${(packed.size / 1024).toFixed(0)} kB`);
  return join(folder, packed.filename);
}

const USE = `
const databar = new Databar({ apiKey: "k", fetch: async () => Response.json([{ id: 1 }]) });
const connectors = await databar.connectors.list();
if (connectors[0]?.id !== 1 || !(new NotFoundError("", {}, {}) instanceof DatabarError)) throw new Error("does not work");
`;
const USE_DRIFT = `
import { Databar } from "databar-client";
import { driftSettled, watchDrift } from "databar-client/drift";
const found = [];
const fetch = async () => Response.json([{ id: "1" }]);
await new Databar({ apiKey: "k", fetch, hooks: watchDrift({ onDrift: (drift) => found.push(drift) }) }).connectors.list();
await driftSettled();
if (!found.some(({ path, found }) => path === "$[].id" && found === "string")) throw new Error("does not work");
`;
const TYPED_DRIFT = `
import { type Drift, watchDrift } from "databar-client/drift";
new Databar({ apiKey: "k", hooks: watchDrift({ onDrift: ({ path }: Drift) => void path.length }) });
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

/** The same from a CommonJS module, whose TypeScript before `module: node20` cannot import an ES module. */
const TYPED_COMMONJS = `${TYPED}
import { type BatchError, DatabarError, isDatabarError, NotFoundError } from "databar-client";
class Own extends DatabarError {}
export const idOf = (error: unknown): string | undefined => {
  if (error instanceof NotFoundError) return error.requestId;
  return isDatabarError(error) ? error.taskId : new Own("x").taskId;
};
export const next = (error: BatchError<{ id: string }>): string | undefined => error.results[error.nextIndex]?.id;
// @ts-expect-error a type, not a value
import { Connectors } from "databar-client"; export const none = new Connectors();
`;
/** In Node, `require` and `import` get one copy. Where there are two, as in jest, errors are known across them. */
const COPIES = `
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import * as esm from "databar-client";
const require = createRequire(import.meta.url);
assert.equal(require("databar-client").Databar, esm.Databar);
const cjs = require("./node_modules/databar-client/dist/index.cjs");
assert.deepEqual(Object.keys(cjs).sort(), Object.keys(esm).sort());
for (const [one, other] of [[esm, cjs], [cjs, esm]]) {
  const databar = new one.Databar({ apiKey: "k", fetch: async () => Response.json({ detail: "no" }, { status: 404 }) });
  const error = await databar.connectors.get(1).catch((reason) => reason);
  assert.equal(error.constructor.name, "NotFoundError");
  assert.ok(error instanceof one.NotFoundError);
  assert.ok(!(error instanceof other.NotFoundError));
  assert.ok(one.isDatabarError(error) && other.isDatabarError(error));
}
`;
const JEST_COMMONJS = `const { Databar, DatabarError, NotFoundError } = require("databar-client");
test("jest as CommonJS", async () => {${USE}});
`;

function install(packages: string[], folder: string): void {
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts", ...packages], folder);
}

function tryIt(folder: string, tarball: string): void {
  mkdirSync(folder);
  const files: Record<string, string> = {
    "package.json": '{ "name": "user", "private": true, "type": "module" }',
    "use.mjs": `import { Databar, DatabarError, NotFoundError } from "databar-client";${USE}`,
    "use.cjs": `const { Databar, DatabarError, NotFoundError } = require("databar-client");\n(async () => {${USE}})();`,
    "drift.mjs": USE_DRIFT,
    "use.ts": TYPED + TYPED_DRIFT,
    "use-commonjs.cts": TYPED_COMMONJS,
    "copies.mjs": COPIES,
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  install([tarball], folder);
  for (const file of ["use.mjs", "use.cjs", "copies.mjs", "drift.mjs"]) {
    run(process.execPath, [file], folder);
    console.log(`node ${file}: works`);
  }
  for (const args of [["--version"], ["--help"], ["connectors", "--help"]]) {
    run(join(folder, "node_modules/.bin/databar-client"), args, folder);
    console.log(`databar-client ${args.join(" ")}: works`);
  }
  for (const [file, module, resolution] of [
    ["use.ts", "nodenext", "nodenext"],
    ["use.ts", "esnext", "bundler"],
    ["use-commonjs.cts", "node16", "node16"],
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
    run(bin("tsc"), [...strict, "--module", module, "--moduleResolution", resolution, file], folder);
    console.log(`tsc --moduleResolution ${resolution} ${file}: compiles`);
  }
}

/** How each runner is called, and the line that says that it ran the sample's one test. */
const RUNNERS = [
  { name: "vitest", command: "node_modules/.bin/vitest", args: ["run"], passed: /^ *Tests +1 passed \(1\)$/m },
  {
    name: "jest",
    command: "node_modules/.bin/jest",
    args: [],
    env: { NODE_OPTIONS: "--experimental-vm-modules" },
    passed: /^Tests: +1 passed, 1 total$/m,
  },
  {
    name: "node-test",
    command: process.execPath,
    args: ["--test", "--test-reporter=tap"],
    // A file without tests counts as a test, too, by its own name.
    passed: /^ok 1 - a run that takes a while$.*^# pass 1\n# fail 0$/ms,
  },
];

/** A test makes sure that the README and the guides show these samples as they are. */
function trySamples(folder: string): void {
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  // Only its sample needs jest, so jest is not a dev dependency.
  install([`msw@${devDependencies.msw}`, `vitest@${devDependencies.vitest}`, "jest@30.5.2"], folder);
  for (const { name, command, args, env, passed } of RUNNERS) {
    const file = `${name}.test.js`;
    copyFileSync(join(root, `test/samples/${name}.sample.js`), join(folder, file));
    // With colours, the patterns would not match.
    const colourless = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: "1", ...env };
    const { stdout, stderr } = run(command, [...args, file], folder, colourless);
    if (!passed.test(stdout + stderr)) {
      throw new Error(`the sample for ${name} did not pass as one test:\n${stdout}${stderr}`);
    }
    console.log(`the sample for ${name}: 1 test passes`);
  }
}

/** jest without a flag: it loads CommonJS only, and does not know the condition `module-sync`. */
function tryJestAsCommonJs(folder: string): void {
  writeFileSync(join(folder, "commonjs.test.cjs"), JEST_COMMONJS);
  const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: "1", NODE_OPTIONS: undefined };
  const { stderr } = run("node_modules/.bin/jest", ["commonjs.test.cjs"], folder, env);
  if (!/^Tests: +1 passed, 1 total$/m.test(stderr)) {
    throw new Error(`jest as CommonJS did not pass:\n${stderr}`);
  }
  console.log("jest as CommonJS: 1 test passes");
}

const folder = mkdtempSync(join(tmpdir(), "databar-package-"));
try {
  const tarball = pack(folder);
  console.log(run(bin("publint"), ["run", tarball, "--strict"], root).stdout.trim());
  // ES modules only: the testing kit because jest cannot require msw itself, drift because Node can require it as it is.
  run(
    bin("attw"),
    [tarball, "--profile", "node16", "--exclude-entrypoints", "testing", "drift", "jobs", "logging", "otel"],
    root,
  );
  run(bin("attw"), [tarball, "--profile", "esm-only", "--entrypoints", "testing"], root);
  console.log("arethetypeswrong: no problems");
  const project = join(folder, "project");
  tryIt(project, tarball);
  trySamples(project);
  tryJestAsCommonJs(project);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
