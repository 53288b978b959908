/**
 * The sample for node:test runs as it is. Vitest's sample is a test like any other (`vitest.config.ts` includes it). Jest's
 * sample runs in `npm run check:package`, the browser's in `npm run check:browser`.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("testing guide: the sample for node:test runs and passes", async () => {
  const args = ["--import", "tsx", "--test", "--test-reporter=tap", "test/samples/node-test.sample.js"];
  // Its paths resolve the package's name to the source.
  const env = { PATH: process.env.PATH, TSX_TSCONFIG_PATH: "test/samples/tsconfig.json" };
  const { stdout } = await run(process.execPath, args, { env });
  // node:test counts a file without tests as a test, under the file's name.
  expect(stdout).toMatch(/^ok 1 - a run that takes a while$/m);
  expect(stdout).toMatch(/^# pass 1$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
