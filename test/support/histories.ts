/**
 * Histories of a job that is killed: at each write of its ledger (before it, in the middle of it, after it) and at each
 * request (before the server gets it, after the server acted on it), with failures of the network and the server.
 * After each kill a new job continues with what the ledger kept. At the end, nothing may be paid twice or be missing.
 */
import {
  createMemoryLedger,
  type JobInput,
  type JobRow,
  type JobSummary,
  type Ledger,
  type LedgerRecord,
} from "../../src/jobs/index.js";
import type { SimulatedFault } from "../../src/testing/index.js";
import { createRandom, type Random } from "../../src/testing/random.js";
import { databarOf, open, rowsOf, type World, world } from "./jobs.js";

/** A job with its surroundings, drawn from a seed. */
export interface Scenario {
  seed: number;
  inputs: JobInput[];
  price: number;
  maxCredits: number | undefined;
  firstChunkSize: number;
  chunkSize: number;
  concurrency: number;
  taskMs: number;
  faults: SimulatedFault[];
}

/** What happened. */
export interface History {
  /** Where the process was killed, counted over the whole history. */
  kills: number;
  jobs: number;
  boundaries: number;
  inDoubt: number;
  /** Tasks that the server accepted. */
  tasks: number;
  /** What is wrong; empty if all guarantees hold. */
  problems: string[];
}

/** The process is dead: nothing that it does has an effect any more. */
class Killed extends Error {}

/** The life of one process. */
class Life {
  readonly controller = new AbortController();
  boundaries = 0;
  isDead = false;
  readonly #killAt: number;

  constructor(killAt: number) {
    this.#killAt = killAt;
  }

  /** Where the process can die. @returns Whether it dies here. */
  dies(): boolean {
    if (this.isDead) {
      throw new Killed("already dead");
    }
    this.boundaries++;
    if (this.boundaries === this.#killAt) {
      this.isDead = true;
      this.controller.abort(new Killed("killed"));
    }
    return this.isDead;
  }

  boundary(): void {
    if (this.dies()) {
      throw new Killed("killed");
    }
  }
}

const MOST_JOBS = 12;

export function scenario(seed: number, withFaults: boolean): Scenario {
  const random = createRandom(seed * 7919 + 13);
  const whole = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const rows = whole(3, 16);
  const inputs = Array.from({ length: rows }, (_, index) => {
    const isBlank = random() < 0.08;
    const domain = isBlank ? " " : `d${whole(0, rows)}.example`;
    return { params: { domain }, data: { index, domain } };
  });
  const price = [1, 0.1, 2.5, 0][whole(0, 3)] ?? 1;
  return {
    seed,
    inputs,
    price,
    maxCredits: random() < 0.4 ? Math.round(price * rows * random() * 100) / 100 : undefined,
    firstChunkSize: whole(1, 3),
    chunkSize: whole(1, 5),
    concurrency: whole(1, 3),
    taskMs: whole(0, 3) * 1_500,
    faults: withFaults ? drawFaults(random) : [],
  };
}

function drawFaults(random: Random): SimulatedFault[] {
  const kinds: Omit<SimulatedFault, "share">[] = [
    { answer: 429 },
    { answer: 500 },
    { answer: 502, when: "after" },
    { answer: 503 },
    { answer: "reset" },
    { answer: "reset", when: "after" },
    { answer: "truncated" },
    { answer: "html" },
    { answer: 400, operations: ["enrichments.bulkRun"] },
    { answer: 406, operations: ["enrichments.bulkRun"] },
    { answer: 404, operations: ["tasks.get"] },
  ];
  return kinds.filter(() => random() < 0.3).map((kind) => ({ ...kind, share: random() * 0.15 }));
}

/** The results that the inputs have, from a run that nothing disturbs. */
export async function undisturbed(given: Scenario): Promise<JobRow[]> {
  const here = world({ price: given.price, seed: given.seed, balance: 1e6 });
  const job = await open(here);
  await job.plan(given.inputs);
  await job.run();
  return rowsOf(job);
}

/**
 * Runs a scenario to its end.
 *
 * @param kills - For each process in turn, at which of its boundaries it dies. The processes after these are not killed.
 */
export async function runHistory(
  given: Scenario,
  kills: readonly number[],
  expected: readonly JobRow[],
): Promise<History> {
  const { price, seed, taskMs, faults } = given;
  const here = world({ price, seed, taskMs, faults, balance: 1e6 });
  const kept: LedgerRecord[] = [];
  const history: History = { kills: 0, jobs: 0, boundaries: 0, inDoubt: 0, tasks: 0, problems: [] };
  let rows: JobRow[] = [];
  for (let isEnded = false; !isEnded && history.jobs < MOST_JOBS; history.jobs++) {
    const life = new Life(kills[history.jobs] ?? Number.POSITIVE_INFINITY);
    try {
      const { summary, results } = await live(given, here, kept, life);
      rows = results;
      isEnded = summary.reason === "completed" || summary.reason === "cap";
    } catch (error) {
      if (!life.isDead && !isExpected(error)) {
        history.problems.push(`unexpected error: ${error instanceof Error ? error.stack : error}`);
      }
    }
    history.kills += life.isDead ? 1 : 0;
    history.boundaries += life.boundaries;
  }
  if (rows.length === 0) {
    rows = await rowsOf(await open(here, createMemoryLedger(kept)));
  }
  history.inDoubt = rows.filter(({ status }) => status === "in_doubt").length;
  history.tasks = here.simulator.counters.tasks;
  history.problems.push(...findProblems(given, here, rows, expected));
  return history;
}

/** Failures that faults cause, after which a user starts the job again. */
function isExpected(error: unknown): boolean {
  return (
    error instanceof Error &&
    /^(ApiError|ServerError|RateLimitError|ConnectionError|TimeoutError|NotFoundError|ResponseParseError|BadRequestError|InsufficientCreditsError)$/.test(
      error.name,
    )
  );
}

async function live(
  given: Scenario,
  here: World,
  kept: LedgerRecord[],
  life: Life,
): Promise<{ summary: JobSummary; results: JobRow[] }> {
  const { simulator, clock } = here;
  const fetch: typeof simulator.fetch = async (input, init) => {
    life.boundary();
    const response = await simulator.fetch(input, init);
    life.boundary();
    return response;
  };
  const job = await open({ clock, databar: databarOf(fetch, clock) }, mortalLedger(kept, life));
  await job.plan(given.inputs);
  const { maxCredits, firstChunkSize, chunkSize, concurrency } = given;
  const { signal } = life.controller;
  const summary = await job.run({ maxCredits, firstChunkSize, chunkSize, concurrency, signal, drainMs: 0 });
  if (life.isDead) {
    throw new Killed("killed");
  }
  return { summary, results: await rowsOf(job) };
}

/** A ledger whose process can die before, in the middle of, and after each write. */
function mortalLedger(kept: LedgerRecord[], life: Life): Ledger {
  const memory = createMemoryLedger(kept);
  return {
    ...memory,
    async append(records) {
      life.boundary();
      if (life.dies()) {
        kept.push(...records.slice(0, Math.floor(records.length / 2)));
        throw new Killed("killed in the middle of a write");
      }
      kept.push(...records);
      await memory.append(records);
      life.boundary();
    },
  };
}

function findProblems(
  { maxCredits, inputs }: Scenario,
  { simulator }: World,
  rows: readonly JobRow[],
  expected: readonly JobRow[],
): string[] {
  const problems: string[] = [];
  const check = (isTrue: boolean, problem: string): void => {
    isTrue || problems.push(problem);
  };
  const twice = (counts: ReadonlyMap<string, number>): string[] =>
    [...counts].flatMap(([key, count]) => (count > 1 ? [key] : []));
  check(twice(simulator.billed).length === 0, `billed twice: ${twice(simulator.billed)}`);
  check(twice(simulator.submitted).length === 0, `submitted twice: ${twice(simulator.submitted)}`);
  const { spent, reserved } = simulator.credits;
  check(
    spent + reserved <= (maxCredits ?? Number.POSITIVE_INFINITY) + 1e-9,
    `spent ${spent} + ${reserved} of ${maxCredits}`,
  );
  check(rows.length === inputs.length, `${rows.length} rows for ${inputs.length} inputs`);
  for (const [index, row] of rows.entries()) {
    const { taskId: _, ...wanted } = expected[index] ?? {};
    const { taskId: __, ...found } = row;
    // A fault that refuses the same input twice makes it fail.
    const isRefused = row.status === "failed" && row.error?.includes("-> 400: Simulated failure");
    const isOpen = isRefused || row.status === "in_doubt" || (row.status === "pending" && maxCredits !== undefined);
    check(
      isOpen || JSON.stringify(found) === JSON.stringify(wanted),
      `row ${index}: ${JSON.stringify(found)} is not ${JSON.stringify(wanted)}`,
    );
  }
  return problems;
}
