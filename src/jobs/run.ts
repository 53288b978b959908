/** Runs the pending inputs of a job: submits chunks, collects their results, and stops in an orderly way. */
import {
  BadRequestError,
  ConnectionError,
  InsufficientCreditsError,
  isDatabarError,
  RateLimitError,
  RequestError,
  UsageError,
  ValidationError,
} from "../errors/classes.js";
import { TaskTimeoutError } from "../errors/task.js";
import type { TaskResponse } from "../generated/schema.gen.js";
import type { Runtime } from "../http/runtime.js";
import type { Databar } from "../index.js";
import { type PriceList, roundCredits } from "../workflows/estimate.js";
import type { FinishedTask } from "../workflows/poll.js";
import { type ChunkLimits, type NextChunk, takeChunk } from "./chunks.js";
import type { JobEvent, StopReason } from "./events.js";
import { messageOf, type Outcome, outcomeOf, outcomeOfError, RESULTS_KEPT_MS } from "./outcome.js";
import type { JobTarget, LedgerRecord } from "./records.js";
import type { Chunk, Entry, JobState } from "./state.js";
import { type Submit, submitTo } from "./target.js";

/** What a run needs of its job. */
export interface RunContext {
  databar: Databar;
  target: JobTarget;
  prices: PriceList;
  state: JobState;
  append(records: LedgerRecord[]): Promise<void>;
  /** Whether records can no longer be written. */
  isLedgerBroken(): boolean;
  emit(event: JobEvent): void;
  runtime: Runtime;
  limits: ChunkLimits;
  /** Chunks in flight at a time. */
  concurrency: number;
  signal: AbortSignal | undefined;
  /** How long results are collected after the signal was aborted. */
  drainMs: number;
}

/** How the run ended. */
export interface RunEnd {
  reason: StopReason;
  /** Why it stopped, as a sentence. */
  message: string;
}

const SUBMIT_TIMEOUT_MS = 120_000;
/** Chunks in a row that may end in doubt, or that cannot be sent, before the run stops. */
const MOST_IN_DOUBT = 3;
const MOST_UNSENT = 6;
/** Refusals in a row, after which the fault is not in single inputs. */
const MOST_REFUSED = 20;
const FIRST_PAUSE_MS = 1_000;

/** One run. */
export class Run {
  readonly #context: RunContext;
  readonly #submit: Submit;
  #queue: Entry[];
  /** Parts of a chunk that the server refused as invalid: they are submitted apart, to find the invalid input. */
  readonly #parts: Entry[][] = [];
  readonly #active = new Set<Promise<void>>();
  /** Until its intent is recorded, a chunk counts against the cap from here. */
  readonly #claims = new Set<NextChunk>();
  /** Ends the collection of results. */
  readonly #drained = new AbortController();
  /** Ends pauses once no further chunk is submitted. */
  readonly #stopped = new AbortController();
  #end: RunEnd | undefined;
  #failure: { error: unknown } | undefined;
  #nextNumber: number;
  #inDoubtInARow = 0;
  #unsentInARow = 0;
  #refusedInARow = 0;
  /** Single inputs that the server refused before it accepted any: the fault may be in all of them. */
  #suspects: Entry[] = [];
  #refusal: unknown;

  constructor(context: RunContext) {
    this.#context = context;
    this.#submit = submitTo(context.databar, context.target);
    this.#queue = context.state.pending();
    this.#nextNumber = Math.max(0, ...context.state.chunks.keys()) + 1;
  }

  /**
   * Runs until nothing is left to do, or the run must stop.
   *
   * @throws what no retry can mend: a key that is not accepted, a ledger that cannot be written.
   */
  async run(): Promise<RunEnd> {
    const { signal, state } = this.#context;
    const onAbort = (): void => {
      this.#stop("interrupted", "interrupted");
      this.#drainFor(this.#context.drainMs);
    };
    signal?.aborted ? onAbort() : signal?.addEventListener("abort", onAbort, { once: true });
    try {
      for (const chunk of state.running()) {
        this.#start(this.#collect(chunk));
      }
      await this.#loop();
    } finally {
      signal?.removeEventListener("abort", onAbort);
      this.#stopped.abort();
      this.#drained.abort();
    }
    if (this.#failure) {
      throw this.#failure.error;
    }
    if (this.#suspects.length > 0 && !this.#end) {
      throw this.#refusal;
    }
    const isRunning = state.running().length > 0;
    return this.#end ?? (isRunning ? { reason: "running", message: "tasks are still running" } : COMPLETED);
  }

  async #loop(): Promise<void> {
    for (;;) {
      for (let next = this.#next(); next; next = this.#next()) {
        this.#start(this.#submitChunk(next));
      }
      if (this.#active.size === 0) {
        return;
      }
      await Promise.race(this.#active);
    }
  }

  #start(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#active.delete(settled);
      });
    this.#active.add(settled);
  }

  /** The next chunk, if one may be submitted now. */
  #next(): NextChunk | undefined {
    const { state, prices, limits, concurrency } = this.#context;
    const hasWork = this.#queue.length > 0 || this.#parts.length > 0;
    // One chunk at a time until its cost was measured, and after a failure.
    const isCareful = !state.hasEnded || this.#unsentInARow + this.#inDoubtInARow + this.#refusedInARow > 0;
    const most = isCareful ? 1 : concurrency;
    if (this.#end || !hasWork || this.#active.size >= most) {
      return undefined;
    }
    const part = this.#parts.shift();
    const queue = part ?? this.#queue;
    const next = takeChunk(queue, state, prices, limits, this.#claims);
    if (part && part.length > next.entries.length) {
      this.#parts.unshift(part.slice(next.entries.length));
    } else if (!part) {
      this.#queue = this.#queue.slice(next.entries.length);
    }
    if (next.entries.length > 0) {
      this.#claims.add(next);
      return next;
    }
    if (this.#active.size === 0) {
      this.#stop("cap", `the next input could exceed the cap of ${limits.maxCredits} credits`);
    }
    return undefined;
  }

  async #submitChunk(next: NextChunk): Promise<void> {
    const { entries, credits: most } = next;
    const { append, emit, runtime, state } = this.#context;
    const number = this.#nextNumber++;
    const credits = most === null ? null : roundCredits(most);
    const inputs = entries.map(({ params = {} }) => params);
    const keys = entries.map(({ key }) => key);
    await append([{ type: "intent", chunk: number, keys, credits, at: runtime.date() }]);
    this.#claims.delete(next);
    emit({ type: "submitted", chunk: number, inputs: keys.length, credits });
    const chunk = state.chunks.get(number) as Chunk;
    const accept = async (taskId: string): Promise<void> => {
      try {
        await append([{ type: "accepted", chunk: number, taskId, at: runtime.date() }]);
      } finally {
        // The id reaches the caller even if it cannot be recorded.
        emit({ type: "accepted", chunk: number, taskId });
      }
      this.#wasAccepted();
    };
    const options = {
      submitTimeoutMs: SUBMIT_TIMEOUT_MS,
      timeoutMs: RESULTS_KEPT_MS,
      signal: this.#drained.signal,
      onAccepted: accept,
      onProgress: (polled: TaskResponse) => this.#report(chunk, polled),
    };
    let task: FinishedTask<unknown[]>;
    try {
      task = await this.#submit([...inputs], options);
    } catch (error) {
      if (this.#context.isLedgerBroken()) {
        throw error;
      }
      // An abort that came together with the server's answer.
      if (chunk.state === "intent" && isDatabarError(error) && error.taskId !== undefined) {
        await accept(error.taskId);
      }
      return chunk.state === "accepted" ? this.#endWithError(chunk, error) : this.#notAccepted(chunk, error);
    }
    await this.#endWith(chunk, outcomeOf(this.#context.target, chunk, task));
  }

  /** Waits for a task that an earlier run started. */
  async #collect(chunk: Chunk): Promise<void> {
    const { databar, target } = this.#context;
    let task: FinishedTask<unknown[]>;
    try {
      const onProgress = (polled: TaskResponse): void => this.#report(chunk, polled);
      const options = { timeoutMs: RESULTS_KEPT_MS, signal: this.#drained.signal, onProgress };
      task = await databar.tasks.wait<unknown[]>(chunk.taskId ?? "", options);
    } catch (error) {
      return this.#endWithError(chunk, error);
    }
    await this.#endWith(chunk, outcomeOf(target, chunk, task));
  }

  #report({ number, taskId = "", entries }: Chunk, { progress }: TaskResponse): void {
    if (progress) {
      const { completed = 0, no_data = 0, failed = 0 } = progress;
      const inputs = entries.length;
      const finished = Math.min(completed + no_data + failed, inputs);
      this.#context.emit({ type: "progress", chunk: number, taskId, finished, inputs });
    }
  }

  async #endWith(chunk: Chunk, { results, ended }: Outcome): Promise<void> {
    const { append, emit, runtime } = this.#context;
    await append([...results, { ...ended, at: runtime.date() }]);
    const { status, credits } = ended;
    emit({ type: "ended", chunk: chunk.number, taskId: chunk.taskId ?? "", status, credits });
  }

  async #endWithError(chunk: Chunk, error: unknown): Promise<void> {
    const outcome = outcomeOfError(chunk, error, this.#context.runtime.date());
    if (outcome) {
      return this.#endWith(chunk, outcome);
    }
    // The wait has ended, the task has not: a resume collects it.
    if (!this.#drained.signal.aborted && !(error instanceof TaskTimeoutError)) {
      throw error;
    }
  }

  /** The submission failed before a task id arrived. */
  async #notAccepted(chunk: Chunk, error: unknown): Promise<void> {
    const { append, emit, state } = this.#context;
    const { number, entries } = chunk;
    const reason = messageOf(error);
    if (!isDatabarError(error)) {
      throw error;
    }
    const isInvalid = error instanceof BadRequestError || error instanceof ValidationError;
    if (isInvalid && entries.length === 1 && state.wasAccepted) {
      const failed = entries.map(({ key }) => {
        return { type: "result", chunk: number, key, status: "failed", error: reason } as const;
      });
      return this.#endWith(chunk, {
        results: failed,
        ended: { type: "ended", chunk: number, status: "rejected", credits: 0 },
      });
    }
    const isUnsent = error instanceof UsageError || (error instanceof RequestError && !error.mayHaveBeenProcessed);
    if (!isUnsent) {
      await append([{ type: "in_doubt", chunk: number, reason }]);
      emit({ type: "in_doubt", chunk: number, inputs: entries.length, reason });
      if (++this.#inDoubtInARow >= MOST_IN_DOUBT) {
        this.#stop("in_doubt", `${MOST_IN_DOUBT} chunks in a row are in doubt, the last because of: ${reason}`);
      }
      return;
    }
    await append([{ type: "rejected", chunk: number, reason }]);
    emit({ type: "rejected", chunk: number, inputs: entries.length, reason });
    if (isInvalid) {
      return this.#split(entries, error);
    }
    this.#queue.unshift(...entries);
    if (error instanceof InsufficientCreditsError) {
      this.#stop("credits", reason);
    } else if (error instanceof RateLimitError || error instanceof ConnectionError) {
      await this.#pause(reason);
    } else if (!this.#drained.signal.aborted) {
      throw error;
    }
  }

  /** An invalid input makes the server refuse its whole chunk. Halves find it, and nothing is paid for a refusal. */
  #split(entries: readonly Entry[], error: unknown): void {
    if (++this.#refusedInARow >= MOST_REFUSED) {
      throw error;
    }
    if (entries.length > 1) {
      const middle = Math.ceil(entries.length / 2);
      this.#parts.unshift(entries.slice(0, middle), entries.slice(middle));
      return;
    }
    this.#suspects.push(...entries);
    this.#refusal = error;
  }

  #wasAccepted(): void {
    this.#inDoubtInARow = 0;
    this.#unsentInARow = 0;
    this.#refusedInARow = 0;
    this.#parts.push(...this.#suspects.map((entry) => [entry]));
    this.#suspects = [];
  }

  async #pause(reason: string): Promise<void> {
    const { runtime } = this.#context;
    if (++this.#unsentInARow >= MOST_UNSENT) {
      this.#stop("unreachable", reason);
      return;
    }
    await runtime.sleep(FIRST_PAUSE_MS * 2 ** (this.#unsentInARow - 1), this.#stopped.signal).catch(() => {});
  }

  /** No further chunk is submitted. Chunks in flight are collected, after an interruption only for a while. */
  #stop(reason: StopReason, message: string): void {
    if (this.#end) {
      return;
    }
    this.#end = { reason, message };
    this.#stopped.abort();
    this.#context.emit({ type: "stopping", reason, message });
  }

  /** Other chunks in flight get the time of an interruption to be collected. Without a ledger no work can continue. */
  #fail(error: unknown): void {
    if (!this.#failure) {
      this.#failure = { error };
      this.#stop("failed", messageOf(error));
      this.#drainFor(this.#context.isLedgerBroken() ? 0 : this.#context.drainMs);
    }
  }

  #drainFor(ms: number): void {
    if (ms === 0) {
      this.#drained.abort();
      return;
    }
    const { runtime } = this.#context;
    runtime.sleep(ms, this.#drained.signal).then(
      () => this.#drained.abort(),
      () => {},
    );
  }
}

const COMPLETED: RunEnd = { reason: "completed", message: "every input has ended" };
