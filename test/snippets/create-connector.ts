import { Databar } from "databar-client";

const databar = new Databar();

const connector = await databar.connectors.create({
  name: "Scoring API",
  type: "enrichment",
  method: "post",
  url: "https://api.example.com/v1/score",
  headers: [{ name: "Authorization", value: `Bearer ${process.env.SCORING_TOKEN}` }],
  body: [{ name: "domain", value: "" }],
  rate_limit: 100,
});
console.log(connector.id, connector.rate_limit, "requests a minute"); // your plan may lower the limit

const updated = await databar.connectors.update(connector.id, { name: "Scoring API v2" });
console.log(updated.name);
