/** Explains in plain words why `fetch` failed, from the platform's error codes. Pure. */
import type { Retry } from "./classes.js";

/** What is known of a failed connection. */
export interface NetworkFailure {
  /** What went wrong. Without a known code this is the platform's own message. */
  message: string;
  code: string | undefined;
  /** The connection was provably never made, so the server cannot have acted. */
  nothingSent: boolean;
  retry: Retry;
}

const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** Parts of the error codes of Node, undici and Bun, with their meaning. */
const MESSAGES: readonly (readonly [code: RegExp, message: string])[] = [
  [CERTIFICATE, "certificate not trusted"],
  [/REFUSED/i, "connection refused"],
  [/RESET|EPIPE/, "connection reset"],
  [/_SOCKET$/, "connection closed by the server"],
  [/NOTFOUND|EAI_/, "host name not resolved"],
  [/(HEADERS|BODY)_TIME/, "the response did not arrive in time"],
  [/TIME(D)?OUT/, "connection timed out"],
  [/UNREACH/, "network unreachable"],
  [/EPROTO|_SSL_/, "the server does not speak TLS"],
  [/^HPE_|^HTTPParser/, "the response is not HTTP"],
  [/^Z_/, "the compressed body is damaged"],
];

/** A TLS handshake that failed, or a port that `fetch` refuses: no request was sent, and a retry would fail likewise. */
const HANDSHAKE =
  /^(ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|TLSV1_ALERT_PROTOCOL_VERSION|PACKET_LENGTH_TOO_LONG|NO_PROTOCOLS_AVAILABLE|SSLV3_ALERT_HANDSHAKE_FAILURE|(SSL\/)?TLS_ALERT_HANDSHAKE_FAILURE|TLSV1_UNRECOGNIZED_NAME))$/;
const BEFORE_HANDSHAKE = /before secure TLS connection was established|^bad port$/;

/** Deno has no codes. Its message says whether a connection was made, and why not. */
const DENO_CONNECTING = /client error \(Connect\): (.*)/s;
const DENO_CODES: readonly (readonly [message: RegExp, code: string])[] = [
  [/\(os error (111|61|10061)\)/, "ECONNREFUSED"],
  [/^dns error/, "ENOTFOUND"],
  [/^invalid peer certificate/, "CERT_NOT_TRUSTED"],
];

/** Errors before a connection exists, by their whole code or by the system call that failed. They allow retrying a POST. */
const BEFORE_CONNECTION = /^(ECONNREFUSED|ConnectionRefused|ENOTFOUND|UND_ERR_CONNECT_TIMEOUT)$/;
const CONNECTING = /^(connect|getaddrinfo)$/;

/** One error of a chain of causes. */
interface Link {
  message: string;
  code: string;
  syscall: string;
}

/**
 * Reads the error that `fetch`, or reading a body, threw.
 *
 * @param hasResponse - A response had arrived, so something was sent, whatever the error's code says.
 */
export function readNetworkError(error: unknown, hasResponse: boolean): NetworkFailure {
  const links = readableCauses(error);
  const coded = links.filter(({ code }) => code);
  const code = coded[0]?.code;
  const known = code && MESSAGES.find(([pattern]) => pattern.test(code))?.[1];
  // For another runtime's code, or none, the platform's own message is better than nothing.
  const platformMessage = links.at(-1)?.message;
  const isUntrusted = !!code && CERTIFICATE.test(code);
  const isHandshake = links.some((link) => HANDSHAKE.test(link.code) || BEFORE_HANDSHAKE.test(link.message));
  const isUnsent = !!code && coded.every((link) => BEFORE_CONNECTION.test(link.code) || CONNECTING.test(link.syscall));
  const nothingSent = isUnsent && !hasResponse;
  return {
    message: known || (platformMessage ? `connection failed: ${platformMessage}` : "connection failed"),
    code,
    nothingSent: nothingSent || ((isUntrusted || isHandshake) && !hasResponse),
    // The next attempt would meet the same certificate.
    retry: isUntrusted ? "none" : nothingSent ? "all" : "idempotent",
  };
}

function readableCauses(error: unknown): Link[] {
  try {
    return causes(error, 5);
  } catch {
    // A property may throw when it is read.
    return [];
  }
}

/** The error and its causes, a few levels deep. Of several addresses that were tried, each is listed. */
function causes(error: unknown, levels: number): Link[] {
  if (typeof error !== "object" || !error || levels < 0) {
    return [];
  }
  const { name, message, code, syscall, cause, errors } = error as Record<string, unknown>;
  const tried = Array.isArray(errors) ? errors.flatMap((each) => causes(each, levels - 1)) : [];
  const own = {
    message: textOf(message),
    // Newer Node versions give the errors of their HTTP parser no code.
    code: textOf(code) || (name === "HTTPParserError" ? name : denoCode(textOf(message))),
    syscall: textOf(syscall),
  };
  return tried.length > 0 ? tried : [own, ...causes(cause, levels - 1)];
}

function denoCode(message: string): string {
  const reason = DENO_CONNECTING.exec(message)?.[1];
  return (reason && DENO_CODES.find(([pattern]) => pattern.test(reason))?.[1]) || "";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
