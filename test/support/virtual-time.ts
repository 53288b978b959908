import { setImmediate } from "node:timers/promises";
import type { Runtime } from "../../src/http/runtime.js";

interface Sleeper {
  at: number;
  wake: () => void;
}

/** How many turns of the event loop pass before the clock jumps: what is not a sleep is done by then. */
const TURNS = 3;

/** A clock that jumps to the earliest sleeper when all other work waits, so that hours pass in milliseconds. */
export class VirtualTime implements Runtime {
  /** Milliseconds since 1970. A test may set it. */
  time: number;
  readonly random: () => number;
  readonly #sleepers = new Set<Sleeper>();
  #isTurning = false;

  constructor({ start = 0, random = () => 0.5 }: { start?: number; random?: () => number } = {}) {
    this.time = start;
    this.random = random;
  }

  now = (): number => this.time;
  date = (): number => this.time;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        end();
        reject(signal?.reason);
      };
      const wake = (): void => {
        end();
        resolve();
      };
      const sleeper = { at: this.time + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", abort);
      void this.#turn();
    });
  };

  async #turn(): Promise<void> {
    if (this.#isTurning) {
      return;
    }
    this.#isTurning = true;
    while (this.#sleepers.size > 0) {
      for (let count = 0; count < TURNS; count++) {
        await setImmediate();
      }
      const [next] = [...this.#sleepers].sort((a, b) => a.at - b.at);
      if (next) {
        this.time = Math.max(this.time, next.at);
        next.wake();
      }
    }
    this.#isTurning = false;
  }
}

/** A rate limit: a bucket of tokens that starts full. */
export function tokenBucket(time: Runtime, perSecond: number, burst = perSecond): () => number | undefined {
  let tokens = burst;
  let filledAt = time.now();
  /** Takes a token. Returns `undefined`, or the milliseconds until the next token if the bucket is empty. */
  return () => {
    tokens = Math.min(burst, tokens + ((time.now() - filledAt) / 1_000) * perSecond);
    filledAt = time.now();
    if (tokens < 1) {
      return ((1 - tokens) / perSecond) * 1_000;
    }
    tokens--;
    return undefined;
  };
}
