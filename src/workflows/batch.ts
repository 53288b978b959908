/** Sends any number of rows in batches, in order, and loses sight of nothing that was written. */

import { DatabarError, RequestError, UsageError } from "../errors/classes.js";
import { MAX_ROWS } from "../validate.js";

/** A batch failed. What was written before it is in `results`; `cause` is its error. */
export class BatchError<Result = unknown> extends DatabarError {
  override readonly name = "BatchError";
  /** The results of all batches before the one that failed. */
  readonly results: readonly Result[];
  /** The index, in the whole input, of the first row that has no result: go on from here. */
  readonly nextIndex: number;
  /** The failed batch may have been written although no usable answer came: look before sending it again. */
  readonly mayHaveBeenProcessed: boolean;

  constructor(
    message: string,
    results: readonly Result[],
    nextIndex: number,
    mayHaveBeenProcessed: boolean,
    cause: unknown,
  ) {
    super(message, { cause });
    this.results = results;
    this.nextIndex = nextIndex;
    this.mayHaveBeenProcessed = mayHaveBeenProcessed;
  }
}

/** A result with the index of its row in the whole input. */
export type Indexed<Result> = Omit<Result, "index"> & { index: number };

/** Rows to write: a list, or anything that yields them, also over time. */
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>;

/**
 * Sends rows in batches of 50, one after the other.
 *
 * @param rows - Any number; an iterable is read only as fast as its rows are sent.
 * @param send - Sends one batch and gives its results.
 * @returns The results in the order of the rows.
 * @throws BatchError where a batch, or reading the rows, fails.
 */
export async function sendInBatches<Row, Result extends object>(
  rows: Rows<Row>,
  send: (batch: Row[]) => Promise<{ results: Result[] }>,
): Promise<Indexed<Result>[]> {
  if (typeof rows !== "object" || rows === null || !(Symbol.iterator in rows || Symbol.asyncIterator in rows)) {
    throw new UsageError("rows must be a list, or an iterable or async iterable of rows");
  }
  const results: Indexed<Result>[] = [];
  let sent = 0;
  let isAnswered = false;
  try {
    for await (const batch of batches(rows)) {
      const answer = await send(batch);
      isAnswered = true;
      if (!Array.isArray(answer?.results)) {
        throw new DatabarError("the answer has no results");
      }
      for (const [position, result] of answer.results.entries()) {
        results.push({ ...result, index: sent + indexInBatch(result, position) });
      }
      sent += batch.length;
      isAnswered = false;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const mayHaveActed = isAnswered || (cause instanceof RequestError && cause.mayHaveBeenProcessed);
    throw new BatchError(`Rows from index ${sent} on have no result: ${reason}`, results, sent, mayHaveActed, cause);
  }
  return results;
}

/** The server counts from 0 in each batch, and leaves the index out now and then. */
function indexInBatch(result: object, position: number): number {
  return "index" in result && typeof result.index === "number" ? result.index : position;
}

async function* batches<Row>(rows: Rows<Row>): AsyncGenerator<Row[], void, undefined> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === MAX_ROWS) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
