/**
 * `npm run check:msw`: does the testing kit work with the other major version of MSW that the package allows?
 *
 * `npm test` uses MSW 2. This installs MSW 3 into an empty folder, compiles the kit and its type tests against it, and
 * runs the kit's tests with it. MSW 3 needs Node 22.12: on an older Node the tests run with `npx -p node@24`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../project.js";
import { run } from "../run.js";

const VERSION = "3.0.5";
const TESTS = ["handlers", "reply", "replay-tasks", "simulator-network"].map((name) => `test/testing/${name}.test.ts`);

async function step(title: string, command: string, args: readonly string[], cwd = root): Promise<void> {
  const { code, stdout, stderr } = await run(command, args, { cwd });
  if (code !== 0) {
    throw new Error(`${title} failed:\n${stdout}${stderr}`);
  }
  console.log(`${title}: passed`);
}

const folder = mkdtempSync(join(tmpdir(), "databar-client-msw-"));
try {
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  // MSW 3 is meant for newer Node versions, and its optional peers are not needed.
  const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", `msw@${VERSION}`];
  await step(`npm install msw@${VERSION}`, "npm", install, folder);

  const msw = join(folder, "node_modules/msw/lib");
  const paths = {
    msw: [join(msw, "core/index.d.ts")],
    "msw/node": [join(msw, "node/index.d.ts")],
    "databar-client": [join(root, "src/index.ts")],
    "databar-client/testing": [join(root, "src/testing/index.ts")],
  };
  const types = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: { paths, typeRoots: [join(root, "node_modules/@types")] },
  };
  const files = {
    include: [
      join(root, "src/testing"),
      ...TESTS.map((file) => join(root, file)),
      join(root, "test/testing/types.test.ts"),
    ],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...types, ...files }));
  await step("types", join(root, "node_modules/.bin/tsc"), ["-p", folder]);

  const alias = {
    "msw/node": join(msw, "node/index.js"),
    msw: join(msw, "core/index.js"),
    "databar-client/testing": join(root, "src/testing/index.ts"),
    "databar-client": join(root, "src/index.ts"),
  };
  const config = { root, resolve: { alias }, test: { environment: "node", restoreMocks: true } };
  writeFileSync(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify(config)};`);
  const vitest = [
    join(root, "node_modules/vitest/vitest.mjs"),
    "run",
    "--config",
    join(folder, "vitest.config.mjs"),
    ...TESTS,
  ];
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isNew = major > 22 || (major === 22 && minor >= 12);
  await step("tests", isNew ? process.execPath : "npx", isNew ? vitest : ["-y", "-p", "node@24", "node", ...vitest]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
