import { Databar } from "databar-client";

const databar = new Databar();

const inputs = [{ domain: "stripe.com" }, { domain: "figma.com" }, { name: "Ada" }];

const { rows, credits, reason, missing } = await databar.enrichments.estimate(833, inputs);
const { balance } = await databar.user.me();
console.log(rows, "inputs cost up to", credits === "unknown" ? reason : credits.max, "of", balance, "credits");
for (const { row, parameter } of missing) console.log(`input ${row} has no ${parameter}`);
