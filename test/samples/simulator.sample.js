import { Databar } from "databar-client";
import { inputKey, simulate } from "databar-client/testing";

const workspace = simulate({
  balance: 100,
  rateLimit: 5,
  taskMs: 20,
  result: ({ params }) => (params.domain === "none.example" ? null : { email: `info@${params.domain}` }),
});
const databar = new Databar({ apiKey: "any", fetch: workspace.fetch });

const params = [{ domain: "stripe.com" }, { domain: "none.example" }];
const task = await databar.enrichments.bulkRunAndWait(833, { params }, { pollIntervalMs: 10 });
console.log(task.data); // [{ email: "info@stripe.com" }, null]
console.log(workspace.credits); // { balance: 99, reserved: 0, spent: 1, refunded: 1 }
console.log(workspace.billed.get(inputKey({ target: "enrichments/833", params: params[0] }))); // 1
