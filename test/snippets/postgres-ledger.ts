import { Databar } from "databar-client";
import { createJob, type JobInput, type Ledger, type LedgerRecord, type ResultRecord } from "databar-client/jobs";

/** A connection of your own, such as a `Client` of pg. It must not be shared: it holds the lock. */
interface Connection {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  end(): Promise<void>;
}

// create table ledger (job text, n bigserial, key text, record jsonb not null, primary key (job, n));
// create index on ledger (job, key, n);

/** A ledger in Postgres. */
export async function openPostgresLedger(connection: Connection, job: string): Promise<Ledger> {
  const { rows } = await connection.query("select pg_try_advisory_lock(hashtextextended($1, 0)) as locked", [job]);
  if (rows[0]?.locked !== true) {
    throw new Error(`Another worker runs the job ${job}`);
  }
  return {
    async *records() {
      for (let last = "0"; ; ) {
        const page = await connection.query(
          "select n, record from ledger where job = $1 and n > $2 order by n limit 1000",
          [job, last],
        );
        for (const { record } of page.rows) {
          yield record as LedgerRecord;
        }
        if (page.rows.length < 1_000) return;
        last = String(page.rows.at(-1)?.n);
      }
    },
    async append(records) {
      // One statement is all or nothing, and in the order of the list.
      await connection.query(
        "insert into ledger (job, key, record) select $1, r ->> 'key', r from jsonb_array_elements($2::jsonb) with ordinality t(r, i) order by i",
        [job, JSON.stringify(records)],
      );
    },
    async results(keys) {
      const found = await connection.query(
        "select distinct on (key) key, record from ledger where job = $1 and key = any($2) and record ->> 'type' = 'result' order by key, n desc",
        [job, keys],
      );
      return new Map(found.rows.map(({ key, record }) => [String(key), record as ResultRecord]));
    },
    close: () => connection.end(),
  };
}

/** The handler of a BullMQ worker, or an activity of Temporal. The engine may run it again at any time. */
export async function enrichLeads(
  id: string,
  connection: Connection,
  inputs: JobInput[],
  signal?: AbortSignal,
): Promise<string> {
  const ledger = await openPostgresLedger(connection, id);
  const job = await createJob({ databar: new Databar(), target: { enrichment: 833 }, ledger });
  try {
    await job.plan(inputs);
    const { reason } = await job.run({ maxCredits: 200, signal });
    if (reason !== "completed") throw new Error(`The job stopped: ${reason}`); // the engine tries again later
    return reason;
  } finally {
    await job.close();
  }
}
