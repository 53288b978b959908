/** Where a job records what it does. */
import type { LedgerRecord, ResultRecord } from "./records.js";

/**
 * Where a job keeps its records. Implement it to keep them in a database. One job at a time may write to a ledger: an
 * implementation must refuse a second writer.
 */
export interface Ledger {
  /** Yields all records in the order in which they were appended. Called once when a job is opened, and for its results. */
  records(): AsyncIterable<LedgerRecord>;
  /**
   * Appends records, and resolves when they survive a crash. After a crash during the call, the first of the records
   * may be there and the others not. Calls can overlap: the records of one call stay together.
   */
  append(records: readonly LedgerRecord[]): Promise<void>;
  /** Returns the newest result record of each key that has one. Called with up to 500 keys. */
  results(keys: readonly string[]): Promise<ReadonlyMap<string, ResultRecord>>;
  /** Frees what the ledger holds, such as a lock. The records stay. */
  close(): Promise<void>;
}

/** A ledger in memory, for tests, and for jobs that need not survive the process. */
export interface MemoryLedger extends Ledger {
  /** The records. Pass a copy to {@link createMemoryLedger} to continue from there. */
  readonly list: readonly LedgerRecord[];
}

/**
 * Creates a ledger in memory.
 *
 * @param records - What an earlier ledger recorded.
 */
export function createMemoryLedger(records: readonly LedgerRecord[] = []): MemoryLedger {
  const list = [...records];
  const newest = new Map<string, ResultRecord>();
  const index = (record: LedgerRecord): void => {
    if (record.type === "result") {
      newest.set(record.key, record);
    }
  };
  list.forEach(index);
  return {
    list,
    async *records() {
      yield* list;
    },
    async append(added) {
      list.push(...added);
      added.forEach(index);
    },
    async results(keys) {
      return new Map(keys.flatMap((key) => (newest.has(key) ? [[key, newest.get(key) as ResultRecord]] : [])));
    },
    async close() {},
  };
}
