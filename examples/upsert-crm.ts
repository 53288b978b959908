/**
 * Writes the contacts of a CRM export (CSV with the columns email, name and plan) into a table: changes the rows whose
 * email the table has, and adds the others. Creates the table if there is none of that name.
 *
 * Needs `npm install databar-client csv-parse`. Run it:
 *
 *     DATABAR_API_KEY=... npx tsx examples/upsert-crm.ts contacts.csv --table "CRM contacts"
 *
 * If it stops in the middle, run it again: an upsert does not add a contact twice.
 */
import { createReadStream } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "csv-parse";
import { BatchError, Databar, type UpsertRow } from "databar-client";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { table: { type: "string", default: "CRM contacts" } },
});
const [file] = positionals;
if (!file) {
  throw new Error("Usage: upsert-crm.ts FILE [--table NAME]");
}

/** Reads the file as it is written to the table, so that it may be larger than the memory. */
async function* contacts(path: string): AsyncGenerator<UpsertRow> {
  for await (const { email, name, plan } of createReadStream(path).pipe(parse({ columns: true, bom: true }))) {
    yield { key: { email: email.trim().toLowerCase() }, fields: { name, plan } };
  }
}

const databar = new Databar();
const tables = await databar.tables.list();
const table =
  tables.find(({ name }) => name === flags.table) ??
  (await databar.tables.create({ name: flags.table, columns: ["email", "name", "plan"], rows: 0 }));

try {
  const results = await databar.tables.rows.upsertMany(table.identifier, contacts(file));
  const added = results.filter(({ action }) => action === "created").length;
  console.log(added, "contacts added,", results.filter(({ action }) => action === "updated").length, "changed");
  for (const { index, error } of results.filter((result) => result.error)) {
    console.error(`line ${index + 2}:`, error?.message ?? error?.code);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof BatchError)) throw error;
  console.error(error.message);
  console.error(error.results.length, "contacts have a result. Run the program again to write the others.");
  process.exitCode = 1;
}
