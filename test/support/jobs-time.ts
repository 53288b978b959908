/** A clock that jumps: when every promise waits, the earliest sleeper wakes. Minutes of a job take no time. */
import { setImmediate } from "node:timers/promises";
import type { Runtime } from "../../src/http/runtime.js";
import { createRandom } from "../../src/testing/random.js";

interface Sleeper {
  at: number;
  wake: () => void;
}

export interface VirtualTime extends Runtime {
  /** Milliseconds since 1970. */
  time: number;
}

/** How many turns of the event loop pass before the clock jumps: what is not a sleep is done by then. */
const TURNS = 3;

export function virtualTime(seed = 1): VirtualTime {
  const sleepers = new Set<Sleeper>();
  let isTurning = false;
  const clock: VirtualTime = {
    time: Date.parse("2026-06-01T08:00:00Z"),
    random: createRandom(seed),
    now: () => clock.time,
    date: () => clock.time,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const end = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener("abort", onAbort);
        };
        const onAbort = (): void => {
          end();
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: clock.time + ms,
          wake: () => {
            end();
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
        void turn();
      }),
  };
  const turn = async (): Promise<void> => {
    if (isTurning) {
      return;
    }
    isTurning = true;
    while (sleepers.size > 0) {
      for (let count = 0; count < TURNS; count++) {
        await setImmediate();
      }
      const next = [...sleepers].sort((a, b) => a.at - b.at)[0];
      if (next) {
        clock.time = Math.max(clock.time, next.at);
        next.wake();
      }
    }
    isTurning = false;
  };
  return clock;
}
