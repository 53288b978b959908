/** Reads an input into the ledger, and describes the work before anything is paid. */
import { UsageError } from "../errors/classes.js";
import {
  type CreditRange,
  findMissingParameters,
  type Params,
  type PriceList,
  roundCredits,
} from "../workflows/estimate.js";
import { canonicalJson, digestOf } from "./key.js";
import type { Ledger } from "./ledger.js";
import type { InputStatus, LedgerRecord, RowRecord } from "./records.js";
import type { JobState } from "./state.js";

/** One row of a job's input. */
export interface JobInput {
  /** The parameters of an enrichment or a waterfall, the inputs of a flow. */
  params: Params;
  /** Anything to get back with the result, such as the whole row of a file. Must be writable as JSON. */
  data?: unknown;
}

/** A row that is not run, because a required parameter is missing. */
export interface RefusedRow {
  /** The index of the row, from 0. */
  row: number;
  reason: string;
}

/** What a job is going to do. */
export interface JobPlan {
  /** What runs, such as `enrichments/833`. */
  target: string;
  /** Rows of the input. */
  rows: number;
  /** Distinct inputs among the rows that are not refused. Each is paid once. */
  inputs: number;
  /** Rows that lack a required parameter. They are not run. */
  refused: number;
  /** The first refused rows, at most 20. */
  refusedRows: RefusedRow[];
  /** Inputs to submit: all but those that have a result, are running, or are in doubt. */
  pending: number;
  /** Inputs whose results will be fetched: an earlier run of the job paid for them. */
  running: number;
  /** What the pending inputs cost, at list prices. */
  credits: CreditRange | "unknown";
  /** How `credits` was calculated, or why it is unknown. */
  reason: string;
  /** What the job has spent so far. */
  spent: number;
  /** The credits of the account. */
  balance: number;
}

const BATCH = 500;
const MOST_REFUSED = 20;

/** Turns inputs into row records. A row that lacks a required parameter is refused. */
async function* rowRecords(
  inputs: Iterable<JobInput> | AsyncIterable<JobInput>,
  required: readonly string[],
  keyOfParams: (params: Params) => string,
): AsyncGenerator<RowRecord> {
  const seen = new Set<string>();
  let index = 0;
  for await (const { params, data } of inputs) {
    if (typeof params !== "object" || params === null || Array.isArray(params)) {
      throw new UsageError(`Row ${index}: params must be an object of names and values`);
    }
    const missing = findMissingParameters(required, [params]);
    const refused =
      missing.length > 0
        ? missing.map(({ parameter, problem }) => `required parameter ${parameter} is ${problem}`).join("; ")
        : undefined;
    const key = keyOfParams(params);
    const isFirst = refused === undefined && !seen.has(key);
    isFirst && seen.add(key);
    const digest = digestOf(key, data, refused);
    yield {
      type: "row",
      key,
      digest,
      ...(isFirst && { params }),
      ...(data !== undefined && { data }),
      ...(refused !== undefined && { refused }),
    };
    index++;
  }
}

/**
 * Reads an input into the ledger. Rows that the ledger already has are not written again, so that a resume with the
 * same input costs nothing. A changed input replaces the rows; results are found by their keys.
 */
export async function readInputs(
  inputs: Iterable<JobInput> | AsyncIterable<JobInput>,
  required: readonly string[],
  keyOfParams: (params: Params) => string,
  meta: unknown,
  { state, ledger, append }: { state: JobState; ledger: Ledger; append: (records: LedgerRecord[]) => Promise<void> },
): Promise<void> {
  const known = canonicalJson(meta) === canonicalJson(state.meta) ? state.digests : undefined;
  const { generation } = state;
  let same = known !== undefined;
  let batch: LedgerRecord[] = same ? [] : [{ type: "input" }];
  let index = 0;
  const add = async (record: LedgerRecord): Promise<void> => {
    batch.push(record);
    if (batch.length >= BATCH) {
      await append(batch);
      batch = [];
    }
  };
  const addKnown = async (count: number): Promise<void> => {
    await add({ type: "input" });
    for await (const record of rowsOf(ledger, generation)) {
      if (count-- <= 0) {
        return;
      }
      await add(record);
    }
  };
  for await (const record of rowRecords(inputs, required, keyOfParams)) {
    if (same && known?.[index] !== record.digest) {
      same = false;
      await addKnown(index);
    }
    same || (await add(record));
    index++;
  }
  if (same && index !== known?.length) {
    same = false;
    await addKnown(index);
  }
  if (!same) {
    await append([...batch, { type: "planned", rows: index, ...(meta !== undefined && { meta }) }]);
  }
}

/** Yields the rows of the input that counts, in its order. */
export async function* rowsOf(ledger: Ledger, generation: number): AsyncGenerator<RowRecord> {
  let inputs = 0;
  for await (const record of ledger.records()) {
    inputs += record.type === "input" ? 1 : 0;
    if (inputs === generation && record.type === "row") {
      yield record;
    } else if (inputs > generation || (inputs === generation && record.type === "planned")) {
      return;
    }
  }
}

/** Describes the work that is left. */
export async function describePlan(
  target: string,
  prices: PriceList,
  balance: number,
  state: JobState,
  ledger: Ledger,
  retry: readonly InputStatus[],
): Promise<JobPlan> {
  const pending = state.pending(retry);
  const total: CreditRange = { min: 0, max: 0 };
  let isKnown = true;
  for (const { params = {} } of pending) {
    const cost = prices.cost(params);
    isKnown &&= cost !== undefined;
    total.min = roundCredits(total.min + (cost?.min ?? 0));
    total.max = roundCredits(total.max + (cost?.max ?? 0));
  }
  const refusedRows: RefusedRow[] = [];
  if (state.refused > 0) {
    let row = 0;
    for await (const { refused } of rowsOf(ledger, state.generation)) {
      refused !== undefined && refusedRows.push({ row, reason: refused });
      if (refusedRows.length >= Math.min(MOST_REFUSED, state.refused)) {
        break;
      }
      row++;
    }
  }
  return {
    target,
    rows: state.digests?.length ?? 0,
    inputs: Object.values(state.inputs).reduce((sum, count) => sum + count, 0),
    refused: state.refused,
    refusedRows,
    pending: pending.length,
    running: state.running().reduce((sum, { entries }) => sum + entries.length, 0),
    credits: isKnown ? total : "unknown",
    reason: prices.reason,
    spent: state.credits.spent,
    balance,
  };
}
