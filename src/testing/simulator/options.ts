/** The simulator's options. */
import type { OperationName } from "../../generated/operations.gen.js";
import type { components } from "../../generated/schema.gen.js";

/** The API's objects. */
export type Schemas = components["schemas"];

/** An input of a run. */
export interface SimulatedInput {
  /** What runs, as in the path: `enrichments/833`, `waterfalls/email_getter`, `flows/8f3c6b1a-...`. */
  readonly target: string;
  /** The parameters of an enrichment or a waterfall, the inputs of a flow. */
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Returns the result of one input: an object, or `null` for nothing found. To let an input fail, throw an error: its
 * message becomes the task's error.
 */
export type ResultFunction = (input: SimulatedInput) => Readonly<Record<string, unknown>> | null;

/** A failure that a request meets. */
export interface SimulatedFailure {
  /**
   * What the client gets:
   *
   * - a status from 400 to 599, with the body that such an answer has
   * - `reset`: a broken connection, no answer
   * - `truncated`: the answer, broken off in the middle of its body
   * - `html`: an HTML page with status 200
   * - `slow`: the answer, after `delayMs`
   */
  readonly answer: number | "reset" | "truncated" | "html" | "slow";
  /**
   * `before`: the request has no effect. `after`: the request takes effect, and its answer is lost. Default: `before`,
   * but `after` for `truncated` and `slow`.
   */
  readonly when?: "before" | "after" | undefined;
  /** Only with `slow`: milliseconds. Default: 1000. */
  readonly delayMs?: number | undefined;
}

/** A failure that a share of the requests meets. */
export interface SimulatedFault extends SimulatedFailure {
  /** The share of requests, from 0 to 1. */
  readonly share: number;
  /** Only requests to these operations. Default: all. */
  readonly operations?: readonly OperationName[] | undefined;
}

/** A request, as a fault function sees it. */
export interface FaultContext {
  /** Undefined for a path that is not the API's. */
  readonly operation: OperationName | undefined;
  /** The request's number, from 0. Requests that the rate limit refused are not counted. */
  readonly index: number;
}

/** How many requests the simulator accepts: a token bucket. */
export interface RateLimit {
  /** The rate at which the bucket refills. */
  readonly requestsPerSecond: number;
  /** The bucket's size: how many requests may come at once. Default: `requestsPerSecond`, at least 1. */
  readonly burst?: number | undefined;
  /** Whether a 429 has a `retry-after` header, in whole seconds. Default: true. */
  readonly retryAfter?: boolean | undefined;
}

/** Options of `simulate` and `startSimulator`. */
export interface SimulatorOptions {
  /** Milliseconds between a request and its answer. The request takes effect at once. Default: 0. */
  latencyMs?: number | undefined;
  /** A number is the requests per second. Default: no limit. */
  rateLimit?: number | RateLimit | undefined;
  /** Credits per input, instead of the catalogue's prices. Default: the catalogue's prices. */
  price?: number | ((input: SimulatedInput) => number) | undefined;
  /**
   * Failures, drawn by `seed`. A function decides about each request instead, and returns undefined for no failure.
   * Default: none.
   */
  faults?: readonly SimulatedFault[] | ((request: FaultContext) => SimulatedFailure | undefined) | undefined;
  /** Decides faults, ids and default results: the same ones for the same seed and the same requests. Default: 1. */
  seed?: number | undefined;
  /** The credits at the start. Default: 1000. */
  balance?: number | undefined;
  /** Milliseconds from the start of a task to its end. A function gets the number of inputs. Default: 1000. */
  taskMs?: number | ((inputs: number) => number) | undefined;
  /** The result of each input. Default: made from the seed and the input. A tenth of the inputs finds nothing. */
  result?: ResultFunction | undefined;
  /** Enrichments that replace the catalogue's. */
  enrichments?: readonly Schemas["Enrichment"][] | undefined;
  /** Waterfalls that replace the catalogue's. */
  waterfalls?: readonly Schemas["Waterfall"][] | undefined;
  /** Flows that replace the catalogue's. */
  flows?: readonly Schemas["FlowDetail"][] | undefined;
  /** What a poll gets 24 hours after the end of its task: a 410, or a task with the status `gone`. Default: 410. */
  expiredAs?: 410 | "gone" | undefined;
  /** The time in milliseconds since 1970, to run tests with a clock of their own. Default: `Date.now`. */
  now?: (() => number) | undefined;
}

/**
 * Checks numbers that would otherwise fail late, or silently.
 *
 * @throws RangeError for a number out of its range.
 */
export function checkOptions(options: SimulatorOptions): void {
  const { latencyMs, rateLimit, price, balance, taskMs, faults } = options;
  const rate = typeof rateLimit === "number" ? rateLimit : rateLimit?.requestsPerSecond;
  const ranges: [name: string, value: unknown, least: number, most: number][] = [
    ["latencyMs", latencyMs, 0, 2 ** 31 - 1],
    ["rateLimit", rate, Number.MIN_VALUE, Number.MAX_VALUE],
    ["rateLimit.burst", typeof rateLimit === "object" ? rateLimit.burst : undefined, 1, Number.MAX_VALUE],
    ["price", price, 0, Number.MAX_VALUE],
    ["balance", balance, 0, Number.MAX_VALUE],
    ["taskMs", taskMs, 0, Number.MAX_VALUE],
  ];
  if (typeof faults === "object") {
    for (const { answer, share } of faults) {
      ranges.push(["a fault's share", share, 0, 1], ["a fault's status", answer, 400, 599]);
    }
    ranges.push(["the sum of the faults' shares", faults.reduce((sum, { share }) => sum + share, 0), 0, 1 + 1e-9]);
  }
  for (const [name, value, least, most] of ranges) {
    if (typeof value === "number" && !(value >= least && value <= most)) {
      throw new RangeError(`${name} must be from ${least} to ${most}: got ${value}`);
    }
  }
}
