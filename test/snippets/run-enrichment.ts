import { Databar, TaskTimeoutError } from "databar-client";

const databar = new Databar();

interface Person {
  email: string;
}

try {
  const body = { params: { email: "david@databar.ai" } };
  const { data, credits_spent } = await databar.enrichments.runAndWait<Person>(833, body, { timeoutMs: 60_000 });
  console.log(data?.email ?? "no result", "for", credits_spent, "credits");
} catch (error) {
  if (!(error instanceof TaskTimeoutError)) throw error;
  console.log("still running: call databar.tasks.wait with", error.taskId);
}
