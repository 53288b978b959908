import { Databar } from "databar-client";

const databar = new Databar();

const domains = Array.from({ length: 250 }, (_, n) => `company${n}.example`);

const chunks = new Map<string, string[]>(); // task id -> its inputs
for (let start = 0; start < domains.length; start += 100) {
  const chunk = domains.slice(start, start + 100);
  const params = chunk.map((domain) => ({ domain }));
  const { task_id } = await databar.enrichments.bulkRun(833, { params }, { timeoutMs: 120_000 });
  chunks.set(task_id, chunk);
}

let found = 0;
for await (const { taskId, task, error } of databar.tasks.waitEach<({ email: string } | null)[]>(chunks.keys())) {
  const chunk = chunks.get(taskId) ?? [];
  if (error || task.data?.length !== chunk.length) {
    console.log(taskId, error?.message ?? "the results do not match the inputs");
    continue;
  }
  found += task.data.filter((result) => result !== null).length; // data[i] belongs to chunk[i]
}
console.log(chunks.size, "runs,", found, "emails");
