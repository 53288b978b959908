import { Databar } from "databar-client";

const databar = new Databar();

const table = await databar.tables.create({ name: "Leads", columns: ["email", "company"] });

async function* leads() {
  for (let n = 0; n < 120; n++) {
    yield { fields: { email: `user${n}@example.com`, company: "Northwind" } };
  }
}

const results = await databar.tables.rows.insertMany(table.identifier, leads(), {
  options: { dedupe: { enabled: true, keys: ["email"] } },
});
const duplicates = results.filter(({ action }) => action === "skipped_duplicate");
console.log(results.length - duplicates.length, "inserted,", duplicates.length, "duplicates");
