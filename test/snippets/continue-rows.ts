import { BatchError, Databar } from "databar-client";

const databar = new Databar();

const tableId = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const rows = Array.from({ length: 200 }, (_, n) => ({
  key: { email: `user${n}@example.com` },
  fields: { plan: "Pro" },
}));

try {
  await databar.tables.rows.upsertMany(tableId, rows);
} catch (error) {
  if (!(error instanceof BatchError)) throw error;
  for (const { start, end } of error.rows.written) console.log("written:", start, "to", end - 1);
  for (const { start, end } of error.rows.uncertain) console.log("check:", start, "to", end - 1);
  // An upsert can be repeated. After insertMany, look into the table before you send `uncertain` rows again.
  const rest = await databar.tables.rows.upsertMany(tableId, rows.slice(error.nextIndex));
  console.log(rest.length, "more");
}
