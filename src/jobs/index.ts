/**
 * `databar-client/jobs`: big paid work with a ledger, in Node. It survives a crash without paying twice.
 * May import the client, errors, options, workflows, http and Node; the client imports nothing from here.
 */

export type { PriceList } from "../workflows/estimate.js";
export type { JobEvent, JobStatus, StopReason } from "./events.js";
export { type FileLedgerOptions, openFileLedger } from "./file-ledger.js";
export {
  createJob,
  type Job,
  type JobOptions,
  type JobParameters,
  type JobPlanOptions,
  type JobRunOptions,
  type JobSummary,
  type RetryStatus,
  readStatus,
} from "./job.js";
export { keyOf } from "./key.js";
export { createMemoryLedger, type Ledger, type MemoryLedger } from "./ledger.js";
export type { JobInput, JobPlan, RefusedRow } from "./plan.js";
export type {
  AcceptedRecord,
  EndedRecord,
  InDoubtRecord,
  InputRecord,
  InputStatus,
  IntentRecord,
  JobRecord,
  JobTarget,
  LedgerRecord,
  PlannedRecord,
  RejectedRecord,
  ResultRecord,
  ResultStatus,
  RetryRecord,
  RowRecord,
} from "./records.js";
export type { JobRow } from "./results.js";
export type { JobCredits } from "./state.js";
export { readTable, type Table, type TableFormat } from "./table-input.js";
export { writeResults } from "./table-output.js";
