import { Databar } from "databar-client";

const databar = new Databar();

const domains = ["stripe.com", "unknown.example", "figma.com"];
const params = domains.map((domain) => ({ domain }));

const { data, progress } = await databar.enrichments.bulkRunAndWait<{ employees: number }>(
  833,
  { params },
  { onProgress: (task) => console.log(task.status, task.progress?.completed ?? 0) },
);
for (const [index, domain] of domains.entries()) {
  console.log(domain, data?.[index]?.employees ?? "no result"); // data[i] belongs to params[i]
}
console.log(progress?.completed, "of", progress?.total);
