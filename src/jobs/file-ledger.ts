/** A ledger in a file: one JSON record a line, appended only. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DatabarError } from "../errors/classes.js";
import type { Ledger } from "./ledger.js";
import { lastLineEnd, readBytes, readLines, readText } from "./lines.js";
import { lockFile } from "./lock.js";
import type { LedgerRecord, ResultRecord } from "./records.js";

/** The version of the format. A reader refuses a newer one. */
const VERSION = 1;
const FIRST_LINE = `${JSON.stringify({ ledger: "databar-client", version: VERSION })}\n`;

/** Results that are near each other in the file are read at once. */
const NEAR = 64 * 1024;
const LONGEST_READ = 4 * 1024 * 1024;

/** Options of {@link openFileLedger}. */
export interface FileLedgerOptions {
  /** Only read: takes no lock, and needs no right to write. Default: false. */
  readOnly?: boolean | undefined;
}

/**
 * Opens a ledger in a file, and creates the file if there is none. The file holds the inputs and the results: only its
 * owner may read it (mode 0600). A lock beside it keeps a second process out. An incomplete last line, which a crash
 * leaves, is removed.
 *
 * @throws DatabarError if another process uses the ledger, or the file is not a ledger that this version can read.
 */
export async function openFileLedger(path: string, { readOnly = false }: FileLedgerOptions = {}): Promise<Ledger> {
  const unlock = readOnly ? async () => {} : await lockFile(`${path}.lock`);
  try {
    const flags = readOnly ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT;
    const file = await open(path, flags, 0o600);
    try {
      const end = await prepare(path, file, readOnly);
      return new FileLedger(path, file, end, readOnly, unlock);
    } catch (error) {
      await file.close();
      throw error;
    }
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** Checks the first line, writes it to a new file, and removes an incomplete last line. Returns where the lines end. */
async function prepare(path: string, file: FileHandle, readOnly: boolean): Promise<number> {
  const { size } = await file.stat();
  let end = await lastLineEnd(file, size);
  if (end > 0) {
    await checkFirstLine(path, file, end);
    end = await endOfRecords(file, end);
  } else if (!FIRST_LINE.startsWith(await readText(file, 0, Math.min(size, FIRST_LINE.length + 1)))) {
    throw new DatabarError(`${path} is not a ledger of databar-client`);
  }
  if (readOnly) {
    return end;
  }
  if (end < size) {
    await file.truncate(end);
  }
  if (end === 0) {
    await file.write(FIRST_LINE, 0);
    end = FIRST_LINE.length;
    await file.sync();
    await syncFolder(path);
  }
  return end;
}

async function checkFirstLine(path: string, file: FileHandle, end: number): Promise<void> {
  const start = await readText(file, 0, Math.min(end, 200));
  const first = parse(start.slice(0, start.indexOf("\n")));
  const { ledger, version } = (first ?? {}) as { ledger?: unknown; version?: unknown };
  if (ledger !== "databar-client" || typeof version !== "number") {
    throw new DatabarError(`${path} is not a ledger of databar-client`);
  }
  if (version > VERSION) {
    throw new DatabarError(
      `${path} has version ${version}, this program reads version ${VERSION}: update databar-client`,
    );
  }
}

/** A crash of the machine may leave a last line of zeros. */
async function endOfRecords(file: FileHandle, end: number): Promise<number> {
  const start = await lastLineEnd(file, end - 1);
  return parse(await readText(file, start, end - start)) === undefined ? start : end;
}

/** A new file survives a crash of the machine only if its folder is written, too. Windows cannot do this. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(resolve(path)), "r").catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Place {
  at: number;
  length: number;
}

interface Waiting {
  lines: string[];
  records: readonly LedgerRecord[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

class FileLedger implements Ledger {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #readOnly: boolean;
  readonly #unlock: () => Promise<void>;
  /** Where the complete lines end. */
  #end: number;
  /** Where the newest result of each key is, as far as the file has been read. */
  readonly #places = new Map<string, Place>();
  #readTo = 0;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #failure: unknown;
  #closing: Promise<void> | undefined;

  constructor(path: string, file: FileHandle, end: number, readOnly: boolean, unlock: () => Promise<void>) {
    this.#path = path;
    this.#file = file;
    this.#end = end;
    this.#readOnly = readOnly;
    this.#unlock = unlock;
  }

  async *records(): AsyncGenerator<LedgerRecord> {
    let number = 0;
    for await (const { text, at, length } of readLines(this.#file, 0, this.#end)) {
      if (++number === 1) {
        continue;
      }
      const record = parse(text) as LedgerRecord | undefined;
      if (!record) {
        throw new DatabarError(`${this.#path} is damaged: line ${number} is not a record`);
      }
      if (at >= this.#readTo) {
        this.#readTo = at + length + 1;
        this.#place(record, { at, length });
      }
      yield record;
    }
  }

  append(records: readonly LedgerRecord[]): Promise<void> {
    if (this.#readOnly) {
      return Promise.reject(new DatabarError("The ledger was opened to read only"));
    }
    const lines = records.map((record) => `${JSON.stringify(record)}\n`);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines, records, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async results(keys: readonly string[]): Promise<Map<string, ResultRecord>> {
    const found = new Map<string, ResultRecord>();
    const places = keys.flatMap((key) => this.#places.get(key) ?? []).sort((a, b) => a.at - b.at);
    for (const group of groupNear(places)) {
      const [first, last] = [group[0], group.at(-1)];
      if (first && last) {
        const bytes = await readBytes(this.#file, first.at, last.at + last.length - first.at);
        for (const { at, length } of group) {
          const record = JSON.parse(bytes.toString("utf8", at - first.at, at - first.at + length)) as ResultRecord;
          found.set(record.key, record);
        }
      }
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#writing;
    // A ledger that is closed twice must not free the lock of the next one.
    this.#closing ??= this.#file.close().then(this.#unlock);
    await this.#closing;
  }

  /** Records that wait together are written together: one fsync is enough for all of them. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch);
        for (const { resolve } of batch) {
          resolve();
        }
      } catch (error) {
        // What is in the file after a failed write is unknown: the ledger must be opened again.
        this.#failure ??= error;
        for (const { reject } of batch) {
          reject(error);
        }
      }
    }
    this.#writing = undefined;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    if (this.#failure) {
      throw this.#failure;
    }
    const bytes = Buffer.from(batch.flatMap(({ lines }) => lines).join(""));
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.#end + done);
      done += bytesWritten;
    }
    await this.#file.datasync();
    let at = this.#end;
    this.#end += bytes.length;
    if (this.#readTo === at) {
      this.#readTo = this.#end;
    }
    for (const { lines, records } of batch) {
      for (const [index, line] of lines.entries()) {
        const length = Buffer.byteLength(line);
        const record = records[index];
        record && this.#place(record, { at, length: length - 1 });
        at += length;
      }
    }
  }

  #place(record: LedgerRecord, place: Place): void {
    if (record.type === "result") {
      this.#places.set(record.key, place);
    }
  }
}

/** Groups places, sorted by offset, that one read can cover. */
function groupNear(places: readonly Place[]): Place[][] {
  const groups: Place[][] = [];
  for (const place of places) {
    const group = groups.at(-1);
    const [first, last] = [group?.[0], group?.at(-1)];
    const isNear =
      first && last && place.at - last.at - last.length < NEAR && place.at + place.length - first.at < LONGEST_READ;
    isNear ? group?.push(place) : groups.push([place]);
  }
  return groups;
}
