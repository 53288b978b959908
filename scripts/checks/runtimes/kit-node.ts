/** Runs the checks of the testing kit in plain Node. Arguments: the server's URL, the runtime's name. */
import process from "node:process";
import { setupServer } from "msw/node";
import { type Outcome, runCheck } from "./check.js";
import { handlers, kitChecks } from "./kit.js";

const [server = "", runtime = ""] = process.argv.slice(2);
const mock = setupServer(...handlers());
mock.listen({ onUnhandledRequest: "error" });
const outcomes: Outcome[] = [];
for (const check of kitChecks(mock)) {
  outcomes.push(await runCheck(check));
}
mock.close();
await fetch(`${server}/report/${runtime}-kit`, { method: "POST", body: JSON.stringify(outcomes) });
