import { Databar, isDatabarError } from "databar-client";

const databar = new Databar();

const params = ["stripe.com", "figma.com"].map((domain) => ({ domain }));
const accepted: string[] = []; // a file or a database in your program

const { price } = await databar.enrichments.get(833);
const { balance } = await databar.user.me();
if (price * params.length > balance) throw new Error(`not enough credits: ${balance}`);

try {
  const { data, credits_spent } = await databar.enrichments.bulkRunAndWait<{ email: string }>(
    833,
    { params },
    { timeoutMs: 1_800_000, onAccepted: (taskId) => accepted.push(taskId) },
  );
  for (const [index, { domain }] of params.entries()) console.log(domain, data?.[index]?.email ?? "no result");
  console.log(credits_spent, "credits,", accepted.length, "run");
} catch (error) {
  if (isDatabarError(error) && error.taskId) console.log("paid for: wait for task", error.taskId);
  throw error;
}
