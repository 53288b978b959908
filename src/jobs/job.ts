/** A job: many inputs through one enrichment, waterfall or flow, each paid at most once. */
import { UsageError } from "../errors/classes.js";
import { type Runtime, systemRuntime } from "../http/runtime.js";
import type { Databar } from "../index.js";
import { RUNTIME, SIGNAL } from "../options.js";
import { type Check, checkOptions, FUNCTION, wholeNumber } from "../validate.js";
import type { PriceList } from "../workflows/estimate.js";
import { MILLISECONDS } from "../workflows/wait.js";
import { type JobEvent, type JobStatus, type StopReason, statusOf } from "./events.js";
import { canonicalJson, keyOf } from "./key.js";
import type { Ledger } from "./ledger.js";
import { describePlan, type JobInput, type JobPlan, readInputs } from "./plan.js";
import type { InputStatus, JobTarget, LedgerRecord } from "./records.js";
import { type JobRow, readResults } from "./results.js";
import { Run } from "./run.js";
import { JobState } from "./state.js";
import { checkTarget, nameOf, readPrices } from "./target.js";

/** What a job works with. */
export interface JobOptions {
  databar: Databar;
  /** What runs for each input. May be omitted for a ledger that records it. */
  target?: JobTarget | undefined;
  /** Where the job records what it does. */
  ledger: Ledger;
}

/** The parameters of a job's target. */
export type JobParameters = Pick<PriceList, "parameters" | "required">;

/** Options of a plan. */
export interface JobPlanOptions {
  /** Ends the plan at once. */
  signal?: AbortSignal | undefined;
  /** Anything to keep with the inputs, such as the names of their columns. Must be writable as JSON. */
  meta?: unknown;
  /** Describe the plan as if {@link Job.retry} had been called with these. Default: none. */
  retry?: readonly RetryStatus[] | undefined;
}

/** Options of a run. */
export interface JobRunOptions {
  /** The most credits that the job may spend in total, earlier runs included. Default: no cap. */
  maxCredits?: number | undefined;
  /** Inputs of the first task, which measures the cost of an input. Default: 10. */
  firstChunkSize?: number | undefined;
  /** Inputs of each further task. Default: 100. */
  chunkSize?: number | undefined;
  /** Tasks at a time. Default: 4. */
  concurrency?: number | undefined;
  /** Ends the run: nothing is submitted any more, and results are collected for `drainMs`. */
  signal?: AbortSignal | undefined;
  /** How long results are collected after `signal` was aborted, in milliseconds. Default: 30 000. */
  drainMs?: number | undefined;
  /** Called with each event and the status after it. Not awaited. */
  onEvent?: ((event: JobEvent, status: JobStatus) => unknown) | undefined;
}

/** How a run ended. */
export interface JobSummary extends JobStatus {
  reason: StopReason;
  /** Why the run ended, as a sentence. */
  message: string;
}

/** A job. Make one with {@link createJob}. */
export interface Job {
  /** What the job runs for each input. */
  readonly target: JobTarget;
  /** What {@link plan} was given to keep with the inputs. */
  readonly meta: unknown;
  /** Where the job is. */
  status(): JobStatus;
  /** Asks which parameters an input may have, and which it must have. */
  parameters(options?: { signal?: AbortSignal | undefined }): Promise<JobParameters>;
  /**
   * Reads the input into the ledger, asks for prices and balance, and describes the work. Spends no credits.
   *
   * @param inputs - The rows. May be omitted if the ledger has them. If they have changed, inputs that the ledger knows
   *   keep their results.
   * @throws UsageError for invalid inputs, or a key of another workspace than the one that started the job.
   */
  plan(inputs?: Iterable<JobInput> | AsyncIterable<JobInput>, options?: JobPlanOptions): Promise<JobPlan>;
  /**
   * Collects the tasks that an earlier run left, and submits the pending inputs. Spends credits.
   *
   * @throws UsageError before {@link plan}, or for an invalid option. A DatabarError that no retry can mend, such as a key
   *   without access, or what the ledger throws: what was recorded stays, and a later run continues.
   */
  run(options?: JobRunOptions): Promise<JobSummary>;
  /**
   * Makes inputs pending again that have one of these statuses. The next run pays for them again.
   *
   * @returns How many inputs.
   */
  retry(statuses: readonly RetryStatus[]): Promise<number>;
  /** Yields a result for each row, in the order of the input. */
  results(): AsyncGenerator<JobRow, void, undefined>;
  /** Closes the ledger. */
  close(): Promise<void>;
}

/** What can be run again. */
export type RetryStatus = Exclude<InputStatus, "pending" | "in_flight" | "done">;

const RETRY_STATUSES: readonly string[] = ["empty", "failed", "in_doubt", "lost"] satisfies RetryStatus[];

const RUN_OPTIONS = {
  maxCredits: [(value: unknown) => typeof value === "number" && value >= 0, "a number of credits, 0 or more"],
  firstChunkSize: wholeNumber(1),
  chunkSize: wholeNumber(1),
  concurrency: wholeNumber(1, 100),
  signal: SIGNAL,
  drainMs: MILLISECONDS,
  onEvent: FUNCTION,
} satisfies Record<keyof JobRunOptions, Check | undefined>;

/** A job's options as tests pass them. */
export interface TestJobOptions extends JobOptions {
  [RUNTIME]?: Runtime | undefined;
}

/**
 * Opens a job: reads its ledger. Nothing is sent.
 *
 * @example
 * const job = await createJob({ databar, target: { enrichment: 833 }, ledger: await openFileLedger("leads.ledger") });
 * await job.plan(leads.map((lead) => ({ params: { domain: lead.domain }, data: lead })));
 * await job.run({ maxCredits: 200 });
 * for await (const { data, status, result } of job.results()) console.log(data, status, result);
 *
 * @throws UsageError for a target that is not the one of the ledger.
 */
export async function createJob(options: JobOptions): Promise<Job> {
  const { databar, ledger, target, [RUNTIME]: runtime = systemRuntime } = options as TestJobOptions;
  const state = new JobState();
  for await (const record of ledger.records()) {
    state.apply(record);
  }
  const recorded = state.job?.target;
  const used = target ?? recorded;
  if (!used) {
    throw new UsageError("The ledger is empty: pass a target");
  }
  checkTarget(used);
  if (recorded && canonicalJson(recorded) !== canonicalJson(used)) {
    throw new UsageError(
      `The ledger belongs to a job of ${nameOf(recorded)} with other options: ${canonicalJson(recorded)}; use another ledger for another target`,
    );
  }
  return new LedgerJob(databar, used, ledger, state, runtime);
}

/**
 * Reads where a job is, without opening it: nothing is written, and another process may be running the job.
 *
 * @param options - `isRunning`: whether a process is running the job. Otherwise, what it was about to submit is in doubt.
 */
export async function readStatus(
  ledger: Pick<Ledger, "records">,
  { isRunning = false }: { isRunning?: boolean | undefined } = {},
): Promise<JobStatus> {
  const state = new JobState();
  for await (const record of ledger.records()) {
    state.apply(record);
  }
  for (const record of isRunning ? [] : doubtsOf(state)) {
    state.apply(record);
  }
  return statusOf(state);
}

/** The server may have accepted what a crash interrupted: only the caller may decide to pay for it again. */
function doubtsOf(state: JobState): LedgerRecord[] {
  const reason = "the program ended before the server's answer was recorded";
  return state.interrupted().map(({ number }) => ({ type: "in_doubt", chunk: number, reason }));
}

class LedgerJob implements Job {
  readonly target: JobTarget;
  readonly #databar: Databar;
  readonly #ledger: Ledger;
  readonly #state: JobState;
  readonly #runtime: Runtime;
  #prices: PriceList | undefined;
  #isRunning = false;
  #isLedgerBroken = false;

  constructor(databar: Databar, target: JobTarget, ledger: Ledger, state: JobState, runtime: Runtime) {
    this.#databar = databar;
    this.target = target;
    this.#ledger = ledger;
    this.#state = state;
    this.#runtime = runtime;
  }

  get meta(): unknown {
    return this.#state.meta;
  }

  status(): JobStatus {
    return statusOf(this.#state);
  }

  async parameters({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<JobParameters> {
    const { parameters, required } = await readPrices(this.#databar, this.target, signal);
    return { parameters, required };
  }

  async plan(
    inputs?: Iterable<JobInput> | AsyncIterable<JobInput>,
    { signal, meta, retry = [] }: JobPlanOptions = {},
  ): Promise<JobPlan> {
    if (!inputs && !this.#state.digests) {
      throw new UsageError("The ledger has no complete input: pass the inputs");
    }
    const [prices, { balance, workspace }] = await Promise.all([
      readPrices(this.#databar, this.target, signal),
      this.#databar.user.me({ signal }),
    ]);
    this.#checkWorkspace(workspace);
    if (!this.#state.job) {
      await this.#append([{ type: "job", target: this.target, workspace, at: this.#runtime.date() }]);
    }
    await this.#settleInterrupted();
    if (inputs) {
      const append = (records: LedgerRecord[]) => this.#append(records);
      await readInputs(inputs, prices.required, keyOf(this.target), meta, {
        state: this.#state,
        ledger: this.#ledger,
        append,
      });
    }
    this.#prices = prices;
    return describePlan(nameOf(this.target), prices, balance, this.#state, this.#ledger, retry);
  }

  async run(options: JobRunOptions = {}): Promise<JobSummary> {
    checkOptions(options, RUN_OPTIONS);
    const {
      maxCredits,
      firstChunkSize = 10,
      chunkSize = 100,
      concurrency = 4,
      drainMs = 30_000,
      signal,
      onEvent,
    } = options;
    if (!this.#prices) {
      throw new UsageError("Call plan() before run(): it reads the input, the prices and the balance");
    }
    if (this.#isRunning) {
      throw new UsageError("The job is already running");
    }
    this.#isRunning = true;
    try {
      await this.#settleInterrupted();
      const run = new Run({
        databar: this.#databar,
        target: this.target,
        prices: this.#prices,
        state: this.#state,
        append: (records) => this.#append(records),
        isLedgerBroken: () => this.#isLedgerBroken,
        emit: (event) => onEvent?.(event, this.status()),
        runtime: this.#runtime,
        limits: { maxCredits, firstChunkSize, chunkSize },
        concurrency,
        signal,
        drainMs,
      });
      const end = await run.run();
      return { ...end, ...this.status() };
    } finally {
      this.#isRunning = false;
    }
  }

  async retry(statuses: readonly RetryStatus[]): Promise<number> {
    const unknown = statuses.find((status) => !RETRY_STATUSES.includes(status));
    if (unknown !== undefined || this.#isRunning) {
      const accepted = `statuses must be of ${RETRY_STATUSES.join(", ")}: got ${JSON.stringify(unknown)}`;
      throw new UsageError(this.#isRunning ? "The job is running: retry before or after a run" : accepted);
    }
    await this.#settleInterrupted();
    const before = this.#state.inputs.pending;
    await this.#append([{ type: "retry", statuses }]);
    return this.#state.inputs.pending - before;
  }

  results(): AsyncGenerator<JobRow, void, undefined> {
    return readResults(this.target, this.#ledger, this.#state);
  }

  close(): Promise<void> {
    return this.#ledger.close();
  }

  async #settleInterrupted(): Promise<void> {
    const records = doubtsOf(this.#state);
    if (records.length > 0) {
      await this.#append(records);
    }
  }

  async #append(records: LedgerRecord[]): Promise<void> {
    if (this.#isLedgerBroken) {
      throw new UsageError("The ledger could not be written: open the job again");
    }
    try {
      await this.#ledger.append(records);
    } catch (error) {
      this.#isLedgerBroken = true;
      throw error;
    }
    for (const record of records) {
      this.#state.apply(record);
    }
  }

  #checkWorkspace(workspace: string | undefined): void {
    const recorded = this.#state.job?.workspace;
    if (recorded && workspace && recorded !== workspace) {
      throw new UsageError("The API key belongs to another workspace than the one that started this job");
    }
  }
}
