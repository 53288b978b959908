/** What a job reports while it runs. */
import type { JobCredits, JobState } from "./state.js";

/** Why a run ended. */
export type StopReason =
  /** Every input has ended. */
  | "completed"
  /** The caller aborted. */
  | "interrupted"
  /** The next input could exceed `maxCredits`. */
  | "cap"
  /** The account has not enough credits. */
  | "credits"
  /** The server could not be reached, or refused every request because of its rate limit. */
  | "unreachable"
  /** Several submissions in a row ended without a task id. */
  | "in_doubt"
  /** Tasks are still running after a day. */
  | "running"
  /** The run threw. */
  | "failed";

/** Where a job is. Inputs are distinct inputs: rows with the same parameters are one. */
export interface JobStatus {
  /** Rows of the input. */
  rows: number;
  /** Rows that lack a required parameter. */
  refused: number;
  inputs: number;
  pending: number;
  inFlight: number;
  done: number;
  empty: number;
  failed: number;
  /** Inputs that may have been paid, without a task id to fetch their results. */
  inDoubt: number;
  /** Inputs that were paid, and whose results can no longer be fetched or matched. */
  lost: number;
  credits: JobCredits;
}

/** What a job reports while it runs. `status` is the job's status after the event. */
export type JobEvent =
  | { type: "submitted"; chunk: number; inputs: number; credits: number | null }
  | { type: "accepted"; chunk: number; taskId: string }
  /** A task was polled. `finished` of its `inputs` have ended, as far as the server reports it. */
  | { type: "progress"; chunk: number; taskId: string; finished: number; inputs: number }
  | { type: "rejected"; chunk: number; inputs: number; reason: string }
  | { type: "in_doubt"; chunk: number; inputs: number; reason: string }
  | { type: "ended"; chunk: number; taskId: string; status: string; credits: number | null }
  | { type: "stopping"; reason: StopReason; message: string };

/** The counts of a state. */
export function statusOf({ digests, refused, inputs, credits }: JobState): JobStatus {
  return {
    rows: digests?.length ?? 0,
    refused,
    inputs: Object.values(inputs).reduce((sum, count) => sum + count, 0),
    pending: inputs.pending,
    inFlight: inputs.in_flight,
    done: inputs.done,
    empty: inputs.empty,
    failed: inputs.failed,
    inDoubt: inputs.in_doubt,
    lost: inputs.lost,
    credits: { ...credits },
  };
}
