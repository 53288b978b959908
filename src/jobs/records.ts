/** What a ledger records. The records are the whole state of a job: replaying them restores it. */
import type { FlowId } from "../resources/flows.js";
import type { Params } from "../workflows/estimate.js";

/** What a job runs for each input, with the options that change its price or its results. */
export type JobTarget =
  | { enrichment: number; pages?: number | undefined }
  | { waterfall: string; enrichments?: readonly number[] | undefined; email_verifier?: number | undefined }
  | { flow: FlowId };

/** How an input ended. */
export type ResultStatus =
  /** The run found something. */
  | "done"
  /** The run found nothing. */
  | "empty"
  /** The run failed, or the server refused the input. */
  | "failed"
  /** The run was paid, and its result cannot be read any more, or cannot be matched with its input. */
  | "lost";

/** Where an input is. */
export type InputStatus = ResultStatus | "pending" | "in_flight" | "in_doubt";

/** The first record: what the job runs. */
export interface JobRecord {
  type: "job";
  target: JobTarget;
  /** The workspace that pays, so that a resume with the key of another workspace is noticed. */
  workspace?: string | undefined;
  at: number;
}

/** The rows of an input follow. They count once a `planned` record follows them, and replace the rows before. */
export interface InputRecord {
  type: "input";
}

/** One row of the input. */
export interface RowRecord {
  type: "row";
  /** The SHA-256 of the target and the parameters, in hex. Rows with the same key are paid once. */
  key: string;
  /** Identifies the whole row, to notice a changed input. */
  digest: string;
  /** Only in the first row with this key. */
  params?: Params | undefined;
  /** What the caller passed along with the parameters. */
  data?: unknown;
  /** Why the row is not run. */
  refused?: string | undefined;
}

/** The rows are complete. */
export interface PlannedRecord {
  type: "planned";
  rows: number;
  /** What the caller keeps with the input, such as the names of its columns. */
  meta?: unknown;
}

/** A chunk is about to be submitted. */
export interface IntentRecord {
  type: "intent";
  chunk: number;
  keys: readonly string[];
  /** The most that the chunk costs; `null` if the price is unknown. */
  credits: number | null;
  at: number;
}

/** The server accepted a chunk. The task's id is the only handle on what was paid. */
export interface AcceptedRecord {
  type: "accepted";
  chunk: number;
  taskId: string;
  at: number;
}

/** The server cannot have accepted a chunk: its inputs are pending again. */
export interface RejectedRecord {
  type: "rejected";
  chunk: number;
  reason: string;
}

/** The server may have accepted a chunk, and no task id arrived. */
export interface InDoubtRecord {
  type: "in_doubt";
  chunk: number;
  reason: string;
}

/** How one input of a chunk ended. It counts once the `ended` record of its chunk follows. */
export interface ResultRecord {
  type: "result";
  chunk: number;
  key: string;
  status: ResultStatus;
  /** The element of the task's `data`. */
  data?: unknown;
  error?: string | undefined;
}

/** A chunk has ended, and its results are recorded before this record. */
export interface EndedRecord {
  type: "ended";
  chunk: number;
  /** The status of its task. */
  status: string;
  /** `credits_spent` of its task; `null` if it is not known. */
  credits: number | null;
  at: number;
  /** The task's data, if it cannot be matched with the inputs. */
  unmatched?: unknown;
}

/** The caller asked to run inputs again: all that have one of these statuses here are pending again. */
export interface RetryRecord {
  type: "retry";
  statuses: readonly InputStatus[];
}

/** One record of a ledger. A newer version may add fields; it never changes the meaning of one. */
export type LedgerRecord =
  | JobRecord
  | InputRecord
  | RowRecord
  | PlannedRecord
  | IntentRecord
  | AcceptedRecord
  | RejectedRecord
  | InDoubtRecord
  | ResultRecord
  | EndedRecord
  | RetryRecord;
