/** What may be repeated, and after how long. Pure, but for `sleep`. */

import { AbortError, ApiError, RedirectError, type RequestError } from "../errors/classes.js";
import { onAbort } from "./abort.js";
import type { Attempt } from "./attempt.js";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;

/** A server that asks for a longer wait than this gets none: the error is thrown with the value. */
const LONGEST_RETRY_AFTER_MS = 60_000;

const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Time and chance, so that tests can replace them. */
export interface Runtime {
  /** Resolves after `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemRuntime: Runtime = { sleep, random: Math.random, now: Date.now };

/** Whether there is nothing that the server could carry out. */
export function isReadOnly(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** Whether repeating has the same effect as doing it once. */
function isIdempotent(method: string): boolean {
  return method !== "POST" && method !== "PATCH";
}

/**
 * Whether a failed attempt may be repeated. A POST or PATCH spends money or adds rows, so it is
 * repeated only where the server cannot have acted: 429, or nothing was sent.
 */
export function mayRetry({ route, nothingSent, hopeless }: Attempt, error: RequestError): boolean {
  if (hopeless || error instanceof AbortError || error instanceof RedirectError) {
    return false;
  }
  if (error instanceof ApiError) {
    return isIdempotent(route.method) ? RETRYABLE_STATUSES.has(error.status) : error.status === 429;
  }
  return isIdempotent(route.method) || nothingSent;
}

/**
 * The wait before the next attempt: what the server asked for, otherwise exponential with full jitter.
 *
 * @param attempt - The attempt that failed, from 1.
 * @returns Milliseconds; `undefined` where the server asks for more than a minute.
 */
export function retryDelayMs(attempt: number, retryAfterMs: number | undefined, random: number): number | undefined {
  if (retryAfterMs === undefined) {
    return random * Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  }
  return retryAfterMs <= LONGEST_RETRY_AFTER_MS ? retryAfterMs : undefined;
}

/**
 * Reads `retry-after-ms` (milliseconds) and `retry-after` (seconds, or an HTTP date).
 *
 * @returns Milliseconds from `now`; `undefined` where neither header says something usable. A date in the past is 0.
 */
export function parseRetryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  const ms = duration(headers.get("retry-after-ms"), 1) ?? duration(value, 1_000);
  // Date.parse takes "-5" for a year: an HTTP date has the day's name and a time. Its oldest form does not say that it is GMT.
  if (ms !== undefined || !/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun).+ \d\d:\d\d:\d\d/.test(value)) {
    return ms;
  }
  const date = Date.parse(value.replace(/( GMT)?$/, " GMT"));
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** So many digits that they are infinite are still a wait. */
function duration(text: string | null, unitMs: number): number | undefined {
  return text && /^ *\d+(\.\d+)? *$/.test(text) ? Math.min(Number(text) * unitMs, Number.MAX_SAFE_INTEGER) : undefined;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stopListening?.();
      resolve();
    }, ms);
    const stopListening = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal?.reason);
    });
  });
}
