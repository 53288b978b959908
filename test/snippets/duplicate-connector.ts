import { Databar } from "databar-client";

const databar = new Databar();

const copy = await databar.connectors.duplicate(42, {
  name: "Scoring API (test)",
  url: "https://test.example.com/score",
});
console.log(copy.id, copy.name);
