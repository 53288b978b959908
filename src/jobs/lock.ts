/** A lock file: one process at a time. The lock of a process that has ended is taken over. */
import { randomUUID } from "node:crypto";
import { link, mkdir, readFile, rmdir, stat, unlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabarError } from "../errors/classes.js";

/** Who holds a lock. */
interface Owner {
  pid: number;
  host: string;
  token: string;
}

/** The tokens of this process. A container that restarts may give its next process the same pid. */
const held = new Set<string>();

const TAKEOVER_MS = 10_000;
const PAUSE_MS = 50;

/**
 * Takes a lock.
 *
 * @returns Frees the lock.
 * @throws DatabarError if another process holds it.
 */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const owner: Owner = { pid: process.pid, host: hostname(), token: randomUUID() };
  const text = JSON.stringify(owner);
  while (!(await createWith(path, text))) {
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (found !== undefined) {
      checkStale(path, found);
      await takeOver(path, found);
    }
  }
  held.add(owner.token);
  return async () => {
    held.delete(owner.token);
    if ((await readFile(path, "utf8").catch(() => "")) === text) {
      await unlink(path);
    }
  };
}

/** Whether another process holds a lock, and which. */
export async function lockOwner(path: string): Promise<number | undefined> {
  const owner = parse(await readFile(path, "utf8").catch(() => ""));
  return owner && isAlive(owner) ? owner.pid : undefined;
}

/** Creates the file with its content in one step, so that nobody reads an empty lock. */
async function createWith(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${process.pid}.${randomUUID().slice(0, 8)}`;
  await writeFile(draft, text, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      return false;
    }
    // A file system without hard links.
    return await writeFile(path, text, { mode: 0o600, flag: "wx" }).then(
      () => true,
      (failure: NodeJS.ErrnoException) => {
        if (failure.code === "EEXIST") {
          return false;
        }
        throw failure;
      },
    );
  } finally {
    await unlink(draft).catch(() => {});
  }
}

/** @throws DatabarError if the lock's owner is alive, or cannot be checked. */
function checkStale(path: string, text: string): void {
  const owner = parse(text);
  if (!owner) {
    throw new DatabarError(`${path} is not a lock of this program: delete it if no job uses it`);
  }
  if (isAlive(owner)) {
    const where = owner.host === hostname() ? "" : ` on ${owner.host}`;
    throw new DatabarError(
      `The job is in use by process ${owner.pid}${where}: wait for it, or delete ${path} if that process has ended`,
    );
  }
}

/** Only one process at a time may remove a stale lock: it could remove the fresh lock of another. */
async function takeOver(path: string, stale: string): Promise<void> {
  const guard = `${path}.takeover`;
  try {
    await mkdir(guard);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw error;
    }
    const since = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    await (since > TAKEOVER_MS ? rmdir(guard).catch(() => {}) : sleep(PAUSE_MS));
    return;
  }
  try {
    if ((await readFile(path, "utf8").catch(() => "")) === stale) {
      await unlink(path);
    }
  } finally {
    await rmdir(guard).catch(() => {});
  }
}

function isAlive({ pid, host, token }: Owner): boolean {
  if (host !== hostname()) {
    return true;
  }
  if (pid === process.pid) {
    return held.has(token);
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Without permission to signal it, the process exists.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function parse(text: string): Owner | undefined {
  try {
    const { pid, host, token } = JSON.parse(text) as Partial<Owner>;
    const isOwner = Number.isInteger(pid) && typeof host === "string" && typeof token === "string";
    return isOwner ? ({ pid, host, token } as Owner) : undefined;
  } catch {
    return undefined;
  }
}
