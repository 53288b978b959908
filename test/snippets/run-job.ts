import { Databar } from "databar-client";
import { createJob, openFileLedger } from "databar-client/jobs";

const leads = [
  { name: "Ada", website: "stripe.com" },
  { name: "Bo", website: "figma.com" },
];

const job = await createJob({
  databar: new Databar(),
  target: { enrichment: 833 },
  ledger: await openFileLedger("leads.ledger"),
});
try {
  const plan = await job.plan(leads.map((lead) => ({ params: { domain: lead.website }, data: lead })));
  console.log(`${plan.pending} inputs to run, ${plan.balance} credits left`);
  const summary = await job.run({ maxCredits: 200 });
  console.log(summary.reason);
  for await (const { data, status } of job.results()) {
    console.log(data, status);
  }
} finally {
  await job.close();
}
