import type { Sampling, Validators } from "../generated/validators.gen.js";
import { type Exchange, type Hooks, INSPECT, type InspectingHooks } from "../http/hooks.js";
import { type Check, check, checkOptions, FUNCTION, wholeNumber } from "../validate.js";
import { Budget } from "./budget.js";
import { type Drift, findDrift } from "./check.js";
import { defer } from "./queue.js";

/** Options of {@link watchDrift}. */
export interface WatchDriftOptions {
  /** Called for each difference, once per process. What it throws is reported as a warning. */
  onDrift: (drift: Drift) => void;
  /** The share of responses to check, from 0 to 1. Default: 1. */
  sample?: number | undefined;
  /** The largest number of items of a list that are checked; of a longer list, evenly spread ones are. Default: 50. */
  maxItems?: number | undefined;
  /** Hooks of your own, or those of `record`. */
  hooks?: Hooks | undefined;
  /** The differences that were reported already. Default: one set per process. Pass `new Set()` in a test. */
  reported?: Set<string> | undefined;
}

const SHARE: Check = [(value) => typeof value === "number" && value >= 0 && value <= 1, "a number from 0 to 1"];

const OPTIONS = {
  onDrift: FUNCTION,
  sample: SHARE,
  maxItems: wholeNumber(1),
  hooks: undefined,
  reported: [(value) => (value as unknown) instanceof Set, "a Set"],
} satisfies Record<keyof WatchDriftOptions, Check | undefined>;

/** The default of `reported`. */
const reportedInProcess = new Set<string>();

/** Differences beyond this number are not reported: something else than drift is going on. */
const MAX_REPORTED = 10_000;

/** How often a difference may turn out to be a change that the caller made, before it is ignored. */
const MAX_UNCONFIRMED = 3;

/** Makes `watchDrift` for a contract. */
export function createWatchDrift(validators: Validators): (options: WatchDriftOptions) => Hooks {
  return (options) => {
    checkOptions(options, OPTIONS);
    check("onDrift", options.onDrift, FUNCTION);
    const { sample = 1, hooks = {} } = options;
    const watcher = new Watcher(validators, options);
    const other = (hooks as InspectingHooks)[INSPECT];
    const watching: InspectingHooks = {
      ...hooks,
      [INSPECT](exchange) {
        other?.(exchange);
        if ((sample === 1 || Math.random() < sample) && watcher.affords(exchange)) {
          defer(exchange, watcher.check);
        }
      },
    };
    return watching;
  };
}

class Watcher {
  readonly #validators: Validators;
  readonly #onDrift: (drift: Drift) => unknown;
  readonly #sampling: Sampling;
  readonly #reported: Set<string>;
  readonly #unconfirmed = new Map<string, number>();
  readonly #budget = new Budget();
  #hasWarned = false;

  constructor(validators: Validators, { onDrift, maxItems = 50, reported = reportedInProcess }: WatchDriftOptions) {
    this.#validators = validators;
    this.#onDrift = onDrift;
    this.#sampling = { limit: maxItems, offset: 0 };
    this.#reported = reported;
  }

  /** Whether the check of a body can be afforded. */
  affords({ operation, status, bytes }: Exchange): boolean {
    return this.#budget.affords(operation, status, bytes === undefined ? 0 : bytes.byteLength);
  }

  readonly check = (exchange: Exchange): void => {
    const found = this.#budget.run(exchange.operation, exchange.status, () => this.#find(exchange));
    if (found && found.size > 0) {
      this.#confirm(exchange, found);
    }
  };

  /** Differences that were not reported before. */
  #find({ operation, status, body }: Exchange): Map<string, Drift> | undefined {
    // Of a long list, other items are checked each time.
    this.#sampling.offset = Math.random();
    const drifts = findDrift(this.#validators, operation, status, body, this.#sampling);
    return drifts.length > 0 ? this.#unreported(drifts) : undefined;
  }

  #confirm({ operation, status, body, bytes }: Exchange, found: ReadonlyMap<string, Drift>): void {
    const confirmed = this.#confirmed(operation, status, body, bytes);
    for (const [key, drift] of found) {
      if (confirmed && !confirmed.has(key)) {
        this.#unconfirmed.set(key, (this.#unconfirmed.get(key) ?? 0) + 1);
      } else if (this.#reported.size < MAX_REPORTED) {
        this.#reported.add(key);
        this.#report(drift);
      }
    }
  }

  #unreported(drifts: readonly Drift[]): Map<string, Drift> {
    const all = drifts.map((drift): [string, Drift] => [keyOf(drift), drift]);
    return new Map(
      all.filter(([key]) => !this.#reported.has(key) && (this.#unconfirmed.get(key) ?? 0) < MAX_UNCONFIRMED),
    );
  }

  /**
   * What differs in the body as the server sent it: the caller has the parsed one, and may have changed it by now.
   * `undefined` if there is nothing to compare with.
   */
  #confirmed(
    operation: string,
    status: number,
    body: unknown,
    bytes: Uint8Array | undefined,
  ): Map<string, Drift> | undefined {
    if (!bytes || typeof body !== "object" || body === null) {
      return undefined;
    }
    const sent: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return this.#unreported(findDrift(this.#validators, operation, status, sent, this.#sampling));
  }

  #report(drift: Drift): void {
    const warn = (): void => {
      if (!this.#hasWarned) {
        this.#hasWarned = true;
        console.warn("databar-client: onDrift threw");
      }
    };
    try {
      const result = this.#onDrift(drift);
      result && Promise.resolve(result).catch(warn);
    } catch {
      warn();
    }
  }
}

function keyOf({ operation, status, path, kind, expected, found }: Drift): string {
  return [operation, status, path, kind, expected, found].join(" ");
}
