/** Writes any number of rows in batches, several at a time, and keeps track of what was written. */
import { DatabarError, RequestError, UsageError } from "../errors/classes.js";
import { onAbort } from "../http/abort.js";
import type { ApiPromise } from "../http/api-promise.js";
import { shapeError } from "../http/result.js";
import type { RequestOptions } from "../options.js";
import { type Check, check, FUNCTION, wholeNumber } from "../validate.js";

/** Rows of the input from index `start` up to, not including, `end`, as `slice(start, end)` takes them. */
export interface RowRange {
  start: number;
  end: number;
}

/** What a failed write did with the rows of the input. Rows that were not read from an iterable are in none of the lists. */
export interface RowOutcomes {
  /** Rows with a result. */
  written: readonly RowRange[];
  /** Rows of batches that may have been written although no usable response arrived. Check before you send them again. */
  uncertain: readonly RowRange[];
  /** Rows that were certainly not written. */
  notWritten: readonly RowRange[];
}

/** A batch failed. No batch was started after it, and the batches in flight were awaited. `cause` is the first error. */
export class BatchError<Result = unknown> extends DatabarError {
  override readonly name = "BatchError";
  /** The index, in the whole input, of the first row without a result. With a concurrency of 1, continue from here. */
  readonly nextIndex: number;
  /** Whether a batch may have been written although no usable response arrived. See `rows.uncertain`. */
  readonly mayHaveBeenProcessed: boolean;
  /** Which rows were written, which were not, and which may have been. */
  readonly rows: RowOutcomes;
  // Private, so that a printed error does not show the rows' data.
  readonly #results: readonly Result[];

  constructor(message: string, results: readonly Result[], nextIndex: number, rows: RowOutcomes, cause: unknown) {
    super(message, { cause });
    this.#results = results;
    this.nextIndex = nextIndex;
    this.rows = rows;
    this.mayHaveBeenProcessed = rows.uncertain.length > 0;
  }

  /** The results of all batches that were written, in the order of their rows. */
  get results(): readonly Result[] {
    return this.#results;
  }
}

/**
 * Whether a caught value is a BatchError. Unlike `instanceof`, it takes the type of the results.
 *
 * @typeParam Result - The type of the results, such as `UpsertRowResult`. It is not checked.
 */
export function isBatchError<Result = unknown>(value: unknown): value is BatchError<Result> {
  return value instanceof BatchError;
}

/** A result with the index of its row in the whole input. */
export type Indexed<Result> = Omit<Result, "index"> & { index: number };

/** Rows to write: a list, or anything that yields them, also over time. */
export type Rows<Row> = Iterable<Row> | AsyncIterable<Row>;

/** Options of writing many rows. */
export interface ManyOptions extends RequestOptions {
  /** How many batches may be in flight at a time. */
  concurrency?: number | undefined;
  /** Called after each batch with the number of rows written so far, and awaited. If it throws, no batch is started after it. */
  onProgress?: ((rowsWritten: number) => unknown) | undefined;
}

const CONCURRENCY: Check = wholeNumber(1, 100);

/** One batch and what became of it. */
interface Batch<Result> {
  start: number;
  end: number;
  results?: Indexed<Result>[];
  isUncertain?: boolean;
}

/** How rows are sent. */
export interface Batching<Row, Result> {
  rows: Rows<Row>;
  /** Rows in a batch. */
  size: number;
  /** Batches in flight, if the caller does not say. */
  concurrency: number;
  send(batch: Row[], options: RequestOptions): ApiPromise<{ results: Result[] }>;
}

/**
 * Sends rows in batches.
 *
 * @returns The results in the order of the rows.
 * @throws BatchError if a batch, or reading the rows, fails.
 */
export async function sendInBatches<Row, Result extends object>(
  { rows, size, send, ...defaults }: Batching<Row, Result>,
  options: ManyOptions = {},
): Promise<Indexed<Result>[]> {
  if (typeof rows !== "object" || rows === null || !(Symbol.iterator in rows || Symbol.asyncIterator in rows)) {
    throw new UsageError("rows must be a list, or an iterable or async iterable of rows");
  }
  const { concurrency = defaults.concurrency, onProgress, ...request } = { ...options };
  check("concurrency", concurrency, CONCURRENCY);
  onProgress === undefined || check("onProgress", onProgress, FUNCTION);
  const batches: Batch<Result>[] = [];
  const inFlight = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let written = 0;

  const sendBatch = async (items: Row[]): Promise<void> => {
    const start = batches.at(-1)?.end ?? 0;
    const batch: Batch<Result> = { start, end: start + items.length };
    batches.push(batch);
    let isAnswered = false;
    try {
      const response = await send(items, request).withResponse();
      isAnswered = true;
      const { results } = response.data ?? {};
      if (!Array.isArray(results) || results.length !== items.length || !results.every(isObject)) {
        const found = Array.isArray(results) ? `${results.filter(isObject).length} results` : "no results";
        throw shapeError(response, `the response has ${found} for ${items.length} rows`);
      }
      batch.results = results.map((result, position) => ({ ...result, index: start + indexInBatch(result, position) }));
      written += items.length;
      await onProgress?.(written);
    } catch (error) {
      batch.isUncertain = isAnswered || (error instanceof RequestError && error.mayHaveBeenProcessed);
      failures.push(error);
    }
  };

  try {
    for await (const items of inBatches(untilAborted(rows, request.signal), size)) {
      const sending = sendBatch(items).finally(() => inFlight.delete(sending));
      inFlight.add(sending);
      if (inFlight.size >= concurrency) {
        await Promise.race(inFlight);
      }
      if (failures.length > 0) {
        break;
      }
    }
  } catch (error) {
    // The call that follows an abort sends nothing: it rejects with the right error.
    failures.push(
      request.signal?.aborted
        ? await send([], request).then(
            () => error,
            (aborted) => aborted,
          )
        : error,
    );
  }
  await Promise.all(inFlight);
  if (failures.length > 0) {
    throw batchError(batches, failures[0]);
  }
  return batches.flatMap(({ results = [] }) => results);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The server counts from 0 in each batch, and sometimes omits the index. */
function indexInBatch(result: object, position: number): number {
  return "index" in result && typeof result.index === "number" ? result.index : position;
}

function batchError<Result>(batches: readonly Batch<Result>[], cause: unknown): BatchError<Indexed<Result>> {
  const ranges = (of: (batch: Batch<Result>) => unknown): RowRange[] => joinRanges(batches.filter(of));
  const rows = {
    written: ranges(({ results }) => results),
    uncertain: ranges(({ results, isUncertain }) => !results && isUncertain),
    notWritten: ranges(({ results, isUncertain }) => !results && !isUncertain),
  };
  const nextIndex = batches.find(({ results }) => !results)?.start ?? batches.at(-1)?.end ?? 0;
  const list = rows.written.map(({ start, end }) => `${start}-${end - 1}`).join(", ");
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `Batch failed at row ${nextIndex}; ${list ? `rows ${list}` : "no rows"} were written: ${reason}`;
  const results = batches.flatMap((batch) => batch.results ?? []);
  return new BatchError(message, results, nextIndex, rows, cause);
}

function joinRanges(batches: readonly RowRange[]): RowRange[] {
  const ranges: RowRange[] = [];
  for (const { start, end } of batches) {
    const last = ranges.at(-1);
    if (last?.end === start) {
      last.end = end;
    } else {
      ranges.push({ start, end });
    }
  }
  return ranges;
}

async function* inBatches<Row>(rows: AsyncIterable<Row>, size: number): AsyncGenerator<Row[], void, undefined> {
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

/** Reads rows until the signal is aborted, even while the iterable has nothing to give. */
async function* untilAborted<Row>(
  rows: Rows<Row>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Row, void, undefined> {
  if (!signal || Symbol.iterator in rows) {
    // A list never stalls, and each request checks the signal.
    yield* rows;
    return;
  }
  const iterator = rows[Symbol.asyncIterator]();
  let stopListening: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stopListening = onAbort(signal, () => reject(signal.reason));
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([aborted, iterator.next()]);
      if (done) {
        return;
      }
      yield value;
    }
  } finally {
    stopListening?.();
    // Not awaited: an iterable that stalls would hold up the end.
    iterator.return?.()?.catch(() => {});
  }
}
