/** Turns a response into data, or into the error that it stands for. */
import { bodiless } from "../generated/routes.gen.js";
import type { Attempt } from "./attempt.js";
import { BodyTooLarge, decodeLeniently, decodeStrictly, parseErrorBody, readBytes } from "./body.js";
import { describeErrorBody } from "./error-body.js";
import { type ApiError, apiErrorClass, ConnectionError, RedirectError, ResponseParseError } from "./errors.js";
import { describeNetworkFault } from "./network.js";
import { parseRetryAfter } from "./retry.js";

const EXCERPT_LENGTH = 200;

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

/** The server's id of the request, where it sent one. */
export function requestIdOf(response: Response): string | undefined {
  return response.headers.get("x-request-id") ?? undefined;
}

/** The data of a successful response; throws the error for any other. */
export async function readResponse(response: Response, context: ReadContext): Promise<unknown> {
  if (isRedirect(response)) {
    response.body?.cancel().catch(() => {});
    throw redirectError(response, context);
  }
  if (!response.ok) {
    throw await apiError(response, context);
  }
  const bytes = await readSuccessBody(response, context);
  // What an operation without a documented body sends all the same is of no use to anybody.
  return bodiless.includes(context.attempt.route.operation) ? undefined : parseSuccessBody(bytes, response, context);
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
  const to = target ? ` to ${target.origin}` : "";
  const because = hints.length > 0 ? ` (${hints.join("; ")})` : "";
  // 307 and 308 ask to send the request elsewhere; after the others it may have been carried out.
  const details = attempt.details(response.status !== 307 && response.status !== 308);
  const message = `${attempt.title} -> ${response.status}: redirect${to} not followed${because}; check baseUrl`;
  return new RedirectError(message, details, response.status, target?.origin);
}

/** The error for a failure of `fetch` or of reading a body. */
export function connectionError(
  cause: unknown,
  { attempt, url }: Pick<ReadContext, "attempt" | "url">,
): ConnectionError {
  const { words, code, nothingSent, permanent } = describeNetworkFault(cause);
  attempt.nothingSent = nothingSent;
  attempt.hopeless = permanent;
  const message = `${attempt.title} failed: ${new URL(url).origin}: ${attempt.printable(words)}${code ? ` (${code})` : ""}`;
  return new ConnectionError(message, attempt.details(!nothingSent && !permanent), code, cause);
}

async function apiError(response: Response, context: ReadContext): Promise<ApiError> {
  const { attempt, signal, now, maxBytes } = context;
  const { status, headers } = response;
  // The status says more than a body that cannot be read: what is there of it must do.
  const bytes = await readBytes(response, maxBytes).catch(() => new Uint8Array());
  signal.throwIfAborted();
  const body = parseErrorBody(bytes);
  const { words, code, issues } = describeErrorBody(body);
  const answer = {
    status,
    body,
    headers,
    requestId: requestIdOf(response),
    retryAfterMs: parseRetryAfter(headers, now),
    code: code && attempt.printable(code),
    issues: issues.map((issue) => ({
      ...issue,
      path: attempt.printable(issue.path),
      message: attempt.printable(issue.message),
    })),
  };
  const message = `${attempt.title} -> ${status}: ${attempt.printable(words) || attempt.printable(response.statusText) || "the server gave no reason"}`;
  const ErrorClass = apiErrorClass(status);
  return new ErrorClass(message, attempt.details(status >= 500 || status === 408), answer);
}

async function readSuccessBody(response: Response, context: ReadContext): Promise<Uint8Array> {
  try {
    return await readBytes(response, context.maxBytes);
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof BodyTooLarge)) {
      throw connectionError(error, context);
    }
    context.attempt.hopeless = true;
    throw parseError(`the body is larger than maxResponseBytes (${context.maxBytes})`, "", response, context);
  }
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
      decodeLeniently(bytes.subarray(0, 4 * EXCERPT_LENGTH)),
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
  const contentType = response.headers.get("content-type") ?? undefined;
  const excerpt = text.slice(0, EXCERPT_LENGTH);
  const shown = attempt.printable(excerpt);
  const message = `${attempt.title} -> ${response.status}: ${problem} (content type ${attempt.printable(contentType ?? "") || "missing"})${shown && `: ${shown}`}`;
  const answer = { status: response.status, contentType, requestId: requestIdOf(response), text: excerpt };
  return new ResponseParseError(message, attempt.details(true), answer, cause === undefined ? {} : { cause });
}

function trimSlash(path: string): string {
  return path.replace(/\/+$/, "");
}
