import type { Databar } from "databar-client";
import { keyOf } from "databar-client/jobs";

/** A pool of pg. */
interface Pool {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

// create table runs (key text primary key, task_id text, result jsonb, ended boolean not null default false);

const target = { enrichment: 833 };
const key = keyOf(target);

/** Step 1: starts the run of one input, once. */
export async function submit(pool: Pool, databar: Databar, params: Record<string, unknown>): Promise<string> {
  const mine = await pool.query("insert into runs (key) values ($1) on conflict do nothing returning key", [
    key(params),
  ]);
  if (mine.rows.length === 1) {
    const { task_id } = await databar.enrichments.run(target.enrichment, { params }, { maxRetries: 0 });
    await pool.query("update runs set task_id = $2 where key = $1", [key(params), task_id]);
  }
  return key(params);
}

/** Step 2: fetches the result, any number of times. */
export async function collect(pool: Pool, databar: Databar, rowKey: string): Promise<unknown> {
  const { rows } = await pool.query("select task_id, result, ended from runs where key = $1", [rowKey]);
  const [run] = rows;
  if (run?.ended) return run.result;
  // Submitted, and its task id is not known: the input may have been paid. A person decides.
  if (typeof run?.task_id !== "string") throw new Error(`${rowKey} is in doubt`);
  const task = await databar.tasks.wait(run.task_id, { timeoutMs: 600_000 });
  await pool.query("update runs set result = $2, ended = true where key = $1", [rowKey, JSON.stringify(task.data)]);
  return task.data;
}
