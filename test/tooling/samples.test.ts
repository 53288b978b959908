/** The README's samples are run as they stand. Vitest's own is a test like any other: `vitest.config.ts` includes it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("the sample for node:test passes", async () => {
  const args = ["--import", "tsx", "--test", "--test-reporter=tap", "test/samples/node-test.sample.js"];
  // Its paths lead the package's name to the source.
  const env = { PATH: process.env.PATH, TSX_TSCONFIG_PATH: "test/samples/tsconfig.json" };
  const { stdout } = await run(process.execPath, args, { env });
  // A file without tests counts as a test, too, by its own name.
  expect(stdout).toMatch(/^ok 1 - a run that takes a while$/m);
  expect(stdout).toMatch(/^# pass 1$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});
