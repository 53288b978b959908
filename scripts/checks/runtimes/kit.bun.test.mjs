/** Runs the checks of the testing kit under `bun test`. The environment names the server and the runtime. */
import { afterAll, test } from "bun:test";
import process from "node:process";
import { setupServer } from "msw/node";
import { handlers, kitChecks } from "./kit.ts";

const { REPORT_URL } = process.env;
const mock = setupServer(...handlers());
mock.listen({ onUnhandledRequest: "error" });
const passed = [];
for (const { name, run } of kitChecks(mock)) {
  test(name, async () => {
    await run();
    passed.push({ name });
  });
}
afterAll(async () => {
  mock.close();
  await fetch(REPORT_URL, { method: "POST", body: JSON.stringify(passed) });
});
