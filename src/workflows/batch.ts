/** Writes any number of rows in batches, in order, and keeps track of what was written. */
import { DatabarError, RequestError, UsageError } from "../errors/classes.js";

/** A batch failed. `results` holds what was written before it; `cause` is its error. */
export class BatchError<Result = unknown> extends DatabarError {
  override readonly name = "BatchError";
  /** The results of all batches before the one that failed. */
  readonly results: readonly Result[];
  /** The index, in the whole input, of the first row without a result. Continue from here. */
  readonly nextIndex: number;
  /** The failed batch may have been written although no usable response arrived. Check before you send it again. */
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
 * Sends rows in batches, one after the other.
 *
 * @param rows - Any number. An iterable is read only as fast as its rows are sent.
 * @param batchSize - The number of rows in a batch.
 * @param send - Sends one batch and returns its results.
 * @returns The results in the order of the rows.
 * @throws BatchError if a batch, or reading the rows, fails.
 */
export async function sendInBatches<Row, Result extends object>(
  rows: Rows<Row>,
  batchSize: number,
  send: (batch: Row[]) => Promise<{ results: Result[] }>,
): Promise<Indexed<Result>[]> {
  if (typeof rows !== "object" || rows === null || !(Symbol.iterator in rows || Symbol.asyncIterator in rows)) {
    throw new UsageError("rows must be a list, or an iterable or async iterable of rows");
  }
  const results: Indexed<Result>[] = [];
  let sent = 0;
  let isAnswered = false;
  try {
    for await (const batch of batches(rows, batchSize)) {
      const response = await send(batch);
      isAnswered = true;
      if (!Array.isArray(response?.results)) {
        throw new DatabarError("the response has no results");
      }
      for (const [position, result] of response.results.entries()) {
        results.push({ ...result, index: sent + indexInBatch(result, position) });
      }
      sent += batch.length;
      isAnswered = false;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const mayHaveActed = isAnswered || (cause instanceof RequestError && cause.mayHaveBeenProcessed);
    const written = sent > 0 ? `rows 0-${sent - 1} were written` : "no rows were written";
    throw new BatchError(`Batch failed at row ${sent}; ${written}: ${reason}`, results, sent, mayHaveActed, cause);
  }
  return results;
}

/** The server counts from 0 in each batch, and sometimes omits the index. */
function indexInBatch(result: object, position: number): number {
  return "index" in result && typeof result.index === "number" ? result.index : position;
}

async function* batches<Row>(rows: Rows<Row>, size: number): AsyncGenerator<Row[], void, undefined> {
  let batch: Row[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
