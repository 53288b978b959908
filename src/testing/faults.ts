/** Random failures of the replay server: the same ones in every run with the same seed. */
import { createRandom } from "./random.js";
import { json, type PlainAnswer } from "./replay.js";

/** An error status that some requests get instead of their answer. */
export interface Fault {
  /** From 400 to 599. */
  readonly status: number;
  /** The share of requests, from 0 to 1. */
  readonly share: number;
}

/**
 * Makes a function that draws the error answer of each request: undefined for most.
 *
 * @throws RangeError if a status or a share is out of range, or if the shares add up to more than 1.
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
    throw new RangeError("the failures' shares must not add up to more than 1");
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
    return fault && errorAnswer(fault.status);
  };
}

/** The answer as its sender writes it: 4xx from the API, 500 from its framework, 502 to 504 from a proxy in front. */
export function errorAnswer(status: number): PlainAnswer {
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
