/** The ledger in a file: what is in it after a crash, and who may use it. */
import { spawn } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type LedgerRecord, openFileLedger, type ResultRecord } from "../../src/jobs/index.js";
import { domains, mostBilled, open, rowsOf, world } from "../support/jobs.js";

const folder = mkdtempSync(join(tmpdir(), "databar-jobs-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const newPath = (): string => join(folder, `job-${++files}.ledger`);

const result = (key: string, data: unknown): ResultRecord => ({ type: "result", chunk: 1, key, status: "done", data });

async function listed(path: string): Promise<LedgerRecord[]> {
  const ledger = await openFileLedger(path, { readOnly: true });
  const records: LedgerRecord[] = [];
  for await (const record of ledger.records()) {
    records.push(record);
  }
  await ledger.close();
  return records;
}

async function writeRecords(path: string, records: LedgerRecord[]): Promise<void> {
  const ledger = await openFileLedger(path);
  await ledger.append(records);
  await ledger.close();
}

describe("a file ledger", () => {
  test("keeps records over a restart, after a first line with its version", async () => {
    const path = newPath();
    await writeRecords(path, [result("a", { text: 'ü "\n' })]);
    await writeRecords(path, [result("b", null)]);
    expect(readFileSync(path, "utf8").split("\n")[0]).toBe('{"ledger":"databar-client","version":1}');
    expect(await listed(path)).toEqual([result("a", { text: 'ü "\n' }), result("b", null)]);
  });

  test("can be read by its owner only, from its creation", async () => {
    const path = newPath();
    const before = process.umask(0);
    try {
      const ledger = await openFileLedger(path);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600);
      await ledger.close();
    } finally {
      process.umask(before);
    }
  });

  test("returns the newest result of each key, before and after a restart", async () => {
    const path = newPath();
    const keys = Array.from({ length: 300 }, (_, index) => `key-${index}`);
    const ledger = await openFileLedger(path);
    for await (const _ of ledger.records()) {
      // A job reads its ledger first.
    }
    await ledger.append(keys.map((key) => result(key, `old ü ${key}`)));
    await Promise.all(keys.map((key) => ledger.append([result(key, `new ü ${key}`)])));
    const newest = (found: ReadonlyMap<string, ResultRecord>) => keys.map((key) => found.get(key)?.data);
    expect(newest(await ledger.results(keys))).toEqual(keys.map((key) => `new ü ${key}`));
    await ledger.close();
    const again = await openFileLedger(path);
    for await (const _ of again.records()) {
      // Finds where the results are.
    }
    expect(newest(await again.results([...keys, "unknown"]))).toEqual(keys.map((key) => `new ü ${key}`));
    await again.close();
  });

  test("loses no record but the torn one, wherever a crash cuts the file", async () => {
    const path = newPath();
    const records = [result("a", 1), result("b", { ü: "x" }), result("c", [1, 2])];
    await writeRecords(path, records);
    const bytes = readFileSync(path);
    const ends = [...bytes.entries()].flatMap(([index, byte]) => (byte === 10 ? [index + 1] : []));
    for (let size = 0; size <= bytes.length; size++) {
      const cut = newPath();
      writeFileSync(cut, bytes.subarray(0, size));
      await writeRecords(cut, [result("d", 4)]);
      const whole = ends.slice(1).filter((end) => end <= size).length;
      expect(await listed(cut)).toEqual([...records.slice(0, whole), result("d", 4)]);
    }
  });

  test("ignores a last line of zeros, which a crash of the machine leaves", async () => {
    const path = newPath();
    await writeRecords(path, [result("a", 1)]);
    appendFileSync(path, Buffer.concat([Buffer.alloc(50), Buffer.from("\n")]));
    expect(await listed(path)).toEqual([result("a", 1)]);
    await writeRecords(path, [result("b", 2)]);
    expect(await listed(path)).toEqual([result("a", 1), result("b", 2)]);
  });

  test.each([
    [
      "a damaged line in the middle",
      (path: string) => truncateSync(path, statSync(path).size - 5),
      "is damaged: line 2 is not a record",
    ],
    [
      "another file",
      (path: string) => writeFileSync(path, "name,email\nAda,a@b.example\n"),
      "is not a ledger of databar-client",
    ],
    ["a short file", (path: string) => writeFileSync(path, "hello"), "is not a ledger of databar-client"],
    [
      "a newer version",
      (path: string) => writeFileSync(path, '{"ledger":"databar-client","version":2}\n'),
      "update databar-client",
    ],
  ])("refuses %s", async (_, damage, message) => {
    const path = newPath();
    await writeRecords(path, [result("a", 1)]);
    damage(path);
    if (message.includes("damaged")) {
      appendFileSync(path, `\n${JSON.stringify(result("b", 2))}\n`);
    }
    const before = readFileSync(path);
    await expect(listed(path)).rejects.toThrow(message);
    expect(readFileSync(path)).toEqual(before);
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("that cannot be written rejects, and refuses further records", async () => {
    const path = newPath();
    await writeRecords(path, []);
    const ledger = await openFileLedger(path, { readOnly: true });
    await expect(ledger.append([result("a", 1)])).rejects.toThrow("opened to read only");
    await ledger.close();
  });
});

describe("the lock of a file ledger", () => {
  test("keeps a second job out until the first one is closed", async () => {
    const path = newPath();
    const ledger = await openFileLedger(path);
    await expect(openFileLedger(path)).rejects.toThrow(`in use by process ${process.pid}`);
    await (await openFileLedger(path, { readOnly: true })).close();
    await ledger.close();
    await (await openFileLedger(path)).close();
  });

  test("keeps out another process that is alive", async () => {
    const path = newPath();
    const sleeper = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    try {
      writeFileSync(`${path}.lock`, JSON.stringify({ pid: sleeper.pid, host: hostname(), token: "x" }));
      await expect(openFileLedger(path)).rejects.toThrow(`in use by process ${sleeper.pid}`);
    } finally {
      sleeper.kill("SIGKILL");
      await new Promise((resolve) => sleeper.once("close", resolve));
    }
    await (await openFileLedger(path)).close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("of an earlier process with the same pid is taken over", async () => {
    const path = newPath();
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: process.pid, host: hostname(), token: "of another life" }));
    await (await openFileLedger(path)).close();
  });

  test("of another machine is respected, because nobody can tell whether its process is alive", async () => {
    const path = newPath();
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: 1, host: "other-machine", token: "x" }));
    await expect(openFileLedger(path)).rejects.toThrow("in use by process 1 on other-machine");
  });

  test("that is stale goes to exactly one of many jobs that open at once", async () => {
    const path = newPath();
    writeFileSync(`${path}.lock`, JSON.stringify({ pid: 2 ** 22 + 7, host: hostname(), token: "x" }));
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => openFileLedger(path)));
    const winners = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(winners).toHaveLength(1);
    await winners[0]?.close();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });
});

test("a job resumes from a file where an earlier one stopped", async () => {
  const path = newPath();
  const here = world();
  const job = await open(here, await openFileLedger(path));
  await job.plan(domains(150));
  await job.run({ maxCredits: 60 });
  await job.close();
  const later = await open(here, await openFileLedger(path));
  await later.plan(domains(150));
  expect(await later.run()).toMatchObject({ reason: "completed", pending: 0 });
  expect(mostBilled(here)).toBe(1);
  const rows = await rowsOf(later);
  expect(rows.map(({ data }) => data)).toEqual(domains(150).map(({ data }) => data));
  expect(rows.filter(({ result: found }) => found !== undefined)).toHaveLength(later.status().done);
  await later.close();
});

test("a job whose ledger can no longer be written stops, and its error carries the id of the paid task", async () => {
  const path = newPath();
  const here = world();
  const ledger = await openFileLedger(path);
  const job = await open(here, ledger);
  await job.plan(domains(20));
  const append = vi.spyOn(ledger, "append");
  append.mockImplementation(async (records) => {
    if (records[0]?.type === "accepted") {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    }
  });
  const ids: string[] = [];
  const failure: unknown = await job
    .run({ onEvent: (event) => event.type === "accepted" && ids.push(event.taskId) })
    .catch((error: unknown) => error);
  expect(ids.length).toBeGreaterThan(0);
  expect(failure).toMatchObject({ taskId: ids[0], cause: { code: "ENOSPC" } });
  await job.close();
});
