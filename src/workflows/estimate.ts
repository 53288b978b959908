/** What runs cost at list prices, and which inputs lack a required parameter. Pure. */
import { DatabarError, isDatabarError } from "../errors/classes.js";
import type { Enrichment, FlowCostEstimate, FlowDetail, Waterfall } from "../generated/schema.gen.js";
import { type Check, check } from "../validate.js";

/** One input of a run: parameter to value. */
export type Params = Readonly<Record<string, unknown>>;

/** Credits, at list prices. */
export interface CreditRange {
  min: number;
  max: number;
}

/** A required parameter that an input does not have. */
export interface MissingParameter {
  /** The index of the input, from 0. */
  row: number;
  /** The parameter's name, as a run expects it. */
  parameter: string;
  /** `blank`: the value is `null`, an empty text or white space. */
  problem: "missing" | "blank";
}

/** What a bulk run costs. */
export interface Estimate {
  /** The number of inputs. */
  rows: number;
  /** Credits for all inputs at list prices; `"unknown"` if the price depends on something that is not known before the run. */
  credits: CreditRange | "unknown";
  /** How the credits were calculated, or why they are unknown. */
  reason: string;
  /** Inputs that lack a required parameter. A run would fail for them, and may still cost credits. */
  missing: MissingParameter[];
}

/** What is known of the price of a run before it starts. */
export interface PriceList {
  /** The parameters that an input may have. */
  parameters: readonly string[];
  /** The parameters that every input must have. */
  required: readonly string[];
  /** The credits of one input; `undefined` if they are unknown. */
  cost(params: Params): CreditRange | undefined;
  reason: string;
}

/** Finds required parameters that are missing or blank. `0` and `false` are values. */
export function findMissingParameters(required: readonly string[], inputs: Iterable<Params>): MissingParameter[] {
  const found: MissingParameter[] = [];
  let row = 0;
  for (const params of inputs) {
    for (const parameter of required) {
      const value = params?.[parameter];
      if (value === undefined) {
        found.push({ row, parameter, problem: "missing" });
      } else if (value === null || (typeof value === "string" && value.trim() === "")) {
        found.push({ row, parameter, problem: "blank" });
      }
    }
    row++;
  }
  return found;
}

/** Sums of prices such as 0.1 stay readable. */
export function roundCredits(credits: number): number {
  return Math.round(credits * 1e6) / 1e6;
}

/** Adds up what a list of inputs costs. */
export function estimate({ required, cost, reason }: PriceList, inputs: readonly Params[]): Estimate {
  const missing = findMissingParameters(required, inputs);
  const total: CreditRange = { min: 0, max: 0 };
  const unknown = inputs.some((params) => {
    const credits = cost(params);
    total.min = roundCredits(total.min + (credits?.min ?? 0));
    total.max = roundCredits(total.max + (credits?.max ?? 0));
    return !credits;
  });
  return { rows: inputs.length, credits: unknown ? "unknown" : total, reason, missing };
}

/**
 * Estimates a bulk run from what the server returns.
 *
 * @throws UsageError for inputs that are no list of objects, before any request; DatabarError for a response that no
 *   price can be read from.
 */
export async function estimateRun(inputs: readonly Params[], readPrices: () => Promise<PriceList>): Promise<Estimate> {
  check("inputs", inputs, INPUTS);
  try {
    return estimate(await readPrices(), inputs);
  } catch (cause) {
    throw isDatabarError(cause) ? cause : new DatabarError("The response has no price that can be read", { cause });
  }
}

const INPUTS: Check = [
  (value: unknown) => Array.isArray(value) && value.every((each) => typeof each === "object" && each !== null),
  "a list of objects, one for each input",
];

/** An enrichment: its price for each input, times a parameter's value if it is priced by that parameter. */
export function enrichmentPrices({ params, price: listed, pricing }: Enrichment, pages = 1): PriceList {
  const names = parametersOf(params, ({ name, is_required }) => [name, is_required]);
  const price = creditsOf(listed);
  const { type = "fixed", parameter } = pricing ?? {};
  const isPerParameter = type === "per_parameter" && parameter;
  if (price === undefined || (type !== "fixed" && !isPerParameter)) {
    const reason = price === undefined ? "the catalogue has no price" : `the pricing type ${type} is not known`;
    return { ...names, reason, cost: () => undefined };
  }
  const times = isPerParameter ? ` times ${parameter}` : "";
  const perPage = pages > 1 ? `, for each of 1 to ${pages} pages` : "";
  return {
    ...names,
    reason: `${inCredits(price)} per input${times}${perPage}`,
    cost: (input) => {
      const factor = isPerParameter ? creditsOf(input?.[parameter]) : 1;
      return factor === undefined ? undefined : { min: price * factor, max: price * factor * pages };
    },
  };
}

/**
 * A waterfall: it tries its providers in turn, until one finds a result. At most it uses all of them, and verifies the
 * address. At least it costs nothing: no provider finds anything, and an input without a result is not billed.
 */
export function waterfallPrices(
  { input_params, available_enrichments, email_verifiers }: Waterfall,
  { enrichments, email_verifier }: { enrichments?: readonly number[]; email_verifier?: number | null } = {},
): PriceList {
  const names = parametersOf(input_params, (each) => [each.name, each.required]);
  const isUsed = ({ id, enabled_by_default = true }: { id: number; enabled_by_default?: boolean }): boolean =>
    enrichments?.length ? enrichments.includes(id) : enabled_by_default;
  const providers = (available_enrichments ?? []).filter(isUsed);
  const verifiers = (email_verifiers ?? []).filter(({ id }) => id === email_verifier);
  const isComplete =
    providers.length > 0 &&
    providers.length >= new Set(enrichments ?? []).size &&
    verifiers.length === (email_verifier == null ? 0 : 1);
  const prices = [...providers, ...verifiers].map(({ price }) => creditsOf(price));
  if (!isComplete || prices.includes(undefined)) {
    return { ...names, reason: "the waterfall does not list the price of each provider", cost: () => undefined };
  }
  const max = prices.reduce<number>((sum, price = 0) => sum + price, 0);
  const verified = verifiers.length > 0 ? " and verifies the address" : "";
  return {
    ...names,
    reason: `0 credits per input if no provider finds a result, ${roundCredits(max)} if it uses all ${providers.length}${verified}`,
    cost: () => ({ min: 0, max }),
  };
}

/** A flow: what the server estimates for one run. */
export function flowPrices({ inputs }: FlowDetail, { min, max, currency = "credits" }: FlowCostEstimate): PriceList {
  const names = parametersOf(inputs, (each) => [each.id, each.required]);
  const range = { min: creditsOf(min), max: creditsOf(max) };
  if (range.min === undefined || range.max === undefined || currency !== "credits") {
    return { ...names, reason: "the server gives no estimate in credits", cost: () => undefined };
  }
  const credits: CreditRange = { min: range.min, max: range.max };
  return {
    ...names,
    reason: `${credits.min} to ${credits.max} credits per input, as the server estimates`,
    cost: () => credits,
  };
}

function parametersOf<Parameter>(
  list: readonly Parameter[] | null | undefined,
  read: (parameter: Parameter) => [name: string, isRequired: boolean | undefined],
): Pick<PriceList, "parameters" | "required"> {
  const all = (list ?? []).map(read);
  return {
    parameters: all.map(([name]) => name),
    required: all.flatMap(([name, isRequired]) => (isRequired ? name : [])),
  };
}

/** `1 credit`, `2 credits`. */
function inCredits(credits: number): string {
  return `${credits} credit${credits === 1 ? "" : "s"}`;
}

/** A price may be a number or a text. Anything else has no value: it must not count as 0. */
function creditsOf(price: unknown): number | undefined {
  const isText = typeof price === "string" && price.trim() !== "";
  const credits = isText ? Number(price) : price;
  return typeof credits === "number" && Number.isFinite(credits) && credits >= 0 ? credits : undefined;
}
