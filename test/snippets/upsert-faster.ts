import { Databar } from "databar-client";

const databar = new Databar();

const tableId = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
const emails = Array.from({ length: 400 }, (_, n) => `user${n}@example.com`);
const rows = emails.map((email) => ({ key: { email }, fields: { plan: "Pro" } })); // each key once

const onProgress = (rowsWritten: number) => console.log(rowsWritten, "of", rows.length);
await databar.tables.rows.upsertMany(tableId, rows, {}, { concurrency: 4, onProgress });
