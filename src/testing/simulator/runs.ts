/** Single and bulk runs of enrichments, waterfalls and flows, and the catalogue that they run. */
import { createUuid, type Random } from "../random.js";
import { json, type Match, type PlainAnswer } from "../replay.js";
import { ENRICHMENTS, FLOWS, WATERFALLS } from "./catalogue.js";
import { type Account, round } from "./credits.js";
import { count, inputKey } from "./keys.js";
import type { ResultFunction, Schemas, SimulatedInput, SimulatorOptions } from "./options.js";
import { pageOf } from "./pages.js";
import {
  createResultFunction,
  enrichmentTarget,
  flowTarget,
  outcomeOf,
  type Target,
  waterfallTarget,
} from "./results.js";
import type { Tasks } from "./tasks.js";

type RunBody = Partial<
  Schemas["EnrichmentRunRequest"] & Pick<Schemas["WaterfallRunRequest"], "enrichments" | "email_verifier">
> & { inputs?: unknown };

/** What a run needs of the simulator. */
export interface RunContext {
  readonly account: Account;
  readonly tasks: Tasks;
  /** For task ids. */
  readonly random: Random;
  readonly seed: number;
  /** Called when an input was submitted. */
  readonly billed: Map<string, number>;
  readonly submitted: Map<string, number>;
}

/** Answers the operations on enrichments, waterfalls and flows. */
export class Runs {
  readonly #context: RunContext;
  readonly #enrichments: readonly Schemas["Enrichment"][];
  readonly #waterfalls: readonly Schemas["Waterfall"][];
  readonly #flows: readonly Schemas["FlowDetail"][];
  readonly #result: ResultFunction;
  readonly #price: ((input: SimulatedInput) => number) | undefined;
  readonly #durationMs: (inputs: number) => number;
  /** The fields of each target's default result. */
  readonly #fields = new Map<string, readonly string[]>();

  constructor(options: SimulatorOptions, context: RunContext) {
    const { price, taskMs = 1000 } = options;
    this.#context = context;
    this.#enrichments = (options.enrichments ?? ENRICHMENTS).map((each) =>
      typeof price === "number" ? { ...each, price, pricing: { type: "fixed", parameter: null } } : each,
    );
    this.#waterfalls = options.waterfalls ?? WATERFALLS;
    this.#flows = options.flows ?? FLOWS;
    this.#price = typeof price === "number" ? () => price : price;
    this.#durationMs = typeof taskMs === "number" ? () => taskMs : taskMs;
    this.#result = options.result ?? createResultFunction(context.seed, (target) => this.#fields.get(target) ?? []);
  }

  /** Undefined for an operation that is not simulated here. */
  answer({ name, values }: Match, query: URLSearchParams, body: unknown): PlainAnswer | undefined {
    switch (name) {
      case "enrichments.list":
        return json(200, pageOf(this.#enrichments.filter(matchesText(query.get("q"))).map(summaryOf), query));
      case "enrichments.get":
        return found(this.#enrichment(values.enrichment_id), "Enrichment not found");
      case "waterfalls.list":
        return json(200, this.#waterfalls);
      case "waterfalls.get":
        return found(this.#waterfall(values.waterfall_identifier), "Waterfall not found");
      case "flows.list":
        return json(
          200,
          this.#flows.map(({ config, ui, internal_version, ...flow }) => flow),
        );
      case "flows.get":
        return found(this.#flow(values.flow_id), "Flow not found");
      case "enrichments.run":
      case "enrichments.bulkRun":
      case "waterfalls.run":
      case "waterfalls.bulkRun":
      case "flows.run":
      case "flows.bulkRun":
        return this.#run(name, values, (body ?? {}) as RunBody);
    }
    return undefined;
  }

  #run(name: string, values: Match["values"], body: RunBody): PlainAnswer {
    const target = this.#target(name, values, body);
    if (!target) {
      return json(404, {
        detail: `${name.startsWith("e") ? "Enrichment" : name.startsWith("w") ? "Waterfall" : "Flow"} not found`,
      });
    }
    this.#fields.set(target.name, target.fields);
    const isBulk = name.endsWith(".bulkRun");
    const given = body.params ?? body.inputs ?? {};
    const inputs = (isBulk ? given : [given]) as SimulatedInput["params"][];
    const reserved = inputs.map((params) => target.reserve(params));
    const { account, tasks, random, billed, submitted } = this.#context;
    if (!account.reserve(round(reserved.reduce((sum, credits) => sum + credits, 0)))) {
      return json(406, { detail: "Not enough credits to run this operation" });
    }
    const keys = inputs.map((params) => inputKey({ target: target.name, params }));
    for (const key of keys) {
      count(submitted, key);
    }
    const id = createUuid(random);
    tasks.start({
      id,
      isBulk,
      reserved,
      durationMs: this.#durationMs(inputs.length),
      wrap: name === "waterfalls.run",
      outcome: (index) => {
        const outcome = outcomeOf(target, inputs[index] ?? {}, this.#result);
        if (outcome.kind === "found") {
          count(billed, keys[index] ?? "");
        }
        return outcome;
      },
    });
    return json(200, { task_id: id, status: "processing" } satisfies Schemas["RunResponse"]);
  }

  #target(name: string, values: Match["values"], body: RunBody): Target | undefined {
    const { seed } = this.#context;
    if (name.startsWith("enrichments.")) {
      const enrichment = this.#enrichment(values.enrichment_id);
      return enrichment && enrichmentTarget(enrichment, body.pagination?.pages ?? 1, this.#price);
    }
    if (name.startsWith("waterfalls.")) {
      const waterfall = this.#waterfall(values.waterfall_identifier);
      return waterfall && waterfallTarget(waterfall, body, seed, this.#price);
    }
    const flow = this.#flow(values.flow_id);
    return flow && flowTarget(flow, this.#price);
  }

  #enrichment(id: string | undefined): Schemas["Enrichment"] | undefined {
    return this.#enrichments.find((each) => each.id === Number(id));
  }

  #waterfall(identifier: string | undefined): Schemas["Waterfall"] | undefined {
    return this.#waterfalls.find((each) => each.identifier === identifier);
  }

  #flow(id: string | undefined): Schemas["FlowDetail"] | undefined {
    return this.#flows.find((each) => String(each.id) === id);
  }
}

function found(body: object | undefined, otherwise: string): PlainAnswer {
  return body ? json(200, body) : json(404, { detail: otherwise });
}

function summaryOf({
  params,
  response_fields,
  pagination,
  ...summary
}: Schemas["Enrichment"]): Schemas["EnrichmentSummary"] {
  return summary;
}

function matchesText(text: string | null): (item: { name: string; description: string }) => boolean {
  const wanted = (text ?? "").toLowerCase();
  return ({ name, description }) => `${name}\n${description}`.toLowerCase().includes(wanted);
}
