import { Databar } from "databar-client";

const databar = new Databar();

const tableId = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const columns = await databar.tables.columns.list(tableId);
const email = columns.find(({ name }) => name === "email");
if (!email) throw new Error("the table has no column email");

const installed = await databar.tables.enrichments.add(tableId, {
  enrichment: 833,
  mapping: { email: { type: "mapping", value: email.identifier } },
});
const run = await databar.tables.enrichments.run(tableId, installed.id, { run_strategy: "run_empty" });
console.log(run.status, run.processing_rows, "rows");
