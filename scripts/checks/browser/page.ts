/** Runs all checks in the page and reports them to the server that the page came from. */
import { check, equal, outcomes } from "./check.js";
import { checkClient } from "./client.js";

const parameters = new URLSearchParams(location.search);
for (const type of ["error", "unhandledrejection"] as const) {
  addEventListener(type, (event) => {
    outcomes.push({ name: `no ${type}`, error: "reason" in event ? `${event.reason}` : event.message });
  });
}

await checkClient(parameters.get("api") ?? "", parameters.get("replay") ?? "");
await check("the README's sample", async () => {
  // @ts-expect-error: a script without types
  await import("../../../test/samples/browser.sample.js");
  equal(document.body.textContent, "0 connectors");
});
await import("./kit.js")
  .then(({ checkKit }) => checkKit())
  .catch((error) => outcomes.push({ name: "testing kit", error: `${error}` }));
await fetch("/outcomes", { method: "POST", body: JSON.stringify(outcomes) });
