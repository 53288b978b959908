/** Jobs against a simulated workspace, without real time. */
import type { Runtime } from "../../src/http/runtime.js";
import type { Databar } from "../../src/index.js";
import {
  createJob,
  createMemoryLedger,
  type Job,
  type JobInput,
  type JobRow,
  type JobTarget,
  type Ledger,
} from "../../src/jobs/index.js";
import type { TestJobOptions } from "../../src/jobs/job.js";
import { RUNTIME } from "../../src/options.js";
import { type Simulator, type SimulatorOptions, simulate } from "../../src/testing/index.js";
import { createRandom } from "../../src/testing/random.js";
import { databarWith } from "./calls.js";
import { VirtualTime } from "./virtual-time.js";

export const ENRICHMENT: JobTarget = { enrichment: 833 };

/** A simulated workspace and its clock. It outlives the jobs that use it. */
export interface World {
  clock: VirtualTime;
  simulator: Simulator;
  databar: Databar;
}

export function world(options: SimulatorOptions = {}, fetch?: (simulator: Simulator) => Simulator["fetch"]): World {
  const clock = new VirtualTime({ start: Date.parse("2026-06-01T08:00:00Z"), random: createRandom(options.seed ?? 1) });
  const simulator = simulate({ now: () => clock.time, ...options });
  return { clock, simulator, databar: databarOf(fetch?.(simulator) ?? simulator.fetch, clock) };
}

export function databarOf(fetch: Simulator["fetch"], runtime: Runtime): Databar {
  return databarWith({ apiKey: "test-key-5f2d", fetch }, runtime);
}

/** Opens a job with the world's clock. */
export function open(
  { clock, databar }: Pick<World, "clock" | "databar">,
  ledger: Ledger = createMemoryLedger(),
  target: JobTarget | undefined = ENRICHMENT,
): Promise<Job> {
  const options: TestJobOptions = { databar, target, ledger, [RUNTIME]: clock };
  return createJob(options);
}

/** Inputs of the simulator's enrichment 833. */
export function domains(count: number, from = 0): JobInput[] {
  return Array.from({ length: count }, (_, index) => {
    const domain = `company-${from + index}.example`;
    return { params: { domain }, data: { Website: domain, n: index } };
  });
}

export async function rowsOf(job: Job): Promise<JobRow[]> {
  const rows: JobRow[] = [];
  for await (const row of job.results()) {
    rows.push(row);
  }
  return rows;
}

/** How often each input was billed at most. */
export function mostBilled({ simulator }: World): number {
  return Math.max(0, ...simulator.billed.values());
}
