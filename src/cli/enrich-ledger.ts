/** The ledger of `enrich`, beside the output. */
import { existsSync } from "node:fs";
import { createMemoryLedger, type Ledger, type LedgerRecord, openFileLedger, readStatus } from "../jobs/index.js";
import { lockOwner } from "../jobs/lock.js";
import { summaryText } from "./enrich-text.js";
import { CommandLineError } from "./failure.js";

/** The file beside an output. */
export function ledgerPathOf(out: string): string {
  return `${out}.ledger`;
}

/** What was asked for. */
interface LedgerRequest {
  out: string;
  resume: boolean;
  dryRun: boolean;
}

/**
 * Opens the ledger of an output. A dry run leaves no file, and changes none.
 *
 * @throws CommandLineError if there is nothing to resume, or a new job would replace another.
 */
export async function openLedger({ out, resume, dryRun }: LedgerRequest): Promise<Ledger> {
  const ledgerPath = ledgerPathOf(out);
  const exists = existsSync(ledgerPath);
  if (resume && !exists) {
    throw new CommandLineError(
      `There is nothing to resume: ${ledgerPath} does not exist. Without --resume, a new job starts`,
    );
  }
  if (!resume && exists) {
    throw new CommandLineError(
      `${ledgerPath} exists: a job has been started with this output. Add --resume to continue it, or choose another --out`,
    );
  }
  if (!resume && existsSync(out)) {
    throw new CommandLineError(`${out} exists: choose another --out, or delete it`);
  }
  if (!dryRun) {
    return openFileLedger(ledgerPath);
  }
  return resume ? copyLedger(ledgerPath) : createMemoryLedger();
}

async function copyLedger(path: string): Promise<Ledger> {
  const ledger = await openFileLedger(path, { readOnly: true });
  try {
    const records: LedgerRecord[] = [];
    for await (const record of ledger.records()) {
      records.push(record);
    }
    return createMemoryLedger(records);
  } finally {
    await ledger.close();
  }
}

/** Prints where a job is. Reads the ledger, and sends nothing. */
export async function showStatus(
  out: string,
  json: boolean | undefined,
  width: number,
  print: (text: string) => Promise<void>,
): Promise<void> {
  const path = ledgerPathOf(out);
  if (!existsSync(path)) {
    throw new CommandLineError(`No job has been started with --out ${out}: ${path} does not exist`);
  }
  const pid = await lockOwner(`${path}.lock`);
  const ledger = await openFileLedger(path, { readOnly: true });
  try {
    const status = await readStatus(ledger, { isRunning: pid !== undefined });
    const state = pid === undefined ? "Not running." : `Running, process ${pid}.`;
    await print(
      json
        ? JSON.stringify({ type: "status", pid, ...status })
        : [state, ...summaryText(status, out, width)].join("\n"),
    );
  } finally {
    await ledger.close();
  }
}
