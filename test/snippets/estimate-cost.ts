import { Databar } from "databar-client";

const databar = new Databar();

const inputs = [{ domain: "stripe.com" }, { domain: "figma.com" }];

const { price, pricing } = await databar.enrichments.get(833);
const { balance } = await databar.user.me();
const cost = price * inputs.length;
if (pricing?.type === "per_parameter") {
  console.log("each price is multiplied by the parameter", pricing.parameter);
} else {
  console.log(`up to ${cost} of ${balance} credits`);
}
