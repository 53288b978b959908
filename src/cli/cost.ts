/** What a run costs, for the question before it: the estimate and the balance, where they are known. */
import type { Databar, Estimate, MissingParameter, RequestOptions } from "../index.js";
import type { Input } from "./call.js";
import type { MethodCommand } from "./commands.js";
import { countOf } from "./print.js";

/** The question must not wait long for what it shows. */
const QUICK = { timeoutMs: 10_000, maxRetries: 0 };

const MOST_MISSING = 3;

/**
 * Asks the API for the price of a run and for the balance. Sends GET requests only, and one cost estimate for a flow.
 *
 * @returns Sentences. What the API does not answer is left out.
 */
export async function describeCost(
  command: MethodCommand,
  input: Input,
  databar: Databar,
  signal: AbortSignal,
): Promise<string[]> {
  const options = { ...QUICK, signal };
  const [estimated, user] = await Promise.allSettled([
    estimateOf(command, input, databar, options),
    databar.user.me(options),
  ]);
  signal.throwIfAborted();
  const estimate = estimated.status === "fulfilled" ? estimated.value : undefined;
  const balance: unknown = user.status === "fulfilled" ? Object(user.value).balance : undefined;
  return [
    ...(estimate ? [describeEstimate(estimate)] : []),
    ...(typeof balance === "number" ? [`Balance: ${countOf(balance, "credit")}${comparison(estimate, balance)}.`] : []),
    ...(estimate?.missing.length ? [describeMissing(estimate.missing)] : []),
  ];
}

async function estimateOf(
  { operationName }: MethodCommand,
  { ids: [id = ""], body }: Input,
  databar: Databar,
  options: RequestOptions,
): Promise<Estimate | undefined> {
  const { params, inputs, pagination, enrichments, email_verifier } = Object(body);
  const list = [params ?? inputs ?? {}].flat();
  switch (operationName) {
    case "enrichments.run":
    case "enrichments.bulkRun":
      return databar.enrichments.estimate(Number(id), list, { ...options, pagination });
    case "waterfalls.run":
    case "waterfalls.bulkRun":
      return databar.waterfalls.estimate(String(id), list, { ...options, enrichments, email_verifier });
    case "flows.run":
    case "flows.bulkRun":
      return databar.flows.estimate(String(id), list, options);
    default:
      return undefined;
  }
}

function describeEstimate({ rows, credits, reason }: Estimate): string {
  if (credits === "unknown") {
    return `Estimate: ${countOf(rows, "input")}, unknown credits (${reason}).`;
  }
  const { min, max } = credits;
  const amount = min === max ? countOf(max, "credit") : `${min} to ${countOf(max, "credit")}`;
  return `Estimate: ${countOf(rows, "input")}, ${amount} (${reason}).`;
}

function comparison(estimate: Estimate | undefined, balance: number): string {
  if (!estimate || estimate.credits === "unknown" || estimate.credits.max <= balance) {
    return "";
  }
  return estimate.credits.min > balance ? ", not enough" : ", perhaps not enough";
}

function describeMissing(missing: readonly MissingParameter[]): string {
  const named = missing
    .slice(0, MOST_MISSING)
    .map(({ row, parameter, problem }) => `input ${row} has ${problem === "blank" ? "a blank" : "no"} ${parameter}`);
  const more = missing.length > MOST_MISSING ? ` and ${missing.length - MOST_MISSING} more` : "";
  return `Required parameters are missing, and the run may still cost credits: ${named.join(", ")}${more}.`;
}
