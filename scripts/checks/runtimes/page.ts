/** Runs every check in a page, and reports to the server. */
import { setupWorker } from "msw/browser";
import { equal, type Outcome, runCheck } from "./check.js";
import { conform } from "./conformance.js";
import { handlers, kitChecks } from "./kit.js";

const parameters = new URLSearchParams(location.search);
const server = parameters.get("server") ?? "";
const runtime = parameters.get("runtime") ?? "";
const unexpected: Outcome[] = [];
for (const type of ["error", "unhandledrejection"] as const) {
  addEventListener(type, (event) => {
    unexpected.push({ name: `no ${type}`, error: "reason" in event ? `${event.reason}` : event.message });
  });
}

/** A stopped worker unregisters itself a little later. Until then, MSW updates the old registration, which fails. */
async function unregistered(): Promise<void> {
  for (let round = 0; round < 100 && (await navigator.serviceWorker.getRegistrations()).length > 0; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function kit(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const sample = async () => {
    // @ts-expect-error: a script without types
    await import("../../../test/samples/browser.sample.js");
    equal(document.body.textContent, "0 connectors");
  };
  outcomes.push(await runCheck({ name: "testing kit: the README's sample", run: sample }));
  await unregistered();
  const worker = setupWorker(...handlers());
  const start = () => worker.start({ onUnhandledRequest: "error" });
  outcomes.push(await runCheck({ name: "testing kit: the service worker", run: start }));
  for (const check of kitChecks(worker)) {
    outcomes.push(await runCheck(check));
  }
  worker.stop();
  return outcomes;
}

const report = (name: string, outcomes: Outcome[]) =>
  fetch(`${server}/report/${name}`, { method: "POST", body: JSON.stringify(outcomes) });
const outcomes = await conform(server, runtime);
await report(runtime, [...outcomes, ...unexpected.splice(0)]);
const kitOutcomes = await kit();
await report(`${runtime}-kit`, [...kitOutcomes, ...unexpected]);
