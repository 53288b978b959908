import { Databar } from "databar-client";
import { traceTask, traceTo } from "databar-client/otel";

const databar = new Databar({ hooks: traceTo() });

const task = await traceTask("enrichments.runAndWait", (observers) =>
  databar.enrichments.runAndWait(833, { params: { domain: "stripe.com" } }, { ...observers, timeoutMs: 60_000 }),
);
console.log(task.status, task.credits_spent, "credits");
