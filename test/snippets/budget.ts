import { Databar } from "databar-client";

const databar = new Databar();

const budget = 150; // credits
const domains = Array.from({ length: 250 }, (_, n) => `company${n}.example`);

const { price } = await databar.enrichments.get(833); // for one input
let spent = 0;
for (let start = 0; start < domains.length; start += 50) {
  const params = domains.slice(start, start + 50).map((domain) => ({ domain }));
  if (spent + price * params.length > budget) {
    console.log("stopped before input", start);
    break;
  }
  const task = await databar.enrichments.bulkRunAndWait(833, { params }, { timeoutMs: 1_800_000 });
  spent += task.credits_spent;
}
console.log(spent <= budget ? "within the budget" : "over the budget");
