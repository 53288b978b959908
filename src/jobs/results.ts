/** The results of a job: one for each row, derived from the ledger, in the order of the input. */
import type { Ledger } from "./ledger.js";
import { rowsOf } from "./plan.js";
import type { InputStatus, JobTarget, ResultRecord, RowRecord } from "./records.js";
import type { JobState } from "./state.js";
import { valuesOf } from "./target.js";

/** The result of one row. */
export interface JobRow {
  /** The index of the row in the input, from 0. */
  index: number;
  /** What the caller passed along with the parameters. */
  data: unknown;
  status: InputStatus | "refused";
  /** What was found; for a waterfall its `result`. `undefined` unless the status is `done`. */
  result: unknown;
  /** Why there is no result. */
  error: string | undefined;
  /** The task that the row was part of. */
  taskId: string | undefined;
}

const BATCH = 500;

/** Yields the rows. Rows with the same parameters have the same result. */
export async function* readResults(
  target: JobTarget,
  ledger: Ledger,
  state: JobState,
): AsyncGenerator<JobRow, void, undefined> {
  let index = 0;
  let batch: RowRecord[] = [];
  const flush = async (): Promise<JobRow[]> => {
    const ended = batch.filter(({ key }) => hasResult(state, key)).map(({ key }) => key);
    const results = await ledger.results([...new Set(ended)]);
    const rows = batch.map((row) => toRow(target, state, row, results.get(row.key), index++));
    batch = [];
    return rows;
  };
  for await (const row of rowsOf(ledger, state.generation)) {
    batch.push(row);
    if (batch.length === BATCH) {
      yield* await flush();
    }
  }
  yield* await flush();
}

function hasResult({ entries }: JobState, key: string): boolean {
  return ["done", "empty", "failed", "lost"].includes(entries.get(key)?.status ?? "");
}

function toRow(
  target: JobTarget,
  { entries }: JobState,
  { key, data, refused }: RowRecord,
  recorded: ResultRecord | undefined,
  index: number,
): JobRow {
  const entry = entries.get(key);
  if (refused !== undefined || !entry) {
    return { index, data, status: "refused", result: undefined, error: refused, taskId: undefined };
  }
  const { status, chunk } = entry;
  const error = recorded?.error ?? (status === "in_doubt" ? chunk?.reason : undefined);
  const result = status === "done" ? valuesOf(target, recorded?.data) : undefined;
  return { index, data, status, result, error, taskId: status === "pending" ? undefined : chunk?.taskId };
}
