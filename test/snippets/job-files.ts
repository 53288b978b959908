import { createReadStream } from "node:fs";
import { Databar } from "databar-client";
import { createJob, type JobInput, openFileLedger, readTable, writeResults } from "databar-client/jobs";

const table = await readTable(createReadStream("leads.csv"), "csv");
if (table.format !== "csv") throw new Error("not CSV");
const { columns, rows } = table;

async function* inputs(): AsyncGenerator<JobInput> {
  const domain = columns.indexOf("Website");
  for await (const row of rows) {
    yield { params: { domain: row[domain] }, data: row };
  }
}

const ledger = await openFileLedger("out.csv.ledger");
const job = await createJob({ databar: new Databar(), target: { enrichment: 833 }, ledger });
await job.plan(inputs(), { meta: { columns } }); // the names of the columns come back in the output
await job.run({ maxCredits: 200 });
await writeResults(job, "out.csv");
await job.close();
