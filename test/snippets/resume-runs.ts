import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { Databar } from "databar-client";

const databar = new Databar();

interface Run {
  taskId: string;
  domains: string[];
}

const domains = ["stripe.com", "figma.com", "notion.so"];

const file = process.env.RUNS_FILE ?? "runs.jsonl"; // a line for each accepted run
const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
const runs = lines.map((line): Run => JSON.parse(line));

const paid = new Set(runs.flatMap((run) => run.domains));
const rest = domains.filter((domain) => !paid.has(domain));
if (rest.length > 0) {
  const params = rest.map((domain) => ({ domain }));
  const { task_id } = await databar.enrichments.bulkRun(833, { params }, { timeoutMs: 120_000 });
  const run = { taskId: task_id, domains: rest };
  appendFileSync(file, `${JSON.stringify(run)}\n`);
  runs.push(run);
}

const ended = await databar.tasks.waitAll<({ email: string } | null)[]>(runs.map(({ taskId }) => taskId));
for (const [index, { task, error }] of ended.entries()) {
  for (const [position, domain] of (runs[index]?.domains ?? []).entries()) {
    console.log(domain, error?.message ?? task?.data?.[position]?.email ?? "no result");
  }
}
