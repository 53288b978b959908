/** Runs the checks of the testing kit under `deno test`, with its checks for leaks. The environment names the server. */
import process from "node:process";
import { setupServer } from "msw/node";
import { handlers, kitChecks } from "./kit.ts";

const { REPORT_URL } = process.env;
const mock = setupServer(...handlers());
mock.listen({ onUnhandledRequest: "error" });
const passed = [];
for (const { name, run } of kitChecks(mock)) {
  Deno.test(name, async () => {
    await run();
    passed.push({ name });
  });
}
Deno.test.afterAll(async () => {
  mock.close();
  await (await fetch(REPORT_URL, { method: "POST", body: JSON.stringify(passed) })).text();
});
