/** The simulator's rate limit: a token bucket. */
import { json, type PlainAnswer } from "../replay.js";
import type { RateLimit } from "./options.js";

/** Makes a function that returns the 429 of a request that exceeds the limit, and undefined for any other. */
export function createRateLimit(
  limit: number | RateLimit | undefined,
  now: () => number,
): () => PlainAnswer | undefined {
  if (limit === undefined) {
    return () => undefined;
  }
  const {
    requestsPerSecond,
    burst = Math.max(1, requestsPerSecond),
    retryAfter = true,
  } = typeof limit === "number" ? { requestsPerSecond: limit } : limit;
  let tokens = burst;
  let last = now();
  return () => {
    const time = now();
    tokens = Math.min(burst, tokens + (Math.max(0, time - last) / 1000) * requestsPerSecond);
    last = time;
    if (tokens >= 1) {
      tokens -= 1;
      return undefined;
    }
    const seconds = Math.ceil((1 - tokens) / requestsPerSecond);
    return json(429, { detail: "Too many requests" }, retryAfter ? { "retry-after": String(seconds) } : {});
  };
}
