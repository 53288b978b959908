/** Whether and when a failed attempt is repeated. Pure. */
import type { Retry } from "../errors/classes.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;

/** If a server asks for a longer wait than this, the error is thrown at once, with the value. */
const LONGEST_RETRY_AFTER_MS = 60_000;

/** How much later than the server asks the client may come back, as a part of the wait: it spreads many clients out. */
const RETRY_AFTER_JITTER = 0.25;

/** A retry never follows at once, even if the server asks for it. */
const SHORTEST_RETRY_AFTER_MS = 100;

/** A failed attempt, as far as the decision about a retry needs it. */
export interface FailedAttempt {
  method: string;
  /** Which methods may be retried after this failure. */
  retry: Retry;
  /** The number of the attempt that failed, from 1. */
  number: number;
  /** How long the server asked the client to wait, in milliseconds. */
  retryAfterMs: number | undefined;
}

/**
 * How long to wait before the next attempt: what the server asked for, otherwise exponential, both with jitter. A POST or PATCH spends money or adds rows, so it is repeated only if the
 * server cannot have acted.
 *
 * @param random - From 0 up to, not including, 1.
 * @returns Milliseconds; `undefined` if the attempt must not be repeated.
 */
export function retryDelayMs(
  { method, retry, number, retryAfterMs }: FailedAttempt,
  random: number,
): number | undefined {
  const mayRetry = retry === "all" || (retry === "idempotent" && isIdempotent(method));
  if (!mayRetry || (retryAfterMs ?? 0) > LONGEST_RETRY_AFTER_MS) {
    return undefined;
  }
  const backoffMs = random * Math.min(FIRST_DELAY_MS * 2 ** (number - 1), LONGEST_DELAY_MS);
  if (retryAfterMs === undefined) {
    return backoffMs;
  }
  // Not before the server's time. After a short wait, the jitter grows with the attempts.
  const jitterMs = Math.max(random * RETRY_AFTER_JITTER * retryAfterMs, backoffMs);
  return Math.max(retryAfterMs, SHORTEST_RETRY_AFTER_MS) + jitterMs;
}

/** Whether sending a request has no effect that counts. */
export function isReadOnly(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Whether repeating a request has the same effect as sending it once. */
function isIdempotent(method: string): boolean {
  return method !== "POST" && method !== "PATCH";
}

/**
 * Reads `retry-after-ms` (milliseconds) and `retry-after` (seconds, or an HTTP date).
 *
 * @param now - Milliseconds since 1970.
 * @returns Milliseconds from `now`, 0 for a date in the past; `undefined` if neither header has a valid value.
 */
export function parseRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  const ms = durationMs(headers.get("retry-after-ms"), 1) ?? durationMs(value, 1_000);
  // Date.parse reads "-5" as a year. An HTTP date has the day's name and a time; its oldest form does not name GMT.
  if (ms !== undefined || !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun).+ \d\d:\d\d:\d\d/.test(value)) {
    return ms;
  }
  const date = Date.parse(value.replace(/( GMT)?$/, " GMT"));
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** A number with so many digits that it would be infinite is still a finite wait. */
function durationMs(text: string | null, unitMs: number): number | undefined {
  return text && /^ *\d+(\.\d+)? *$/.test(text) ? Math.min(Number(text) * unitMs, Number.MAX_SAFE_INTEGER) : undefined;
}
