/** Keeps the checks at a few percent of the time that `JSON.parse` takes for the same bodies. */

/** How many bodies of an operation are all checked, whatever it costs. */
const ALL_AT_FIRST = 300;

/** The share of the time of `JSON.parse`. */
const SHARE = 0.045;

/** V8 parses JSON at 2 to 5 ns per byte. */
const PARSE_NS_PER_BYTE = 2.3;

/** What a body costs that is not checked, in nanoseconds. */
const SKIP_NS = 12;

/** What a check costs beside the generated function, in nanoseconds. */
const QUEUE_NS = 80;

/** Reading the clock costs as much as a small check: one check in so many is timed. */
const CHECKS_PER_CLOCK = 8;

/** The checks of one operation, or of errors of one status. */
interface Account {
  key: string | number;
  /** How many bodies are checked whatever it costs. */
  free: number;
  checks: number;
  /** Time that bodies have earned, in nanoseconds. */
  saved: number;
  /** What a check takes, in nanoseconds: a moving average. */
  cost: number;
}

/** Says which bodies are checked. Each operation has its own share, so that polls do not use up that of rare calls. */
export class Budget {
  readonly #accounts = new Map<string | number, Account>();
  #last: Account = { key: "", free: 0, checks: 0, saved: 0, cost: 0 };

  /** Whether the check of a body of so many bytes can be afforded. */
  affords(operation: string, status: number, bytes: number): boolean {
    const account = this.#account(status < 400 ? operation : status);
    if (account.free > 0) {
      account.free--;
      return true;
    }
    account.saved += Math.max(1, bytes * (SHARE * PARSE_NS_PER_BYTE) - SKIP_NS);
    if (account.saved < account.cost) {
      return false;
    }
    account.saved -= account.cost;
    return true;
  }

  /** Runs a check, and now and then takes its time. */
  run<T>(operation: string, status: number, check: () => T): T {
    const account = this.#account(status < 400 ? operation : status);
    if (account.checks++ % CHECKS_PER_CLOCK !== 0) {
      return check();
    }
    const start = performance.now();
    const result = check();
    const cost = (performance.now() - start) * 1e6 + QUEUE_NS;
    // A pause of the garbage collector is no cost of the check.
    account.cost += (Math.min(cost, 4 * account.cost || cost) - account.cost) / 8;
    return result;
  }

  #account(key: string | number): Account {
    // Most often it is the operation of the last call: a poll.
    if (key !== this.#last.key) {
      this.#last = this.#accounts.get(key) ?? { key, free: ALL_AT_FIRST, checks: 0, saved: 0, cost: 0 };
      this.#accounts.set(key, this.#last);
    }
    return this.#last;
  }
}
