import type { Runtime } from "../../src/http/runtime.js";

/** A clock that jumps to the next timer when no other work is left, so that minutes pass in milliseconds. */
export class VirtualTime implements Runtime {
  #now = 0;
  #random: () => number;
  readonly #timers: { at: number; wake: () => void }[] = [];

  constructor(random: () => number = () => 0.5) {
    this.#random = random;
  }

  now = (): number => this.#now;
  date = (): number => this.#now;
  random = (): number => this.#random();

  sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.#timers.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  };

  /** Advances the clock until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#timers.sort((a, b) => a.at - b.at);
      const next = isDone ? undefined : this.#timers.shift();
      if (next) {
        this.#now = Math.max(this.#now, next.at);
        next.wake();
      }
    }
    return done;
  }
}

/** Random numbers from 0 up to 1. The same seed returns the same numbers. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
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
