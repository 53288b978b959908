/**
 * `npm run check:jobs`: the guarantees of `databar-client/jobs`, at full size.
 *
 * 1. Histories: a job is killed at every write of its ledger and at every request, alone and among failures of the
 *    network and the server, and continued. Nothing is paid twice, no cap is exceeded, no result is missing.
 * 2. Real processes on real files, killed with SIGKILL.
 * 3. 50,000 rows in and out: memory, and how long a resume reads the ledger.
 *
 * A smaller sample of the histories runs in `npm test`.
 */
import { type History, runHistory, scenario, undisturbed } from "../../test/support/histories.js";
import { checkKilledProcesses } from "./jobs/processes.js";
import { checkVolume } from "./jobs/volume.js";

const LEAST_HISTORIES = 2_000;

const all: History[] = [];
const failures: string[] = [];

function add(history: History, what: string): void {
  all.push(history);
  failures.push(...history.problems.map((problem) => `${what}: ${problem}`));
}

const startedAt = performance.now();
// At every boundary, without and with failures.
for (let seed = 1; all.length < LEAST_HISTORIES; seed++) {
  const given = scenario(seed, seed % 2 === 0);
  const expected = await undisturbed(given);
  const whole = await runHistory(given, [], expected);
  add(whole, `seed ${seed}`);
  for (let boundary = 1; boundary <= whole.boundaries; boundary++) {
    // Every third history dies once more, in its second life.
    const kills = boundary % 3 === 0 ? [boundary, 1 + ((boundary * 7) % 20)] : [boundary];
    add(await runHistory(given, kills, expected), `seed ${seed}, killed at ${kills}`);
  }
}
const sum = (read: (history: History) => number): number => all.reduce((total, history) => total + read(history), 0);
console.log(
  `${all.length} histories, ${sum(({ kills }) => kills)} kills, ${sum(({ boundaries }) => boundaries)} writes and requests, ` +
    `${sum(({ inDoubt }) => inDoubt)} rows in doubt, ${failures.length} violations, ${Math.round((performance.now() - startedAt) / 1_000)} s`,
);
failures.push(...(await checkKilledProcesses()), ...(await checkVolume()));
for (const failure of failures.slice(0, 20)) {
  console.error(failure);
}
process.exitCode = failures.length > 0 ? 1 : 0;
