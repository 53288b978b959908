/** Work on bodies that is put off until the caller has its result: bounded, in short slices, in the background. */
import type { Exchange } from "../http/hooks.js";

/** How many exchanges may wait, and how many bytes their bodies may have. Further ones are not looked at. */
const MAX_WAITING = 500;
const MAX_BYTES = 64 * 1024 * 1024;

/** The work of many calls shares one timer. It keeps the process alive this long, in milliseconds. */
const DELAY_MS = 20;

/** After this time the event loop has a turn, in milliseconds. The clock is read once per so many bytes. */
const SLICE_MS = 4;
const BYTES_PER_SLICE_CHECK = 64 * 1024;

/** Counts for a body besides its bytes. */
const BYTES_PER_BODY = 1_024;

type Work = (exchange: Exchange) => void;

let exchanges: Exchange[] = [];
/** What is to be done with the exchange at the same index. */
let works: Work[] = [];
let waitingBytes = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Disk writes that are under way. */
const writes = new Set<Promise<void>>();

/** Puts off the work on an exchange, or drops it if too much is waiting. */
export function defer(exchange: Exchange, work: Work): void {
  const size = sizeOf(exchange);
  if (exchanges.length >= MAX_WAITING || (exchanges.length > 0 && waitingBytes + size > MAX_BYTES)) {
    return;
  }
  waitingBytes += size;
  exchanges.push(exchange);
  works.push(work);
  timer ?? schedule(DELAY_MS);
}

/** Lets {@link settled} wait for a write. */
export function track(write: Promise<void>): void {
  writes.add(write);
  void write.finally(() => writes.delete(write));
}

/** Does all the work that is waiting, and waits for the writes. */
export async function settled(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  work(Number.POSITIVE_INFINITY);
  await Promise.all(writes);
}

function sizeOf({ bytes }: Exchange): number {
  return BYTES_PER_BODY + (bytes === undefined ? 0 : bytes.byteLength);
}

function schedule(delayMs: number): void {
  timer = setTimeout(() => {
    timer = undefined;
    work(SLICE_MS);
  }, delayMs);
}

function work(sliceMs: number): void {
  const end = performance.now() + sliceMs;
  const [all, jobs] = [exchanges, works];
  let index = 0;
  for (let sinceCheck = 0; index < all.length; index++) {
    const exchange = all[index] as Exchange;
    try {
      jobs[index]?.(exchange);
    } catch {
      // One body must not stop the others, and nobody waits for the error.
    }
    sinceCheck += sizeOf(exchange);
    if (sinceCheck > BYTES_PER_SLICE_CHECK) {
      sinceCheck = 0;
      if (performance.now() > end) {
        index++;
        break;
      }
    }
  }
  exchanges = all.slice(index);
  works = jobs.slice(index);
  waitingBytes = exchanges.reduce((sum, exchange) => sum + sizeOf(exchange), 0);
  if (exchanges.length > 0) {
    timer ?? schedule(0);
  }
}
