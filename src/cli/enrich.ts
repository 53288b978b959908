/** `enrich`: runs an enrichment, a waterfall or a flow for each row of a table, with a ledger beside the output. */
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import {
  createJob,
  type Job,
  type JobEvent,
  type JobOptions,
  type JobPlan,
  type JobStatus,
  type JobSummary,
  readTable,
  writeResults,
} from "../jobs/index.js";
import { confirm } from "./confirm.js";
import { connect } from "./connect.js";
import type { Console } from "./console.js";
import {
  type EnrichValues,
  maxCreditsOf,
  pairsOf,
  readEnrichArguments,
  retriesOf,
  targetOf,
  wholeOption,
} from "./enrich-args.js";
import { enrichHelp } from "./enrich-help.js";
import { inputFormat, mapRows, openInput } from "./enrich-input.js";
import { ledgerPathOf, openLedger, showStatus } from "./enrich-ledger.js";
import { describeSpending, endText, nextStep, planText, progressText, summaryText } from "./enrich-text.js";
import { CommandLineError, EXIT, type FailureContext } from "./failure.js";
import { type Io, widthOf, writerTo } from "./io.js";
import { countOf } from "./print.js";

/** What `enrich` needs of the program. */
export interface EnrichSession {
  io: Io;
  console: Console;
  context: FailureContext;
  /** Opens the job. Tests replace its clock. Default: `createJob`. */
  openJob?: (options: JobOptions) => Promise<Job>;
}

/** What was asked for, checked. */
interface Request extends ReturnType<typeof readRequest> {}

const WIDEST = 100;
/** How often progress is shown where there is no terminal. */
const LOG_EVERY_MS = 30_000;

/**
 * Runs `enrich`.
 *
 * @param args - The arguments after `enrich`.
 * @returns The exit code.
 * @throws CommandLineError for arguments that are not accepted, Declined, or what the job throws.
 */
export async function runEnrich(args: readonly string[], session: EnrichSession): Promise<number> {
  const { io } = session;
  const { files, values } = readEnrichArguments(args);
  session.context.debug = values.debug;
  const write = writerTo(io.stdout);
  const print = (text: string) => write(`${text}\n`);
  const width = Math.min(widthOf(io.stdout, io.env), WIDEST);
  if (values.help) {
    await print(enrichHelp(width));
    return EXIT.ok;
  }
  if (values.status !== undefined) {
    await showStatus(values.status, values.json, width, print);
    return EXIT.ok;
  }
  const request = readRequest(files, values);
  const ledger = await openLedger(request);
  try {
    const databar = await connect({ ...session, values });
    const job = await (session.openJob ?? createJob)({ databar, target: request.target, ledger });
    return await runJob(job, request, session, print);
  } finally {
    await ledger.close();
    if (request.hasPaidNothing && !request.resume && !request.dryRun) {
      await rm(ledgerPathOf(request.out), { force: true });
    }
  }
}

function readRequest(files: readonly string[], values: EnrichValues) {
  const target = targetOf(values);
  const retry = retriesOf(values);
  const { out, resume = false } = values;
  const [file] = files;
  if (files.length > 1) {
    throw new CommandLineError(`enrich takes one input file: got ${files.length}`);
  }
  if (out === undefined) {
    throw new CommandLineError("enrich needs --out FILE: the results go there, and the ledger beside it");
  }
  if (!resume && (file === undefined || !target)) {
    const needs =
      file === undefined ? "an input file, or - for standard input" : "--with ID, --waterfall NAME or --flow ID";
    throw new CommandLineError(`enrich needs ${needs}: databar-client enrich leads.csv --with 833 --out out.csv`);
  }
  if (retry.length > 0 && !resume) {
    throw new CommandLineError(`--retry-${retry[0]?.replace("_", "-")} goes with --resume`);
  }
  if (file === "-" && values["api-key-stdin"]) {
    throw new CommandLineError("- and --api-key-stdin exclude each other: standard input can be read once");
  }
  if (file !== undefined && resolve(file) === resolve(out)) {
    throw new CommandLineError("--out must not be the input file");
  }
  return {
    file,
    out,
    target,
    retry,
    resume,
    values,
    dryRun: values["dry-run"] ?? false,
    maxCredits: maxCreditsOf(values),
    chunkSize: wholeOption(values, "chunk-size", 1) ?? 100,
    concurrency: wholeOption(values, "concurrency", 1, 100) ?? 4,
    mapping: { map: pairsOf("map", values.map), set: pairsOf("set", values.set) },
    /** Whether the ledger is worth nothing: no chunk was submitted. */
    hasPaidNothing: true,
  };
}

async function runJob(
  job: Job,
  request: Request,
  session: EnrichSession,
  print: (text: string) => Promise<void>,
): Promise<number> {
  const { io, console } = session;
  const { values, out, file, maxCredits, chunkSize, concurrency, retry, dryRun } = request;
  const before = job.status();
  request.hasPaidNothing = before.pending === before.inputs;
  const plan = await makePlan(job, request, session);
  const shown = { file: file ?? "the rows of the ledger", out, maxCredits, mostInFlight: chunkSize * concurrency };
  const stderrWidth = Math.min(widthOf(io.stderr, io.env) - 1, WIDEST);
  console.page(planText(plan, shown, stderrWidth).join("\n"));
  const emit = async (event: object): Promise<void> => {
    await (values.json ? print(JSON.stringify(event)) : undefined);
  };
  await emit({ type: "plan", ...plan });
  if (dryRun) {
    return EXIT.ok;
  }
  if (plan.pending > 0 && !values.yes) {
    const isStdinFree = file !== "-" && !values["api-key-stdin"];
    await confirm(describeSpending(plan, maxCredits), isStdinFree, io, console);
  }
  if (retry.length > 0) {
    await job.retry(retry);
  }
  const summary = await runAndWrite(job, request, session, emit);
  await emit({ type: "summary", ...summary });
  const width = Math.min(widthOf(io.stdout, io.env), WIDEST);
  const lines = [endText(summary), ...summaryText(summary, out, width), ...nextStep(summary, request)];
  await (values.json ? undefined : print(lines.join("\n")));
  return exitCodeOf(summary);
}

async function makePlan(job: Job, request: Request, { io, console }: EnrichSession): Promise<JobPlan> {
  const { file, mapping, retry } = request;
  const { signal } = io;
  if (file === undefined) {
    return job.plan(undefined, { signal, retry });
  }
  const table = await readTable(openInput(file, io), inputFormat(file));
  const inputs = mapRows(table, mapping, await job.parameters({ signal }));
  const meta = table.format === "csv" ? { columns: table.columns } : undefined;
  async function* counted() {
    let count = 0;
    for await (const input of inputs) {
      if (++count % 1_000 === 0) {
        console.progress(`reading ${file}: ${countOf(count, "row")} so far ...`);
      }
      yield input;
    }
  }
  return job.plan(counted(), { signal, meta, retry });
}

/** Runs the job and writes the output, also after a failure: results are paid for. */
async function runAndWrite(
  job: Job,
  request: Request,
  { io, console }: EnrichSession,
  emit: (event: object) => Promise<void>,
): Promise<JobSummary> {
  const { maxCredits, chunkSize, concurrency, out } = request;
  const startedAt = performance.now();
  const endedOf = ({ done, empty, failed, inDoubt, lost }: JobStatus): number => done + empty + failed + inDoubt + lost;
  const endedBefore = endedOf(job.status());
  /** Finished inputs of the tasks in flight. */
  const finished = new Map<number, number>();
  let loggedAt = startedAt;
  const show = (status: JobStatus): void => {
    const now = performance.now();
    const ended = endedOf(status) + [...finished.values()].reduce((sum, count) => sum + count, 0);
    const pace = { ms: now - startedAt, ended: ended - endedBefore };
    const line = (width: number) => progressText(status, { ended, pace, maxCredits }, width);
    if (console.isTerminal) {
      console.progress(line(widthOf(io.stderr, io.env) - 1));
    } else if (now - loggedAt >= LOG_EVERY_MS) {
      loggedAt = now;
      console.note(line(WIDEST));
    }
  };
  const onAbort = (): void =>
    console.note(
      "Stopping: nothing more is submitted, results are collected for up to 30 s. Ctrl-C again ends at once.",
    );
  io.signal.addEventListener("abort", onAbort, { once: true });
  const onEvent = (event: JobEvent, status: JobStatus): void => {
    if (event.type === "progress") {
      finished.set(event.chunk, event.finished);
    } else if (event.type === "ended") {
      finished.delete(event.chunk);
    }
    request.hasPaidNothing &&= event.type !== "submitted";
    void emit({ ...event, job: status });
    show(status);
  };
  try {
    return await job.run({ maxCredits, chunkSize, concurrency, signal: io.signal, onEvent });
  } finally {
    io.signal.removeEventListener("abort", onAbort);
    if (!request.hasPaidNothing) {
      console.progress(`writing ${out} ...`);
      await writeResults(job, out);
    }
    console.clear();
  }
}

function exitCodeOf({ reason, failed, inDoubt, lost }: JobSummary): number {
  if (reason === "interrupted") {
    return EXIT.interrupted;
  }
  if (reason === "unreachable") {
    return EXIT.network;
  }
  return reason === "completed" && failed + inDoubt + lost === 0 ? EXIT.ok : EXIT.api;
}
