/**
 * The simulator's core: requests in, answers out. It needs neither MSW nor Node.
 * May import generated code and the rest of the testing kit.
 */
import type { OperationName } from "../../generated/operations.gen.js";
import { readBody } from "../body.js";
import { createRandom } from "../random.js";
import { type Delivered, dispatch, exampleAnswer, json, type Match, type PlainAnswer, route } from "../replay.js";
import type { PlainRequest } from "../request.js";
import { Connectors } from "./connectors.js";
import { Account, type Credits } from "./credits.js";
import { createFaults, failedAnswer, takesEffect } from "./faults.js";
import { createRateLimit } from "./limits.js";
import { checkOptions, type Schemas, type SimulatorOptions } from "./options.js";
import { Runs } from "./runs.js";
import { Tables } from "./tables.js";
import { Tasks } from "./tasks.js";

/** What the simulator has counted. */
export interface Counters {
  /** Requests received, those included that were refused. */
  readonly requests: number;
  /** Requests that got a 429 from the rate limit. */
  readonly rateLimited: number;
  /** Requests that met a failure of `faults`. */
  readonly faults: number;
  /** Tasks started. */
  readonly tasks: number;
  /** Requests without an answer so far. */
  readonly inFlight: number;
  readonly peakInFlight: number;
}

/** What a test can read of a simulator. The objects change in place. */
export interface SimulatorState {
  /** How often each input was billed, by `inputKey`. An input that found nothing or failed is not billed. */
  readonly billed: ReadonlyMap<string, number>;
  /** How often each input was submitted in an accepted run, by `inputKey`. */
  readonly submitted: ReadonlyMap<string, number>;
  readonly counters: Counters;
  /** As of the last request. */
  readonly credits: Credits;
  /** Adds credits to the balance. */
  addCredits(amount: number): void;
}

/** A simulated workspace. */
export class Simulation {
  readonly state: SimulatorState;
  readonly #latencyMs: number;
  readonly #counters = { requests: 0, rateLimited: 0, faults: 0, tasks: 0, inFlight: 0, peakInFlight: 0 };
  readonly #account: Account;
  readonly #tasks: Tasks;
  readonly #runs: Runs;
  readonly #tables: Tables;
  readonly #connectors: Connectors;
  readonly #limit: () => PlainAnswer | undefined;
  readonly #nextFault: ReturnType<typeof createFaults>;
  #index = 0;

  /** @throws RangeError for an option out of its range. */
  constructor(options: SimulatorOptions = {}) {
    checkOptions(options);
    const { latencyMs = 0, seed = 1, balance = 1000, faults = [], expiredAs = 410, now = Date.now } = options;
    const random = createRandom(seed);
    const billed = new Map<string, number>();
    const submitted = new Map<string, number>();
    this.#latencyMs = latencyMs;
    this.#account = new Account(balance);
    this.#tasks = new Tasks(this.#account, now, expiredAs);
    this.#runs = new Runs(options, { account: this.#account, tasks: this.#tasks, random, seed, billed, submitted });
    this.#tables = new Tables(random, now);
    this.#connectors = new Connectors(now);
    this.#limit = createRateLimit(options.rateLimit, now);
    this.#nextFault = createFaults(faults, seed);
    this.state = {
      billed,
      submitted,
      counters: this.#counters,
      credits: this.#account.credits,
      addCredits: (amount) => this.#account.add(amount),
    };
  }

  /** Answers a request. The request takes effect at once. The caller delivers the answer and calls its `onClose` once. */
  answer(request: PlainRequest): Delivered {
    const counters = this.#counters;
    counters.requests++;
    const answer = this.#failOrAnswer(request);
    counters.inFlight++;
    counters.peakInFlight = Math.max(counters.peakInFlight, counters.inFlight);
    return {
      ...answer,
      delayMs: this.#latencyMs + (answer.delayMs ?? 0),
      onClose: () => {
        counters.inFlight--;
      },
    };
  }

  #failOrAnswer(request: PlainRequest): Delivered {
    const limited = this.#limit();
    if (limited) {
      this.#counters.rateLimited++;
      return limited;
    }
    const found = route(request.method, request.path);
    const operation = found.kind === "operation" ? (found.name as OperationName) : undefined;
    const fault = this.#nextFault({ operation, index: this.#index++ });
    if (!fault) {
      return this.#operate(request);
    }
    this.#counters.faults++;
    const answer = takesEffect(fault) ? this.#operate(request) : json(200, {});
    return "kind" in answer ? answer : failedAnswer(fault, answer);
  }

  #operate(request: PlainRequest): Delivered {
    this.#tasks.settle();
    const answer = dispatch(request, (match) => this.#run(match, request));
    // A task without a duration ends with the request that starts it.
    this.#tasks.settle();
    return answer;
  }

  #run(match: Match, request: PlainRequest): PlainAnswer {
    const query = new URLSearchParams(request.query);
    const read = readBody(request);
    const body = read.kind === "value" ? read.value : undefined;
    const answer =
      this.#userOrTask(match, query) ??
      this.#runs.answer(match, query, body) ??
      this.#tables.answer(match, query, body) ??
      this.#connectors.answer(match, body);
    if (answer && /\.(run|bulkRun)$/.test(match.name) && answer.status === 200) {
      this.#counters.tasks++;
    }
    // Operations that are not simulated answer their documented examples.
    return answer ?? exampleAnswer(match, request);
  }

  #userOrTask({ name, values }: Match, query: URLSearchParams): PlainAnswer | undefined {
    const id = values.task_id ?? "";
    switch (name) {
      case "user.me":
        return json(200, { ...USER, balance: this.#account.credits.balance });
      case "tasks.get":
        return this.#tasks.get(id, /^(true|1|yes|on|t|y)$/i.test(query.get("include_partial") ?? ""));
      case "tasks.cancel":
        return this.#tasks.cancel(id);
    }
    return undefined;
  }
}

const USER: Schemas["User"] = {
  first_name: "Ada",
  email: "ada.okafor@northwind.example",
  balance: 0,
  plan: "Pro",
  workspace: "f2a85c07-19d3-4be6-8c41-60b7e9d3a125",
};
