/** Turns a response into data, or into the error that it stands for. */

import { describeErrorBody } from "../errors/body.js";
import { type ApiError, apiErrorClass, ConnectionError, RedirectError, ResponseParseError } from "../errors/classes.js";
import { describeNetworkFault } from "../errors/network.js";
import { bodiless } from "../generated/routes.gen.js";
import type { Attempt } from "./attempt.js";
import { BodyTooLarge, discardBody, readBody } from "./body.js";
import { parseRetryAfter } from "./retry.js";

const EXCERPT_LENGTH = 200;

/** No error says more than this; what is beyond it is not read. */
const MAX_ERROR_BYTES = 4 * 1024 * 1024;

/** Beyond these, issues are in the body only. */
const MAX_ISSUES = 1_000;

/** So are the parts of an issue's place. */
const MAX_DEPTH = 50;

// UTF-8 is the only encoding of JSON.
const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder();

/** The data of a successful response; throws the error for any other. */
export async function readResponse(
  response: Response,
  attempt: Attempt,
  maxBytes: number,
  signal: AbortSignal,
  now: number,
): Promise<unknown> {
  if (isRedirect(response)) {
    throw redirectError(response, attempt);
  }
  if (response.ok && bodiless.includes(attempt.route.operation)) {
    // What comes all the same is of no use to anybody, and a fault in it must not look like a failure.
    discardBody(response);
    return undefined;
  }
  const limit = response.ok ? maxBytes : Math.min(maxBytes, MAX_ERROR_BYTES);
  const { bytes, fault } = await readBody(response, limit, attempt);
  signal.throwIfAborted();
  if (!response.ok) {
    // The status says more than a body that cannot be read: what is there of it must do.
    throw apiError(response, lenient.decode(bytes), attempt, now);
  }
  if (fault instanceof BodyTooLarge) {
    attempt.hopeless = true;
    throw parseError(`the body is larger than maxResponseBytes (${maxBytes})`, "", response, attempt);
  }
  if (fault !== undefined) {
    throw connectionError(fault, attempt, true);
  }
  return parseBody(bytes, response, attempt);
}

/** A browser hides a redirect that it was told not to follow. */
export function isRedirect({ type, status }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400);
}

/** The error for a redirect, with the likely cause. */
export function redirectError(response: Response, attempt: Attempt): RedirectError {
  discardBody(response);
  const { status, headers } = response;
  const asked = new URL(attempt.url);
  const location = headers.get("location") ?? "";
  const target = location && URL.canParse(location, attempt.url) ? new URL(location, attempt.url) : undefined;
  const hints: string[] = [];
  if (target && target.pathname !== asked.pathname && trimSlash(target) === trimSlash(asked)) {
    hints.push("the same path with or without its last slash: the contract and the server differ");
  }
  if (target?.protocol === "http:" && asked.protocol === "https:") {
    hints.push("http instead of https: the key would travel in clear text");
  }
  const origin = target && attempt.printable(target.origin === "null" ? target.protocol : target.origin);
  const to = origin ? ` to ${origin}` : "";
  const because = hints.length > 0 ? ` (${hints.join("; ")})` : "";
  // 307 and 308 ask to send the request elsewhere; after the others it may have been carried out.
  const details = attempt.details(status !== 307 && status !== 308);
  // A browser hides the status as well: 0.
  const answer = status ? `${status}: redirect` : "redirect";
  const message = `${attempt.title} -> ${answer}${to} not followed${because}; check baseUrl`;
  return new RedirectError(message, details, status, origin);
}

function trimSlash({ pathname }: URL): string {
  return pathname.replace(/\/$/, "");
}

/**
 * The error for a failure of `fetch` or of reading a body.
 *
 * @param answered - The answer had begun.
 */
export function connectionError(cause: unknown, attempt: Attempt, answered = false): ConnectionError {
  const fault = describeNetworkFault(cause);
  // Once there is an answer, whatever the fault is called, something was sent.
  attempt.nothingSent = fault.nothingSent && !answered;
  attempt.hopeless = fault.permanent;
  const code = fault.code && attempt.printable(fault.code);
  const words = `${attempt.printable(fault.words)}${code ? ` (${code})` : ""}`;
  return new ConnectionError(
    `${attempt.title} failed: ${new URL(attempt.url).origin}: ${words}`,
    attempt.details(answered || !(fault.nothingSent || fault.permanent)),
    code,
    attempt.printableCause(cause),
  );
}

function apiError(response: Response, text: string, attempt: Attempt, now: number): ApiError {
  const { status, statusText, headers } = response;
  const body = parseErrorBody(text);
  // A page loses its tags on the way into words, and a secret that looks like one would lose its shape.
  const { words, code, issues } = describeErrorBody(
    typeof body === "string" ? attempt.printable(body, Number.POSITIVE_INFINITY) : body,
  );
  const shown = <T>(value: T): T => (typeof value === "string" ? (attempt.printable(value) as T) : value);
  const said = shown(words) || shown(statusText) || "the server gave no reason";
  const ErrorClass = apiErrorClass(status);
  return new ErrorClass(`${attempt.title} -> ${status}: ${said}`, attempt.details(status >= 500 || status === 408), {
    status,
    body,
    headers,
    requestId: attempt.requestIdOf(response),
    retryAfterMs: parseRetryAfter(headers, now),
    code: shown(code),
    issues: issues.slice(0, MAX_ISSUES).map(({ path, loc, message, type }) => ({
      path: shown(path),
      loc: loc.slice(0, MAX_DEPTH).map(shown),
      message: shown(message),
      type: shown(type),
    })),
  });
}

/** An error's body: JSON where it is JSON, otherwise text, `undefined` for none. */
function parseErrorBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text || undefined;
  }
}

function parseBody(bytes: Uint8Array, response: Response, attempt: Attempt): unknown {
  if (bytes.byteLength === 0) {
    throw parseError("the body is empty", "", response, attempt);
  }
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch (cause) {
    // More than is shown: what is cut is not recognised as a secret.
    const start = lenient.decode(bytes.subarray(0, 100 * EXCERPT_LENGTH));
    throw parseError("the body is not UTF-8", start, response, attempt, { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    // V8 quotes the text in its own message, and a broken list of connectors holds secrets: no cause.
    throw parseError("the body is not JSON", text, response, attempt);
  }
}

function parseError(
  problem: string,
  text: string,
  response: Response,
  attempt: Attempt,
  options?: ErrorOptions,
): ResponseParseError {
  const { status, headers } = response;
  const contentType = attempt.printable(headers.get("content-type") ?? "") || undefined;
  const excerpt = attempt.printable(text, EXCERPT_LENGTH);
  return new ResponseParseError(
    `${attempt.title} -> ${status}: ${problem} (content type ${contentType ?? "missing"})${excerpt && `: ${excerpt}`}`,
    attempt.details(true),
    { status, contentType, requestId: attempt.requestIdOf(response), text: text.slice(0, EXCERPT_LENGTH) },
    options,
  );
}
