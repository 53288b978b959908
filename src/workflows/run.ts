/** Starts a run and waits for its task, so that a paid task's id is never lost. */
import { AbortError, DatabarError } from "../errors/classes.js";
import { printable } from "../errors/redact.js";
import type { RunResponse } from "../generated/schema.gen.js";
import type { ApiPromise, WithResponse } from "../http/api-promise.js";
import type { Transport } from "../http/call.js";
import { detailsOfResult, secretsOfResult } from "../http/result.js";
import { ABORT_GRACE_MS, type GracefulOptions, type RequestOptions } from "../options.js";
import { type Check, checkOptions, FUNCTION, wholeNumber } from "../validate.js";
import type { FinishedTask } from "./poll.js";
import { MILLISECONDS, type PollingOptions, WAIT_OPTIONS, waitForTask } from "./wait.js";

/** Options of a run and the wait for its result. `timeoutMs` is for the wait. */
export interface RunAndWaitOptions extends PollingOptions {
  /** How long one attempt to start the run may take, in milliseconds. Default: 120 000. */
  submitTimeoutMs?: number | undefined;
  /** After an abort while the run is being started: how long to wait for the task's id, in milliseconds. Default: 10 000. */
  submitGraceMs?: number | undefined;
  /** For how long a 404 is retried after the run was accepted, in milliseconds. Default: 5 000. */
  notFoundGraceMs?: number | undefined;
  /** How many times a failed attempt to start the run may be repeated. Default: the client's. */
  maxRetries?: number | undefined;
  /** Called with the task's id once the run was accepted, before the first poll, and awaited. */
  onAccepted?: ((taskId: string) => unknown) | undefined;
}

const RUN_OPTIONS = {
  ...WAIT_OPTIONS,
  submitTimeoutMs: MILLISECONDS,
  submitGraceMs: MILLISECONDS,
  notFoundGraceMs: MILLISECONDS,
  maxRetries: wholeNumber(0),
  onAccepted: FUNCTION,
} satisfies Record<keyof RunAndWaitOptions, Check | undefined>;

/** The message of the error that has what `onAccepted` threw as its cause. */
export const ON_ACCEPTED_THREW = "onAccepted threw; the task continues";

/**
 * Starts a run and waits for its task. The options are checked first, because the run may cost credits.
 *
 * @param start - Starts the run.
 * @param inputs - The inputs of a bulk run: the result must have one entry for each.
 */
export async function runAndWait<Data>(
  transport: Transport,
  start: (options: RequestOptions) => ApiPromise<RunResponse>,
  options: RunAndWaitOptions = {},
  inputs?: unknown,
): Promise<FinishedTask<Data>> {
  checkOptions(options, RUN_OPTIONS);
  const { signal, headers, pollIntervalMs, timeoutMs, noDataGraceMs, onProgress, onAccepted } = options;
  const { submitTimeoutMs = 120_000, submitGraceMs = 10_000, notFoundGraceMs = 5_000, maxRetries } = options;
  const submit: GracefulOptions = {
    signal,
    headers,
    timeoutMs: submitTimeoutMs,
    maxRetries,
    [ABORT_GRACE_MS]: submitGraceMs,
  };
  const started = await start(submit).withResponse();
  const taskId = started.data?.task_id;
  if (!taskId) {
    throw new DatabarError("The run was accepted, but the response has no task_id");
  }
  if (signal?.aborted) {
    throw Object.assign(abortedRun(started, taskId, signal), { taskId });
  }
  try {
    await onAccepted?.(taskId);
  } catch (cause) {
    throw Object.assign(new DatabarError(ON_ACCEPTED_THREW, { cause }), { taskId });
  }
  const wait = { signal, headers, pollIntervalMs, timeoutMs, noDataGraceMs, onProgress };
  return waitForTask(transport, taskId, wait, { notFoundGraceMs, inputs });
}

function abortedRun(started: WithResponse<RunResponse>, taskId: string, signal: AbortSignal): AbortError {
  const id = printable(String(taskId), secretsOfResult(started));
  const message = `The run was aborted after the server accepted it as task ${id}; the task continues`;
  return new AbortError(message, detailsOfResult(started), { cause: signal.reason });
}
