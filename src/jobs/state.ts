/** The state of a job: what its records amount to. */
import { type Params, roundCredits } from "../workflows/estimate.js";
import type { InputStatus, IntentRecord, JobRecord, LedgerRecord, RowRecord } from "./records.js";

/** A distinct input. */
export interface Entry {
  readonly key: string;
  /** Dropped once the input is done, to save memory. */
  params: Params | undefined;
  status: InputStatus;
  /** The chunk that it was last part of. */
  chunk: Chunk | undefined;
  /** How many rows of the input have this key. */
  rows: number;
}

/** Inputs that are submitted together. */
export interface Chunk {
  readonly number: number;
  readonly entries: readonly Entry[];
  /** The most that it costs; `null` if the price is unknown. */
  readonly credits: number | null;
  state: "intent" | "accepted" | "rejected" | "in_doubt" | "ended";
  taskId: string | undefined;
  acceptedAt: number | undefined;
  /** Why it was rejected or is in doubt. */
  reason: string | undefined;
}

/** Credits of a job. */
export interface JobCredits {
  /** What the ended tasks report. */
  spent: number;
  /** The most that the chunks in flight cost, as far as their price is known. */
  reserved: number;
  /** The most that chunks in doubt and tasks without a report may have cost, as far as their price is known. */
  uncertain: number;
}

const FIXED_STATUSES = ["pending", "in_flight", "in_doubt", "done", "empty", "failed", "lost"] as const;

/** Replays records. */
export class JobState {
  job: JobRecord | undefined;
  /** Every distinct input by its key, in the order of the input. */
  readonly entries = new Map<string, Entry>();
  /** The digest of each row, in the order of the input; `undefined` before the first input is complete. */
  digests: readonly string[] | undefined;
  /** What the caller keeps with the input. */
  meta: unknown;
  /** Which of the inputs in the ledger counts, from 1. */
  generation = 0;
  /** How many rows the preflight refused. */
  refused = 0;
  readonly chunks = new Map<number, Chunk>();
  readonly credits: JobCredits = { spent: 0, reserved: 0, uncertain: 0 };
  /** Distinct inputs by status, and rows by status. */
  readonly inputs = zeroes();
  readonly rows = zeroes();
  /** What ended chunks have cost, to measure an unknown price. */
  readonly measured = { inputs: 0, credits: 0 };
  #inputsSeen = 0;
  #accepted = 0;
  #ended = 0;
  #staged: RowRecord[] | undefined;
  /** Results of chunks that have not ended, by chunk. */
  readonly #results = new Map<number, [entry: Entry, status: InputStatus][]>();

  apply(record: LedgerRecord): void {
    switch (record.type) {
      case "job":
        this.job = record;
        break;
      case "input":
        this.#inputsSeen++;
        this.#staged = [];
        break;
      case "row":
        // The data stays in the ledger.
        this.#staged?.push({ ...record, data: undefined });
        break;
      case "planned":
        this.#plan(this.#staged ?? []);
        this.meta = record.meta;
        break;
      case "intent":
        this.#intend(record);
        break;
      case "result": {
        const entry = this.entries.get(record.key);
        const results = this.#results.get(record.chunk) ?? [];
        entry && results.push([entry, record.status]);
        this.#results.set(record.chunk, results);
        break;
      }
      case "retry":
        for (const entry of this.entries.values()) {
          record.statuses.includes(entry.status) && this.#set(entry, "pending");
        }
        break;
      default:
        this.#settle(record);
    }
  }

  /** Whether the server has accepted a chunk of this job. */
  get wasAccepted(): boolean {
    return this.#accepted > 0;
  }

  /** Whether a task of this job has ended. */
  get hasEnded(): boolean {
    return this.#ended > 0;
  }

  /** The chunks whose submission a crash interrupted. */
  interrupted(): Chunk[] {
    return [...this.chunks.values()].filter(({ state }) => state === "intent");
  }

  /** The chunks that the server accepted and whose results are not recorded. */
  running(): Chunk[] {
    return [...this.chunks.values()].filter(({ state }) => state === "accepted");
  }

  /** The inputs to submit, in the order of the input, and those with other statuses that are to be run again. */
  pending(retry: readonly InputStatus[] = []): Entry[] {
    return [...this.entries.values()].filter(
      ({ status, rows }) => rows > 0 && (status === "pending" || retry.includes(status)),
    );
  }

  #plan(rows: readonly RowRecord[]): void {
    for (const entry of this.entries.values()) {
      this.#count(entry, -1);
      entry.rows = 0;
    }
    this.refused = 0;
    for (const { key, params, refused } of rows) {
      if (refused !== undefined) {
        this.refused++;
        continue;
      }
      const entry = this.entries.get(key) ?? { key, params, status: "pending", chunk: undefined, rows: 0 };
      this.entries.set(key, entry);
      entry.params ??= entry.status === "done" ? undefined : params;
      entry.rows++;
    }
    for (const entry of this.entries.values()) {
      this.#count(entry, 1);
    }
    this.digests = rows.map(({ digest }) => digest);
    this.generation = this.#inputsSeen;
    this.#staged = undefined;
  }

  #intend({ chunk: number, keys, credits }: IntentRecord): void {
    const entries = keys.flatMap((key) => this.entries.get(key) ?? []);
    const chunk: Chunk = {
      number,
      entries,
      credits,
      state: "intent",
      taskId: undefined,
      acceptedAt: undefined,
      reason: undefined,
    };
    this.chunks.set(number, chunk);
    this.#add("reserved", credits);
    for (const entry of entries) {
      entry.chunk = chunk;
      this.#set(entry, "in_flight");
    }
  }

  #settle(record: Extract<LedgerRecord, { chunk: number }>): void {
    const chunk = this.chunks.get(record.chunk);
    if (!chunk) {
      return;
    }
    switch (record.type) {
      case "accepted":
        this.#accepted++;
        Object.assign(chunk, { state: "accepted", taskId: record.taskId, acceptedAt: record.at });
        return;
      case "rejected":
      case "in_doubt":
        Object.assign(chunk, { state: record.type, reason: record.reason });
        for (const entry of chunk.entries) {
          this.#set(entry, record.type === "rejected" ? "pending" : "in_doubt");
        }
        record.type === "in_doubt" && this.#add("uncertain", chunk.credits);
        break;
      case "ended": {
        const wasAccepted = chunk.state === "accepted";
        chunk.state = "ended";
        this.#ended += wasAccepted ? 1 : 0;
        for (const [entry, status] of this.#results.get(record.chunk) ?? []) {
          this.#set(entry, status);
        }
        this.#results.delete(record.chunk);
        this.#add(record.credits === null ? "uncertain" : "spent", record.credits ?? chunk.credits);
        this.measured.inputs += wasAccepted && record.credits !== null ? chunk.entries.length : 0;
        this.measured.credits += record.credits ?? 0;
        break;
      }
      default:
        return;
    }
    this.#add("reserved", -(chunk.credits ?? 0));
  }

  #set(entry: Entry, status: InputStatus): void {
    this.#count(entry, -1);
    entry.status = status;
    this.#count(entry, 1);
    if (status === "done") {
      entry.params = undefined;
    }
  }

  #count({ status, rows }: Entry, by: 1 | -1): void {
    this.inputs[status] += rows > 0 ? by : 0;
    this.rows[status] += rows * by;
  }

  #add(name: keyof JobCredits, credits: number | null): void {
    this.credits[name] = roundCredits(this.credits[name] + (credits ?? 0));
  }
}

function zeroes(): Record<InputStatus, number> {
  return Object.fromEntries(FIXED_STATUSES.map((status) => [status, 0])) as Record<InputStatus, number>;
}
