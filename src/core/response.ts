/** Turns a response into data, or into the error that it stands for. */
import { bodiless } from "../generated/routes.gen.js";
import type { Attempt } from "./attempt.js";
import { BodyTooLarge, decodeLeniently, decodeStrictly, discardBody, parseErrorBody, readBody } from "./body.js";
import { describeErrorBody } from "./error-body.js";
import { type ApiError, apiErrorClass, ConnectionError, RedirectError, ResponseParseError } from "./errors.js";
import { describeNetworkFault } from "./network.js";
import { parseRetryAfter } from "./retry.js";

const EXCERPT_LENGTH = 200;

/** No error says more than this; what is beyond it is not read. */
const MAX_ERROR_BYTES = 4 * 1024 * 1024;

/** What reading a response depends on. */
export interface ReadContext {
  attempt: Attempt;
  /** The URL that was asked for. */
  url: string;
  maxBytes: number;
  /** Ends reading. */
  signal: AbortSignal;
  /** The time, in milliseconds since 1970. */
  now: number;
}

/** The data of a successful response; throws the error for any other. */
export async function readResponse(response: Response, context: ReadContext): Promise<unknown> {
  if (isRedirect(response)) {
    discardBody(response);
    throw redirectError(response, context);
  }
  if (!response.ok) {
    throw await apiError(response, context);
  }
  if (bodiless.includes(context.attempt.route.operation)) {
    // What comes all the same is of no use to anybody, and a fault in it must not look like a failure.
    discardBody(response);
    return undefined;
  }
  return parseSuccessBody(await readSuccessBody(response, context), response, context);
}

/** A browser hides a redirect that it was told not to follow. */
export function isRedirect(response: Response): boolean {
  return response.type === "opaqueredirect" || (response.status >= 300 && response.status < 400);
}

/** The error for a redirect, with the likely cause. */
export function redirectError(
  response: Response,
  { attempt, url }: Pick<ReadContext, "attempt" | "url">,
): RedirectError {
  const asked = new URL(url);
  const location = response.headers.get("location");
  const target = location !== null && URL.canParse(location, url) ? new URL(location, url) : undefined;
  const hints: string[] = [];
  if (target && target.pathname !== asked.pathname && trimSlash(target.pathname) === trimSlash(asked.pathname)) {
    hints.push("the same path with or without its last slash: the contract and the server differ");
  }
  if (target?.protocol === "http:" && asked.protocol === "https:") {
    hints.push("http instead of https: the key would travel in clear text");
  }
  const origin = target && attempt.printable(target.origin === "null" ? target.protocol : target.origin);
  const to = origin ? ` to ${origin}` : "";
  const because = hints.length > 0 ? ` (${hints.join("; ")})` : "";
  // 307 and 308 ask to send the request elsewhere; after the others it may have been carried out.
  const details = attempt.details(response.status !== 307 && response.status !== 308);
  const message = `${attempt.title} -> ${response.status}: redirect${to} not followed${because}; check baseUrl`;
  return new RedirectError(message, details, response.status, origin);
}

/**
 * The error for a failure of `fetch` or of reading a body.
 *
 * @param answered - The answer had begun.
 */
export function connectionError(
  cause: unknown,
  { attempt, url }: Pick<ReadContext, "attempt" | "url">,
  answered = false,
): ConnectionError {
  const fault = describeNetworkFault(cause);
  // Once there is an answer, whatever the fault is called, something was sent.
  attempt.nothingSent = fault.nothingSent && !answered;
  attempt.hopeless = fault.permanent;
  const code = fault.code && attempt.printable(fault.code);
  const message = `${attempt.title} failed: ${new URL(url).origin}: ${attempt.printable(fault.words)}${code ? ` (${code})` : ""}`;
  const mayHaveActed = answered || !(fault.nothingSent || fault.permanent);
  return new ConnectionError(message, attempt.details(mayHaveActed), code, attempt.printableCause(cause));
}

async function apiError(response: Response, context: ReadContext): Promise<ApiError> {
  const { attempt, signal, now, maxBytes } = context;
  const { status, headers } = response;
  // The status says more than a body that cannot be read: what is there of it must do.
  const { bytes } = await readBody(response, Math.min(maxBytes, MAX_ERROR_BYTES), attempt);
  signal.throwIfAborted();
  const body = parseErrorBody(bytes);
  // A page loses its tags on the way into words, and a secret that looks like one would lose its shape.
  const { words, code, issues } = describeErrorBody(typeof body === "string" ? attempt.redact(body) : body);
  const answer = {
    status,
    body,
    headers,
    requestId: attempt.requestIdOf(response),
    retryAfterMs: parseRetryAfter(headers, now),
    code: code && attempt.printable(code),
    issues: issues.map((issue) => ({
      path: attempt.printable(issue.path),
      loc: issue.loc.map((part) => (typeof part === "string" ? attempt.printable(part) : part)),
      message: attempt.printable(issue.message),
      type: attempt.printable(issue.type),
    })),
  };
  const message = `${attempt.title} -> ${status}: ${attempt.printable(words) || attempt.printable(response.statusText) || "the server gave no reason"}`;
  const ErrorClass = apiErrorClass(status);
  return new ErrorClass(message, attempt.details(status >= 500 || status === 408), answer);
}

async function readSuccessBody(response: Response, context: ReadContext): Promise<Uint8Array> {
  const { attempt, maxBytes, signal } = context;
  const { bytes, fault } = await readBody(response, maxBytes, attempt);
  signal.throwIfAborted();
  if (fault instanceof BodyTooLarge) {
    attempt.hopeless = true;
    throw parseError(`the body is larger than maxResponseBytes (${maxBytes})`, "", response, context);
  }
  if (fault !== undefined) {
    throw connectionError(fault, context, true);
  }
  return bytes;
}

function parseSuccessBody(bytes: Uint8Array, response: Response, context: ReadContext): unknown {
  if (bytes.byteLength === 0) {
    throw parseError("the body is empty", "", response, context);
  }
  let text: string;
  try {
    text = decodeStrictly(bytes);
  } catch (cause) {
    throw parseError(
      "the body is not UTF-8",
      // More than is shown: what is cut is not recognised as a secret.
      decodeLeniently(bytes.subarray(0, 100 * EXCERPT_LENGTH)),
      response,
      context,
      cause,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // V8 quotes the text in its own message, and a broken list of connectors holds secrets: no cause.
    throw parseError("the body is not JSON", text, response, context);
  }
}

function parseError(
  problem: string,
  text: string,
  response: Response,
  { attempt }: ReadContext,
  cause?: unknown,
): ResponseParseError {
  const { status, headers } = response;
  const contentType = attempt.printable(headers.get("content-type") ?? "") || undefined;
  const excerpt = attempt.printable(text, EXCERPT_LENGTH);
  const message = `${attempt.title} -> ${status}: ${problem} (content type ${contentType ?? "missing"})${excerpt && `: ${excerpt}`}`;
  const answer = { status, contentType, requestId: attempt.requestIdOf(response), text: text.slice(0, EXCERPT_LENGTH) };
  return new ResponseParseError(message, attempt.details(true), answer, cause === undefined ? {} : { cause });
}

function trimSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}
