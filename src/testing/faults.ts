/** Random failures of the replay server: the same ones in every run with the same seed. */
import { json, type PlainAnswer } from "./replay.js";

/** A status that some requests get in place of their answer. */
export interface Fault {
  /** From 400 to 599. */
  readonly status: number;
  /** The share of requests, from 0 to 1. */
  readonly share: number;
}

/**
 * Draws the fault of each request: undefined where it has none.
 *
 * @throws RangeError for a status or a share out of range, and for shares that make more than 1.
 */
export function createFaults(faults: readonly Fault[], seed: number): () => PlainAnswer | undefined {
  for (const { status, share } of faults) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new RangeError(`a failure's status must be from 400 to 599: got ${status}`);
    }
    if (!(share >= 0 && share <= 1)) {
      throw new RangeError(`a failure's share must be from 0 to 1: got ${share}`);
    }
  }
  if (faults.reduce((sum, { share }) => sum + share, 0) > 1 + Number.EPSILON * faults.length) {
    throw new RangeError("the failures' shares must not make more than 1");
  }
  const random = createRandom(seed);
  return () => {
    if (faults.length === 0) {
      return undefined;
    }
    let rest = random();
    const fault = faults.find(({ share }) => {
      rest -= share;
      return rest < 0;
    });
    return fault && faultAnswer(fault.status);
  };
}

/** As it would come: 429 and other refusals from the API, 500 from its framework, 502 to 504 from a proxy before it. */
function faultAnswer(status: number): PlainAnswer {
  if (status === 429) {
    return json(429, { detail: "Too many requests" }, { "retry-after": "1" });
  }
  if (status < 500) {
    return json(status, { detail: "Simulated failure" });
  }
  if (status === 500) {
    const headers = { "content-type": "text/plain; charset=utf-8" };
    return { status, headers, body: "Internal Server Error" };
  }
  const title = `${status} Simulated failure`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body><h1>${title}</h1></body>\r\n</html>\r\n`;
  return { status, headers: { "content-type": "text/html" }, body };
}

/** The mulberry32 generator: small, fast, and even enough for this. */
function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
