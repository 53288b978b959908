/** Which inputs are submitted next: within the cap, in chunks. Pure. */
import type { PriceList } from "../workflows/estimate.js";
import type { Chunk, Entry, JobState } from "./state.js";

/** The most that chunks may cost, and how large they are. */
export interface ChunkLimits {
  /** Credits; `undefined` for no cap. */
  maxCredits: number | undefined;
  /** Inputs of the first chunk, which measures the cost of an input. */
  firstChunkSize: number;
  chunkSize: number;
}

/** Chunks that were taken from the queue, and whose `intent` is not recorded yet. */
export type Claims = ReadonlySet<NextChunk>;

/** The next inputs to submit, and the most that they cost; `null` if the price is unknown. */
export interface NextChunk {
  entries: Entry[];
  credits: number | null;
}

/** Rounding of sums must not refuse the last input that fits. */
const TOLERANCE = 1e-9;

/**
 * Takes inputs from a queue, as many as the cap allows: spent + reserved + uncertain + the chunk <= the cap.
 *
 * An input whose price is unknown counts as what inputs of this job have cost so far. Only for such inputs can the
 * chunks in flight exceed the cap.
 */
export function takeChunk(
  queue: readonly Entry[],
  state: JobState,
  { cost }: Pick<PriceList, "cost">,
  { maxCredits = Number.POSITIVE_INFINITY, firstChunkSize, chunkSize }: ChunkLimits,
  claims: Claims,
): NextChunk {
  const { credits, measured, chunks } = state;
  const perInput = measured.inputs > 0 ? measured.credits / measured.inputs : 0;
  let held = credits.spent + credits.reserved + credits.uncertain + unknownInputs(chunks.values()) * perInput;
  for (const claim of claims) {
    held += claim.credits ?? claim.entries.length * perInput;
  }
  const isFirst = ![...chunks.values()].some(({ state: each }) => each === "ended" || each === "accepted");
  const size = isFirst ? Math.min(firstChunkSize, chunkSize) : chunkSize;
  const next: NextChunk = { entries: [], credits: 0 };
  for (const entry of queue.slice(0, size)) {
    const most = cost(entry.params ?? {})?.max;
    const expected = most ?? perInput;
    // With an unknown price and nothing measured, an exhausted cap must still stop.
    const isExhausted = most === undefined && held >= maxCredits;
    if (isExhausted || held + expected > maxCredits + TOLERANCE) {
      break;
    }
    held += expected;
    next.entries.push(entry);
    next.credits = next.credits === null || most === undefined ? null : next.credits + most;
  }
  return next;
}

/** Inputs that may be charged, in chunks without a known price. */
function unknownInputs(chunks: Iterable<Chunk>): number {
  let count = 0;
  for (const { state, credits, entries } of chunks) {
    const mayBeCharged = state === "intent" || state === "accepted" || state === "in_doubt";
    count += credits === null && mayBeCharged ? entries.length : 0;
  }
  return count;
}
