import { onAbort } from "./abort.js";
import type { Runtime } from "./runtime.js";

/** After a 429 the rate falls to this part of what the server accepted. */
const DECREASE = 0.9;

/** How much the rate grows in a second: fast after the first 429, slowly just below the rate that met the last one. */
const FIRST_GROWTH = 0.5;
const GROWTH = 0.1;
const CAREFUL_GROWTH = 0.005;

/** Requests per second: at the first 429, when little was measured, and at the least. */
const FIRST_RATE = 2;
const LOWEST_RATE = 0.5;

const WINDOW_MS = 1_000;

/** Servers round `Retry-After` up to whole seconds: the other calls do not wait for the part that may be rounding. */
const ROUNDING_MS = 1_000;

/**
 * Paces all requests of a client once the server has answered one with 429. Until then it does nothing.
 *
 * The rate follows additive increase and multiplicative decrease (Chiu and Jain, "Analysis of the increase and decrease
 * algorithms for congestion avoidance in computer networks", 1989), with two additions. The first rate is measured: it
 * is what the server accepted in the last second. Just below the rate that met the last 429 the increase is small, as
 * in CUBIC (RFC 9438), because each 429 costs a pause.
 */
export class Pacer {
  readonly #runtime: Runtime;
  /** Requests per second. */
  #rate = Number.POSITIVE_INFINITY;
  /** The rate that met the last 429. It is 0 until a second 429: the first says little about the limit. */
  #ceiling = 0;
  /** When the next request may start. */
  #nextAt = 0;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #grownAt = 0;
  /** Accepted requests: in this window, in the one before, and in all. */
  #accepted = { windowStart: Number.NEGATIVE_INFINITY, now: 0, before: 0, total: 0 };
  readonly #queue: (() => void)[] = [];
  #isDraining = false;
  /** Whether a request has waited since the rate last grew. */
  #hasWaited = false;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** How many requests the server has accepted. */
  get accepted(): number {
    return this.#accepted.total;
  }

  /**
   * Waits for a request's turn. Rejects with the signal's reason when it is aborted.
   *
   * @param isRetry - A retry goes first: it has waited longest.
   * @returns `undefined` if the request may start at once.
   */
  turn(signal: AbortSignal | undefined, isRetry: boolean): Promise<void> | undefined {
    if (this.#rate === Number.POSITIVE_INFINITY) {
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const start = (): void => {
        stopListening?.();
        resolve();
      };
      const stopListening = onAbort(signal, () => {
        const place = this.#queue.indexOf(start);
        place >= 0 && this.#queue.splice(place, 1);
        reject(signal?.reason);
      });
      if (!signal?.aborted) {
        isRetry ? this.#queue.unshift(start) : this.#queue.push(start);
        this.#drain();
      }
    });
  }

  /** The server accepted a request. */
  succeeded(): void {
    const now = this.#runtime.now();
    const counts = this.#accepted;
    const age = now - counts.windowStart;
    if (age >= WINDOW_MS) {
      this.#accepted = { windowStart: now, now: 0, before: age < 2 * WINDOW_MS ? counts.now : 0, total: counts.total };
    }
    this.#accepted.now++;
    this.#accepted.total++;
    if (this.#rate !== Number.POSITIVE_INFINITY) {
      this.#grow(now);
    }
  }

  /** A request failed. A 429, or a 503 with `Retry-After`, slows all requests; any other status counts as accepted. */
  failed(status: number | undefined, retryAfterMs: number | undefined): void {
    if (status === 429 || (status === 503 && retryAfterMs !== undefined)) {
      this.#slowDown(retryAfterMs ?? 0);
    } else if (status !== undefined) {
      this.succeeded();
    }
  }

  #slowDown(retryAfterMs: number): void {
    const now = this.#runtime.now();
    // One decrease for all the requests that were in flight together.
    if (now - this.#decreasedAt >= WINDOW_MS) {
      const isFirst = this.#rate === Number.POSITIVE_INFINITY;
      const measured = Math.min(this.#rate, this.#acceptedPerSecond(now));
      this.#ceiling = isFirst ? 0 : measured;
      this.#rate = Math.max(DECREASE * measured, isFirst ? FIRST_RATE : LOWEST_RATE);
      this.#decreasedAt = now;
      this.#grownAt = now;
    }
    this.#nextAt = Math.max(this.#nextAt, now + retryAfterMs - ROUNDING_MS);
  }

  /** Grows only if requests waited: an unused rate says nothing about the server. */
  #grow(now: number): void {
    const seconds = Math.min((now - this.#grownAt) / 1_000, 1);
    this.#grownAt = now;
    if (this.#hasWaited) {
      this.#hasWaited = this.#queue.length > 0;
      const growth = this.#ceiling === 0 ? FIRST_GROWTH : this.#rate < this.#ceiling ? CAREFUL_GROWTH : GROWTH;
      this.#rate *= 1 + seconds * growth;
    }
    // What the server accepts while the first 429 arrives corrects a first rate that was measured too low.
    if (now - this.#decreasedAt < WINDOW_MS) {
      this.#rate = Math.max(this.#rate, DECREASE * this.#acceptedPerSecond(now));
    }
  }

  #acceptedPerSecond(now: number): number {
    const { windowStart, now: current, before } = this.#accepted;
    const rest = Math.max(0, 1 - (now - windowStart) / WINDOW_MS);
    return (rest > 0 ? current : 0) + rest * before;
  }

  async #drain(): Promise<void> {
    if (this.#isDraining) {
      return;
    }
    this.#isDraining = true;
    let now = this.#runtime.now();
    while (this.#queue.length > 0) {
      const waitMs = this.#nextAt - now;
      if (waitMs > 0) {
        this.#hasWaited = true;
        await this.#runtime.sleep(waitMs, undefined);
        now = Math.max(this.#runtime.now(), now + waitMs);
      } else {
        // Jitter, so that many clients spread out.
        this.#nextAt = now + (1_000 / this.#rate) * (0.9 + 0.2 * this.#runtime.random());
        this.#queue.shift()?.();
      }
    }
    this.#isDraining = false;
  }
}
