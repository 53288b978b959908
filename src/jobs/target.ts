/** What a job runs: its prices, its submission, and what its results mean. */
import { UsageError } from "../errors/classes.js";
import type { Databar } from "../index.js";
import { enrichmentPrices, flowPrices, type Params, type PriceList, waterfallPrices } from "../workflows/estimate.js";
import type { FinishedTask } from "../workflows/poll.js";
import type { RunAndWaitOptions } from "../workflows/run.js";
import type { JobTarget } from "./records.js";

/** Starts a bulk run and waits for its task. */
export type Submit = (inputs: Params[], options: RunAndWaitOptions) => Promise<FinishedTask<unknown[]>>;

const FORMS = '{ enrichment: 833 }, { waterfall: "email_getter" } or { flow: "..." }';

/** @throws UsageError for a target that names nothing, or several things. */
export function checkTarget(target: JobTarget): void {
  const kinds = ["enrichment", "waterfall", "flow"].filter((kind) => Reflect.get(target ?? {}, kind) != null);
  if (kinds.length !== 1) {
    throw new UsageError(`target must be one of ${FORMS}`);
  }
}

/** What a target is called, as in the API's paths. */
export function nameOf(target: JobTarget): string {
  if ("enrichment" in target) {
    return `enrichments/${target.enrichment}`;
  }
  return "waterfall" in target ? `waterfalls/${target.waterfall}` : `flows/${target.flow}`;
}

/** Asks the catalogue what a target costs, and which parameters it requires. */
export async function readPrices(databar: Databar, target: JobTarget, signal?: AbortSignal): Promise<PriceList> {
  const options = { signal };
  if ("enrichment" in target) {
    return enrichmentPrices(await databar.enrichments.get(target.enrichment, options), target.pages);
  }
  if ("waterfall" in target) {
    const { waterfall, enrichments, email_verifier } = target;
    const providers = { ...(enrichments && { enrichments }), ...(email_verifier != null && { email_verifier }) };
    return waterfallPrices(await databar.waterfalls.get(waterfall, options), providers);
  }
  const flow = await databar.flows.get(target.flow, options);
  return flowPrices(flow, await databar.flows.estimateCost({ config: flow.config ?? {} }, options));
}

/** How to submit inputs of a target. */
export function submitTo(databar: Databar, target: JobTarget): Submit {
  if ("enrichment" in target) {
    const { enrichment, pages } = target;
    const pagination = pages && pages > 1 ? { pagination: { pages } } : {};
    return (params, options) => databar.enrichments.bulkRunAndWait(enrichment, { params, ...pagination }, options);
  }
  if ("waterfall" in target) {
    const { waterfall, enrichments, email_verifier } = target;
    const providers = {
      ...(enrichments && { enrichments: [...enrichments] }),
      ...(email_verifier != null && { email_verifier }),
    };
    return (params, options) => databar.waterfalls.bulkRunAndWait(waterfall, { params, ...providers }, options);
  }
  return (inputs, options) => databar.flows.bulkRunAndWait(target.flow, { inputs }, options);
}

/** The values that an element of a task's data found; `undefined` for none. A waterfall wraps them. */
export function valuesOf(target: JobTarget, data: unknown): unknown {
  const values = "waterfall" in target && isObject(data) && "result" in data ? data.result : data;
  const isEmpty = values === null || (isObject(values) && Object.keys(values).length === 0);
  return isEmpty ? undefined : values;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
