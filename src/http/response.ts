/** Turns a response into its data, or into the error that it stands for. */
import { readErrorBody } from "../errors/body.js";
import { type ApiError, RedirectError, ResponseParseError, type Retry } from "../errors/classes.js";
import { printable } from "../errors/redact.js";
import { statusMeaning } from "../errors/status.js";
import { bodiless } from "../generated/routes.gen.js";
import { BodyTooLarge, discardBody, readBody } from "./body.js";
import type { Inspect } from "./hooks.js";
import { parseRetryAfter } from "./retry.js";
import { connectionError, detailsOf, type Sent, titleOf } from "./send.js";

const EXCERPT_LENGTH = 200;

/** No error says more than this; the rest is not read. */
const MAX_ERROR_BYTES = 4 * 1024 * 1024;

/** Further issues are in the body only. */
const MAX_ISSUES = 1_000;

/** So are further parts of an issue's location. */
const MAX_DEPTH = 50;

// UTF-8 is the only encoding of JSON.
const strict = new TextDecoder("utf-8", { fatal: true });
const lenient = new TextDecoder();

/**
 * The data of a successful response.
 *
 * @param now - Milliseconds since 1970.
 * @param inspect - Is shown the body of a success and of an ApiError.
 * @throws RedirectError, ApiError, ResponseParseError or ConnectionError for any other response.
 */
export async function readResponse(
  sent: Sent,
  maxBytes: number,
  signal: AbortSignal,
  now: number,
  inspect?: Inspect,
): Promise<unknown> {
  const { request, response, secrets } = sent;
  if (isRedirect(response)) {
    throw redirectError(sent);
  }
  if (response.ok && bodiless.includes(request.operation)) {
    // Nobody needs an unexpected body, and a failure to read it must not look like a failure of the call.
    discardBody(response);
    inspect?.(undefined, undefined);
    return undefined;
  }
  const limit = response.ok ? maxBytes : Math.min(maxBytes, MAX_ERROR_BYTES);
  const { bytes, error } = await readBody(response, limit, signal);
  signal.throwIfAborted();
  if (!response.ok) {
    // HTTP errors are reported by status, even when the body is truncated or unreadable.
    const failure = apiError(sent, lenient.decode(bytes), now);
    // A truncated body says nothing about the contract.
    error === undefined && inspect?.(failure.body, bytes);
    throw failure;
  }
  if (error instanceof BodyTooLarge) {
    throw parseError(sent, `the body is larger than maxResponseBytes (${maxBytes})`, "", "none");
  }
  if (error !== undefined) {
    throw connectionError(error, request, secrets, true);
  }
  const body = request.mayBeEmpty && bytes.byteLength === 0 ? undefined : parseBody(sent, bytes);
  inspect?.(body, bytes);
  return body;
}

/** A browser hides a redirect that it does not follow. */
export function isRedirect({ type, status }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400);
}

/** The error for a redirect, with the likely cause. */
export function redirectError({ request, response, secrets }: Sent): RedirectError {
  discardBody(response);
  const { status, headers } = response;
  const from = new URL(request.url);
  const location = headers.get("location") ?? "";
  const to = location && URL.canParse(location, from) ? new URL(location, from) : undefined;
  const hints: string[] = [];
  if (to && to.pathname !== from.pathname && trimSlash(to) === trimSlash(from)) {
    hints.push("the same path with or without its last slash: the contract and the server differ");
  }
  if (to?.protocol === "http:" && from.protocol === "https:") {
    hints.push("http instead of https: the key would travel in clear text");
  }
  const origin = to && printable(to.origin === "null" ? to.protocol : to.origin, secrets);
  const target = origin ? ` to ${origin}` : "";
  const because = hints.length > 0 ? ` (${hints.join("; ")})` : "";
  // 307 and 308 ask the client to send the request elsewhere. After any other redirect it may have been processed.
  const details = detailsOf(request, status !== 307 && status !== 308);
  // A browser hides the status too: it is 0.
  const result = status ? `${status}: redirect` : "redirect";
  const message = `${titleOf(request)} -> ${result}${target} not followed${because}; check baseUrl`;
  return new RedirectError(message, details, status, origin);
}

function trimSlash({ pathname }: URL): string {
  return pathname.replace(/\/$/, "");
}

function apiError({ request, response, secrets }: Sent, text: string, now: number): ApiError {
  const { status, statusText, headers } = response;
  const { error: StatusError, mayHaveActed, retry } = statusMeaning(status);
  const body = parseErrorBody(text);
  // An HTML page loses its tags before it is shown: a secret that looks like a tag would no longer be recognised.
  const shownBody = typeof body === "string" ? printable(body, secrets, Number.POSITIVE_INFINITY) : body;
  const { message, code, issues } = readErrorBody(shownBody);
  const show = (value: string): string => printable(value, secrets);
  const reason = show(message) || show(statusText) || "the server gave no reason";
  return new StatusError(
    `${titleOf(request)} -> ${status}: ${reason}`,
    detailsOf(request, mayHaveActed),
    {
      status,
      body,
      headers,
      requestId: requestIdOf(response, secrets),
      retryAfterMs: parseRetryAfter(headers, now),
      code: code && show(code),
      issues: issues.slice(0, MAX_ISSUES).map(({ path, loc, message, type }) => ({
        path: show(path),
        loc: loc.slice(0, MAX_DEPTH).map((part) => (typeof part === "string" ? show(part) : part)),
        message: show(message),
        type: show(type),
      })),
    },
    retry,
  );
}

/** The server's id of the request, if it sent one. */
export function requestIdOf({ headers }: Response, secrets: readonly string[]): string | undefined {
  const id = headers.get("x-request-id");
  return id === null ? undefined : printable(id, secrets);
}

/** The body of an error: parsed JSON, otherwise text, `undefined` if it is empty. */
function parseErrorBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text || undefined;
  }
}

function parseBody(sent: Sent, bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) {
    throw parseError(sent, "the body is empty", "");
  }
  let text: string;
  try {
    text = strict.decode(bytes);
  } catch (cause) {
    // More than is shown: a secret that is cut in half is not recognised.
    const start = lenient.decode(bytes.subarray(0, 100 * EXCERPT_LENGTH));
    throw parseError(sent, "the body is not UTF-8", start, "idempotent", { cause });
  }
  try {
    return JSON.parse(text);
  } catch {
    // No cause: V8's message quotes the text, and a truncated list of connectors contains secrets.
    throw parseError(sent, "the body is not JSON", text);
  }
}

/** The error for a success whose body cannot be used. */
export function parseError(
  { request, response, secrets }: Sent,
  problem: string,
  text: string,
  retry?: Retry,
  options?: ErrorOptions,
): ResponseParseError {
  const { status, headers } = response;
  const contentType = printable(headers.get("content-type") ?? "", secrets) || undefined;
  const excerpt = printable(text, secrets, EXCERPT_LENGTH);
  return new ResponseParseError(
    `${titleOf(request)} -> ${status}: ${problem} (content type ${contentType ?? "missing"})${excerpt && `: ${excerpt}`}`,
    detailsOf(request, true),
    { status, contentType, requestId: requestIdOf(response, secrets), text: text.slice(0, EXCERPT_LENGTH) },
    retry,
    options,
  );
}
