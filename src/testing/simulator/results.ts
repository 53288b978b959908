/** The results of inputs: what is found, what it costs. */
import { round } from "./credits.js";
import { randomOf } from "./keys.js";
import type { ResultFunction, Schemas, SimulatedInput } from "./options.js";

/** What happens to one input of a run. */
export interface Outcome {
  readonly kind: "found" | "nothing" | "failed";
  /** The element of the task's `data`. */
  readonly data: unknown;
  readonly error?: string | undefined;
  /** Credits: nothing for an input without a result. */
  readonly cost: number;
}

/** Something that can run. */
export interface Target {
  /** As in the path: `enrichments/833`. */
  readonly name: string;
  readonly requiredParams: readonly string[];
  /** The fields that a default result has. */
  readonly fields: readonly string[];
  /** The most that an input can cost. This is reserved. */
  reserve(params: SimulatedInput["params"]): number;
  /** Makes the outcome of an input that found something. */
  found(params: SimulatedInput["params"], result: object): Pick<Outcome, "data" | "cost">;
}

const EMPTY_SHARE = 0.1;

/** The default result function: a tenth of the inputs finds nothing, the others have a value for each field. */
export function createResultFunction(seed: number, fieldsOf: (target: string) => readonly string[]): ResultFunction {
  return (input) => {
    const random = randomOf(JSON.stringify([input.target, input.params]), seed);
    if (random() < EMPTY_SHARE) {
      return null;
    }
    const word = Math.floor(random() * 2 ** 32).toString(36);
    const values = fieldsOf(input.target).map((field) => [field, field === "email" ? `${word}@example.com` : word]);
    return Object.fromEntries(values);
  };
}

/** Decides the outcome of one input. */
export function outcomeOf(target: Target, params: SimulatedInput["params"], result: ResultFunction): Outcome {
  const blank = target.requiredParams.find((name) => isBlank(params[name]));
  if (blank !== undefined) {
    return { kind: "failed", data: null, error: `Parameter ${blank} is empty`, cost: 0 };
  }
  try {
    const found = result({ target: target.name, params });
    return found === null || found === undefined
      ? { kind: "nothing", data: null, cost: 0 }
      : { kind: "found", ...target.found(params, found) };
  } catch (error) {
    return { kind: "failed", data: null, error: error instanceof Error ? error.message : String(error), cost: 0 };
  }
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** An enrichment. With `per_parameter` an input costs the price times the value of that parameter, for each page. */
export function enrichmentTarget(enrichment: Schemas["Enrichment"], pages: number, price?: PriceOf): Target {
  const { id, pricing, params, response_fields } = enrichment;
  const name = `enrichments/${id}`;
  const cost = (input: SimulatedInput["params"]): number => {
    if (price) {
      return price({ target: name, params: input });
    }
    const parameter = pricing?.type === "per_parameter" ? pricing.parameter : undefined;
    const factor = parameter ? Number(input[parameter]) : 1;
    return round(enrichment.price * (factor >= 0 ? factor : 1) * pages);
  };
  return {
    name,
    requiredParams: (params ?? []).filter(({ is_required }) => is_required).map((each) => each.name),
    fields: (response_fields ?? []).map((field) => field.name),
    reserve: cost,
    found: (input, data) => ({ data, cost: cost(input) }),
  };
}

/** The price of an input, if the options set it. */
export type PriceOf = (input: SimulatedInput) => number;

/** A waterfall. It reserves the prices of all its providers, and spends that of the provider that finds something. */
export function waterfallTarget(
  waterfall: Schemas["Waterfall"],
  request: Pick<Schemas["WaterfallRunRequest"], "enrichments" | "email_verifier">,
  seed: number,
  price?: PriceOf,
): Target {
  const name = `waterfalls/${waterfall.identifier}`;
  const { enrichments, email_verifier } = request;
  const providers = (waterfall.available_enrichments ?? []).filter(({ id, enabled_by_default = true }) =>
    enrichments ? enrichments.includes(id) : enabled_by_default,
  );
  const verifier = waterfall.email_verifiers?.find(({ id }) => id === email_verifier);
  const verification = Number(verifier?.price ?? 0);
  const fields = (waterfall.output_fields ?? []).map((field) => field.name);
  const total = round(providers.reduce((sum, provider) => sum + Number(provider.price ?? 0), verification));
  return {
    name,
    requiredParams: (waterfall.input_params ?? []).filter(({ required }) => required).map((each) => each.name),
    fields,
    reserve: (params) => price?.({ target: name, params }) ?? total,
    found: (params, result) => {
      const winner = Math.floor(randomOf(JSON.stringify(params), seed)() * providers.length);
      const asked = providers.slice(0, winner + 1);
      const steps = asked.map((provider, index) => ({
        action: "enrichment",
        provider: provider.name,
        provider_logo: null,
        result: index === winner ? "found" : "not_found",
        details: null,
        cost: String(index === winner ? (provider.price ?? 0) : 0),
        is_verified: index === winner && verifier !== undefined,
      }));
      const cost = round(Number(asked.at(-1)?.price ?? 0) + verification);
      return {
        data: { enrichment_data: params, result, steps, result_field: fields },
        cost: price?.({ target: name, params }) ?? cost,
      };
    },
  };
}

/** A flow: one credit per run, unless the options set a price. */
export function flowTarget(flow: Schemas["FlowDetail"], price: PriceOf = () => 1): Target {
  const name = `flows/${flow.id}`;
  const cost = (params: SimulatedInput["params"]): number => price({ target: name, params });
  return {
    name,
    requiredParams: (flow.inputs ?? []).filter(({ required }) => required).map(({ id }) => id),
    fields: (flow.outputs ?? []).map(({ id }) => id),
    reserve: cost,
    found: (params, data) => ({ data, cost: cost(params) }),
  };
}
