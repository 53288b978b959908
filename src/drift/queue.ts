/** Work on bodies that is put off until the caller has its result: bounded, in short slices, in the background. */
import type { Exchange } from "../http/hooks.js";

/** How many exchanges may wait, and how many bytes their bodies may have. Further ones are not looked at. */
const MAX_WAITING = 500;
const MAX_BYTES = 64 * 1024 * 1024;

/** The work of many calls shares one timer. It keeps the process alive this long, in milliseconds. */
const DELAY_MS = 20;

/** After this time the event loop has a turn, in milliseconds. */
const SLICE_MS = 4;

type Work = (exchange: Exchange) => void;

const waiting: { exchange: Exchange; work: Work }[] = [];
let bytes = 0;
let isScheduled = false;
/** Disk writes that are under way. */
const writes = new Set<Promise<void>>();

/** Puts off the work on an exchange, or drops it if too much is waiting. */
export function defer(exchange: Exchange, work: Work): void {
  const size = exchange.bytes?.byteLength ?? 0;
  if (waiting.length >= MAX_WAITING || (waiting.length > 0 && bytes + size > MAX_BYTES)) {
    return;
  }
  bytes += size;
  waiting.push({ exchange, work });
  schedule(DELAY_MS);
}

/** Lets {@link settled} wait for a write. */
export function track(write: Promise<void>): void {
  writes.add(write);
  void write.finally(() => writes.delete(write));
}

/** Does all the work that is waiting, and waits for the writes. */
export async function settled(): Promise<void> {
  work(Number.POSITIVE_INFINITY);
  await Promise.all(writes);
}

function schedule(delayMs: number): void {
  if (!isScheduled) {
    isScheduled = true;
    setTimeout(() => {
      isScheduled = false;
      work(SLICE_MS);
    }, delayMs);
  }
}

function work(sliceMs: number): void {
  const end = performance.now() + sliceMs;
  let done = 0;
  for (const { exchange, work } of waiting) {
    done++;
    bytes -= exchange.bytes?.byteLength ?? 0;
    work(exchange);
    if (performance.now() > end) {
      break;
    }
  }
  waiting.splice(0, done);
  if (waiting.length > 0) {
    schedule(0);
  }
}
