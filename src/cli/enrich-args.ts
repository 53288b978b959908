/** The options of `enrich`: one table with their values and help texts. */
import { parseArgs } from "node:util";
import type { JobTarget, RetryStatus } from "../jobs/index.js";
import { CommandLineError } from "./failure.js";
import { nearest } from "./suggest.js";

interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  /** What the help shows for its value. */
  readonly value?: string;
  readonly text: string;
  readonly multiple?: boolean;
}

const flag = (text: string) => ({ type: "boolean", text }) as const;
const text = (value: string, help: string) => ({ type: "string", value, text: help }) as const;
const list = (value: string, help: string) => ({ ...text(value, `${help}; may be repeated`), multiple: true }) as const;

/** All options of `enrich`. */
export const enrichOptions = {
  with: text("ID", "run this enrichment for each row"),
  waterfall: text("NAME", "run this waterfall for each row"),
  flow: text("ID", "run this flow for each row"),
  map: list("PARAM=COLUMN", "the column that a parameter gets its value from (default: the column of the same name)"),
  set: list("PARAM=VALUE", "the same value for every row"),
  pages: text("N", "pages to fetch for each row, with --with; each page is paid (default 1)"),
  providers: text("IDS", "providers of the waterfall, separated by commas (default: its default providers)"),
  "email-verifier": text("ID", "verify the addresses that the waterfall finds"),
  out: text("FILE", "where to write the results: .csv or .jsonl; the ledger is FILE.ledger"),
  "max-credits": text("N", "the most credits that the job may spend in total, resumed runs included"),
  "dry-run": flag("show the plan and end; spends nothing"),
  resume: flag("continue the job that the ledger of --out records; FILE may be omitted"),
  "retry-failed": flag("with --resume: run inputs again that failed; they are paid again"),
  "retry-empty": flag("with --resume: run inputs again that found nothing"),
  "retry-in-doubt": flag("with --resume: run inputs again that may have been paid before"),
  "retry-lost": flag("with --resume: run inputs again whose paid results can no longer be fetched"),
  status: text("FILE", "show where the job of this output file is, and end; sends nothing"),
  "chunk-size": text("N", "inputs of a task (default 100)"),
  concurrency: text("N", "tasks at a time (default 4)"),
  yes: { ...flag("do not ask before spending credits"), short: "y" },
  json: flag("print events as JSON lines on stdout: plan, progress, summary"),
  "api-key-stdin": flag("read the API key from standard input instead of DATABAR_API_KEY"),
  "base-url": text("URL", "the base URL of the API (default https://api.databar.ai)"),
  proxy: text("URL", "the proxy to use (default HTTPS_PROXY, except for the hosts in NO_PROXY)"),
  "timeout-ms": text("N", "time limit of one attempt, in milliseconds (default 30000)"),
  "max-retries": text("N", "how often a failed request may be retried (default 2)"),
  debug: flag("print the stack of an error"),
  help: { ...flag("show this help"), short: "h" },
} as const satisfies Record<string, Option>;

export type EnrichValues = ReturnType<typeof parse>["values"];

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: enrichOptions, allowPositionals: true });

/** Reads the arguments after `enrich`. @throws CommandLineError for an unknown option or a missing value. */
export function readEnrichArguments(args: readonly string[]): { files: string[]; values: EnrichValues } {
  const { tokens } = parseArgs({
    args: [...args],
    options: enrichOptions,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = tokens.filter((token) => token.kind === "option");
  for (const { name, rawName, value, inlineValue } of given) {
    const option = (enrichOptions as Record<string, Option>)[name];
    if (!option) {
      const meant = nearest(name, Object.keys(enrichOptions));
      throw new CommandLineError(
        `Unknown option ${rawName}: ${meant ? `did you mean --${meant}?` : "enrich --help shows the options"}`,
      );
    }
    if (option.type === "boolean" && inlineValue) {
      throw new CommandLineError(`--${name} takes no value`);
    }
    if (option.type === "string" && (value === undefined || (!inlineValue && /^-./.test(value)))) {
      throw new CommandLineError(`--${name} needs a value: --${name} ${option.value}`);
    }
    if (option.type === "string" && !option.multiple && given.filter((each) => each.name === name).length > 1) {
      throw new CommandLineError(`--${name} was given more than once: give it once`);
    }
  }
  const { positionals, values } = parse(args);
  return { files: positionals, values };
}

/** What to run. `undefined` if no option names it. @throws CommandLineError for options that exclude each other. */
export function targetOf(values: EnrichValues): JobTarget | undefined {
  const { with: id, waterfall, flow, providers } = values;
  const kinds = Object.entries({ with: id, waterfall, flow }).flatMap(([name, value]) =>
    value === undefined ? [] : [name],
  );
  if (kinds.length > 1) {
    throw new CommandLineError(`${kinds.map((kind) => `--${kind}`).join(" and ")} exclude each other: give one`);
  }
  checkGoesWith(values, "pages", "with");
  checkGoesWith(values, "providers", "waterfall");
  checkGoesWith(values, "email-verifier", "waterfall");
  if (id !== undefined) {
    const enrichment = numberOf("with", id, 1);
    const pages = wholeOption(values, "pages", 1, 100);
    return { enrichment, ...(pages !== undefined && pages > 1 && { pages }) };
  }
  if (waterfall !== undefined) {
    const verifier = wholeOption(values, "email-verifier", 1);
    return {
      waterfall,
      ...(providers !== undefined && {
        enrichments: providers.split(",").map((each) => numberOf("providers", each.trim(), 1)),
      }),
      ...(verifier !== undefined && { email_verifier: verifier }),
    };
  }
  return flow === undefined ? undefined : { flow };
}

function checkGoesWith(
  values: EnrichValues,
  name: "pages" | "providers" | "email-verifier",
  kind: "with" | "waterfall",
): void {
  if (values[name] !== undefined && values[kind] === undefined) {
    throw new CommandLineError(`--${name} goes with --${kind}`);
  }
}

/** The statuses to run again. */
export function retriesOf(values: EnrichValues): RetryStatus[] {
  const statuses = ["failed", "empty", "in_doubt", "lost"] as const;
  return statuses.filter(
    (status) => values[`retry-${status.replace("_", "-") as "failed" | "empty" | "in-doubt" | "lost"}`],
  );
}

/** `PARAM=VALUE` pairs by their names. */
export function pairsOf(option: "map" | "set", pairs: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const pair of pairs) {
    const [name = ""] = pair.split("=", 1);
    if (name === "" || !pair.includes("=")) {
      throw new CommandLineError(
        `--${option} must be like PARAM=${option === "map" ? "COLUMN" : "VALUE"}: got ${JSON.stringify(pair)}`,
      );
    }
    if (found.has(name)) {
      throw new CommandLineError(`--${option} ${name} was given more than once: give it once`);
    }
    found.set(name, pair.slice(name.length + 1));
  }
  return found;
}

/** A whole number, if the option was given. */
export function wholeOption(
  values: EnrichValues,
  name: "pages" | "email-verifier" | "chunk-size" | "concurrency",
  least: number,
  most = 1e15 - 1,
): number | undefined {
  const value = values[name];
  return value === undefined ? undefined : numberOf(name, value, least, most);
}

/** `--max-credits`, which may have decimals. */
export function maxCreditsOf(values: EnrichValues): number | undefined {
  const value = values["max-credits"];
  if (value !== undefined && !/^\d+(\.\d+)?$/.test(value)) {
    throw new CommandLineError(
      `--max-credits must be a number of credits, such as 200 or 12.5: got ${JSON.stringify(value)}`,
    );
  }
  return value === undefined ? undefined : Number(value);
}

function numberOf(name: string, value: string, least: number, most = 1e15 - 1): number {
  if (!/^\d+$/.test(value) || Number(value) < least || Number(value) > most) {
    const range = most < 1e15 - 1 ? `from ${least} to ${most}` : `from ${least}`;
    throw new CommandLineError(`--${name} must be a whole number ${range}: got ${JSON.stringify(value)}`);
  }
  return Number(value);
}
