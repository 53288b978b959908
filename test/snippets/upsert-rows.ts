import { BatchError, Databar } from "databar-client";

const databar = new Databar();

const tableId = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const rows = Array.from({ length: 1_000 }, (_, n) => ({
  key: { email: `user${n}@example.com` },
  fields: { plan: "Pro" },
}));

try {
  const results = await databar.tables.rows.upsertMany(tableId, rows); // 20 requests of 50 rows
  const refused = results.filter((result) => result.error);
  console.log(results.length, "rows,", refused.length, "refused");
} catch (error) {
  if (!(error instanceof BatchError)) throw error;
  console.log(error.results.length, "rows have a result; continue at row", error.nextIndex);
}
