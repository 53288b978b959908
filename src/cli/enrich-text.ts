/** What `enrich` shows: the plan, one line of progress, the summary. Pure. */
import type { JobPlan, JobStatus, JobSummary } from "../jobs/index.js";
import type { EnrichValues } from "./enrich-args.js";
import { countOf } from "./print.js";
import { shellWord } from "./shell.js";
import { displayWidth, pad, wrap } from "./width.js";

const LEFT = 11;
/** Refused rows that the plan names. */
const MOST_REFUSED = 5;

/** A number with separators: `12,000`, `0.3`. */
export function numberText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}

/** Names on the left, values on the right, wrapped to a width. */
function fields(entries: readonly (readonly [name: string, value: string] | undefined)[], width: number): string[] {
  return entries.flatMap((entry) => {
    if (!entry) {
      return [];
    }
    const [name, value] = entry;
    const lines = wrap(value, Math.max(20, width - LEFT - 2));
    return lines.map((line, index) => `  ${pad(index === 0 ? name : "", LEFT)}${line}`);
  });
}

/** What the job costs, in a few words. */
export function costText({ credits, reason }: JobPlan): string {
  if (credits === "unknown") {
    return `unknown: ${reason}`;
  }
  const { min, max } = credits;
  const range = min === max ? creditsText(max) : `${numberText(min)} to ${creditsText(max)}`;
  return `${range} (${reason})`;
}

export function creditsText(credits: number): string {
  return `${numberText(credits)} credit${credits === 1 ? "" : "s"}`;
}

/** The plan before anything is paid. */
export function planText(
  plan: JobPlan,
  {
    file,
    out,
    maxCredits,
    mostInFlight,
  }: { file: string; out: string; maxCredits: number | undefined; mostInFlight: number },
  width: number,
): string[] {
  const { rows, inputs, refused, pending, running, credits, balance, spent, target } = plan;
  const repeats = rows - refused - inputs;
  const left = inputs - pending - running;
  const overshoot =
    credits === "unknown" && maxCredits !== undefined
      ? `; the price is unknown, so the ${numberText(mostInFlight)} inputs in flight can exceed it`
      : "";
  const isShort = credits !== "unknown" && credits.max > balance;
  return [
    `${target} for ${file}`,
    ...fields(
      [
        [
          "rows",
          `${numberText(rows)}${repeats > 0 ? `, ${numberText(repeats)} of them repeat others and cost nothing` : ""}`,
        ],
        refused > 0 ? ["refused", refusedText(plan)] : undefined,
        left > 0 || spent > 0 ? ["so far", `${countOf(left, "input")} ended, ${creditsText(spent)} spent`] : undefined,
        running > 0 ? ["running", `${countOf(running, "input")} are paid, their results will be fetched`] : undefined,
        ["to run", countOf(pending, "input")],
        ["cost", costText(plan)],
        maxCredits === undefined ? undefined : ["cap", `${creditsText(maxCredits)} in total${overshoot}`],
        [
          "balance",
          `${creditsText(balance)}${isShort ? ": may not be enough; the job pauses when it is used up" : ""}`,
        ],
        ["output", out],
      ],
      width,
    ),
  ];
}

/** How many rows are refused, and the first of them by their reasons. Rows are counted from 1. */
function refusedText({ refused, refusedRows }: JobPlan): string {
  const byReason = new Map<string, string[]>();
  for (const { row, reason } of refusedRows.slice(0, MOST_REFUSED)) {
    byReason.set(reason, [...(byReason.get(reason) ?? []), numberText(row + 1)]);
  }
  const shown = [...byReason].map(([reason, rows]) => `row ${rows.join(", ")}: ${reason}`);
  const more = refused > MOST_REFUSED ? `; and ${numberText(refused - MOST_REFUSED)} more` : "";
  return `${countOf(refused, "row")}; ${shown.join("; ")}${more}`;
}

/** How many inputs have ended in which time. */
interface Pace {
  ms: number;
  ended: number;
}

/** One line of progress: as many of its parts as fit, the most important first. */
export function progressText(
  status: JobStatus,
  { ended, pace, maxCredits }: { ended: number; pace: Pace; maxCredits: number | undefined },
  width: number,
): string {
  const { done, empty, failed, inFlight, inDoubt, lost, inputs, credits } = status;
  const parts = [
    `${numberText(ended)}/${numberText(inputs)}`,
    `${numberText(credits.spent)}${maxCredits === undefined ? "" : ` of ${numberText(maxCredits)}`} credits`,
    timeLeft(inputs - ended, pace),
    `${numberText(done)} done`,
    empty > 0 ? `${numberText(empty)} empty` : "",
    failed > 0 ? `${numberText(failed)} failed` : "",
    inDoubt + lost > 0 ? `${numberText(inDoubt + lost)} in doubt or lost` : "",
    inFlight > 0 ? `${numberText(inFlight)} in flight` : "",
  ];
  let line = "";
  for (const part of parts.filter(Boolean)) {
    const longer = line === "" ? part : `${line} · ${part}`;
    if (displayWidth(longer) <= width) {
      line = longer;
    }
  }
  return line;
}

function timeLeft(left: number, { ms, ended }: Pace): string {
  if (ended === 0 || left === 0) {
    return "";
  }
  return `${durationText((ms / ended) * left)} left`;
}

/** `45s`, `3m20s`, `2h05m`. */
export function durationText(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 60) {
    return `${seconds}s`;
  }
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${two(seconds % 60)}s` : `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

/** What a job has come to: after a run, or for `--status`. */
export function summaryText(status: JobStatus, out: string, width: number): string[] {
  const { credits } = status;
  const count = (name: string, value: number, hint = ""): [string, string] | undefined =>
    value > 0 ? [name, `${numberText(value)}${hint}`] : undefined;
  const spent = [
    `${numberText(credits.spent)} spent`,
    credits.reserved > 0 ? `up to ${numberText(credits.reserved)} more in flight` : "",
    credits.uncertain > 0 ? `up to ${numberText(credits.uncertain)} more in doubt` : "",
  ];
  return fields(
    [
      ["done", numberText(status.done)],
      count("empty", status.empty, ": nothing was found; --retry-empty runs them again"),
      count("failed", status.failed, ": --retry-failed runs them again"),
      count("in doubt", status.inDoubt, ": may be paid, without a result; --retry-in-doubt runs them again"),
      count("lost", status.lost, ": paid, the result can no longer be fetched; --retry-lost runs them again"),
      count("in flight", status.inFlight, ": paid, --resume fetches the results"),
      count("pending", status.pending),
      count("refused", status.refused, `: ${status.refused === 1 ? "row lacks" : "rows lack"} a required parameter`),
      ["credits", spent.filter(Boolean).join(", ")],
      ["output", out],
    ],
    width,
  );
}

/** The first line of a summary. */
export function endText({ reason, message, ...status }: JobSummary): string {
  const ended = status.inputs - status.pending - status.inFlight;
  const progress = `${numberText(ended)} of ${countOf(status.inputs, "input")}`;
  switch (reason) {
    case "completed":
      return `Completed: ${progress}.`;
    case "interrupted":
      return `Interrupted: ${progress}.`;
    case "cap":
      return `Stopped at the cap: ${progress}.`;
    case "credits":
      return `Paused, out of credits: ${progress}. ${message}`;
    default:
      return `Stopped: ${progress}. ${message}`;
  }
}

/** What the question before a job says. */
export function describeSpending(plan: JobPlan, maxCredits: number | undefined): string {
  const { credits, pending } = plan;
  if (credits === "unknown") {
    const cap = maxCredits === undefined ? "without a cap" : `with a cap of ${creditsText(maxCredits)}`;
    return `This runs ${countOf(pending, "input")} at an unknown price, ${cap}.`;
  }
  const most = Math.min(credits.max, maxCredits === undefined ? credits.max : Math.max(0, maxCredits - plan.spent));
  return `This spends up to ${creditsText(most)}.`;
}

/** How to continue. */
export function nextStep(
  { reason, pending, inFlight }: JobSummary,
  { out, values }: { out: string; values: EnrichValues },
): string[] {
  if (pending + inFlight === 0) {
    return [];
  }
  const more =
    reason === "cap" ? " --max-credits N" : values["max-credits"] ? ` --max-credits ${values["max-credits"]}` : "";
  const where = values["base-url"] === undefined ? "" : ` --base-url ${shellWord(values["base-url"])}`;
  return [`To continue: databar-client enrich --out ${shellWord(out)} --resume${more}${where}`];
}
