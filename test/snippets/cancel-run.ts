import { Databar, TaskTimeoutError } from "databar-client";

const databar = new Databar();

try {
  await databar.waterfalls.runAndWait("email_getter", { params: { company: "example.com" } }, { timeoutMs: 0 });
} catch (error) {
  if (!(error instanceof TaskTimeoutError)) throw error;
  const task = await databar.tasks.cancel(error.taskId);
  console.log(task.status, task.credits_spent, "credits spent");
}
