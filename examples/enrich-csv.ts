/**
 * Enriches each line of a CSV file: passes columns of the same names as the enrichment's parameters, and writes the
 * file with the result's fields as new columns. A run spends credits: it starts only if it costs at most --max-credits.
 *
 * If the program is stopped, the task continues: `--task ID` waits for it again and costs nothing more.
 *
 * Needs `npm install databar-client csv-parse csv-stringify`. Run it:
 *
 *     DATABAR_API_KEY=... npx tsx examples/enrich-csv.ts companies.csv --enrichment 833 --max-credits 50 > enriched.csv
 */
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";
import { Databar, type FinishedTask, type WaitOptions } from "databar-client";

type Row = Record<string, string>;
type Result = Record<string, unknown>;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { enrichment: { type: "string" }, "max-credits": { type: "string" }, task: { type: "string" } },
});
const [file] = positionals;
const enrichmentId = Number(flags.enrichment);
const maxCredits = Number(flags["max-credits"]);
if (!file || !Number.isInteger(enrichmentId) || !(maxCredits >= 0 || flags.task)) {
  throw new Error("Usage: enrich-csv.ts FILE --enrichment ID (--max-credits N | --task TASK_ID)");
}

const rows: Row[] = parse(await readFile(file, "utf8"), { columns: true, bom: true, skip_empty_lines: true });
const databar = new Databar();

/** How to wait for the task. The progress goes to stderr, so that stdout has the CSV alone. */
const options: WaitOptions = {
  timeoutMs: 30 * 60_000,
  onProgress: ({ status, progress }) => console.error(status, progress?.completed ?? 0, "of", rows.length),
};

async function runAll(): Promise<FinishedTask<(Result | null)[]>> {
  const { name, price, pricing, params } = await databar.enrichments.get(enrichmentId);
  const columns = (params ?? []).filter((param) => rows.some((row) => param.name in row));
  const missing = (params ?? []).filter((param) => param.is_required && !columns.includes(param));
  if (missing.length > 0) {
    throw new Error(`${file} lacks the columns ${missing.map((param) => param.name).join(", ")}`);
  }
  if (pricing?.type === "per_parameter") {
    throw new Error(`The price of ${name} depends on the parameter ${pricing.parameter}: estimate it yourself`);
  }
  const cost = price * rows.length;
  if (cost > maxCredits) {
    throw new Error(`${name} costs up to ${cost} credits for ${rows.length} lines: --max-credits is ${maxCredits}`);
  }
  const inputs = rows.map((row) => Object.fromEntries(columns.map((param) => [param.name, row[param.name]])));
  return await databar.enrichments.bulkRunAndWait<Result>(
    enrichmentId,
    { params: inputs },
    { ...options, onAccepted: (taskId) => console.error("If this stops, continue with --task", taskId) },
  );
}

const { data, credits_spent } = flags.task
  ? await databar.tasks.wait<(Result | null)[]>(flags.task, options)
  : await runAll();
if (data && data.length !== rows.length) {
  throw new Error(`The task has ${data.length} results for ${rows.length} lines: was it started with this file?`);
}

// Results keep the order of the inputs. An input without a result is null.
const fields = [...new Set((data ?? []).flatMap((result) => Object.keys(result ?? {})))];
const enriched = rows.map((row, index) => ({ ...row, ...data?.[index] }));
const columns = [...new Set([...Object.keys(rows[0] ?? {}), ...fields])];
process.stdout.write(stringify(enriched, { header: true, columns, escape_formulas: true, cast: { boolean: String } }));
console.error(credits_spent, "credits spent");
