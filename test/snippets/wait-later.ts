import { Databar } from "databar-client";

const databar = new Databar();

const { task_id } = await databar.enrichments.bulkRun(833, { params: [{ domain: "stripe.com" }] });
console.log("started", task_id); // save the id: any process can wait for this task, for 24 hours

const task = await databar.tasks.wait<({ employees: number } | null)[]>(task_id, { timeoutMs: 600_000 });
console.log(task.status, task.data?.[0]?.employees);
