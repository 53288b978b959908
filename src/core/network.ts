/** Says in plain words why `fetch` failed, from the platform's codes. Pure. */

/** What is known of a failed connection. */
export interface NetworkFault {
  /** What went wrong; without a code, with the platform's own words. */
  words: string;
  code: string | undefined;
  /** The connection was provably never made, so the server cannot have acted. */
  nothingSent: boolean;
  /** Trying again cannot help. */
  permanent: boolean;
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ConnectionRefused: "connection refused",
  ECONNRESET: "connection reset",
  EPIPE: "connection reset",
  UND_ERR_SOCKET: "connection closed by the server",
  ENOTFOUND: "host name not resolved",
  EAI_AGAIN: "host name not resolved",
  ETIMEDOUT: "connection timed out",
  UND_ERR_CONNECT_TIMEOUT: "connection timed out",
  UND_ERR_HEADERS_TIMEOUT: "no answer came in time",
  UND_ERR_BODY_TIMEOUT: "the body stopped coming",
  ENETUNREACH: "network unreachable",
  EHOSTUNREACH: "host unreachable",
  EPROTO: "the server does not speak TLS",
  ERR_SSL_WRONG_VERSION_NUMBER: "the server does not speak TLS",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "the body is shorter or longer than announced",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "the request could not be sent whole",
  Z_BUF_ERROR: "the compressed body broke off",
  Z_DATA_ERROR: "the compressed body is damaged",
};

/** Codes of failures before a connection exists; others count when the failing call was `connect` or `getaddrinfo`. */
const BEFORE_CONNECTION: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ConnectionRefused",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);

interface Link {
  message: string;
  code: string | undefined;
  syscall: string | undefined;
}

/** Reads the error that `fetch`, or reading a body, threw. */
export function describeNetworkFault(error: unknown): NetworkFault {
  const links = readableCauses(error);
  const coded = links.filter((link) => link.code !== undefined);
  const code = coded[0]?.code;
  const isCertificate = code !== undefined && /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code);
  return {
    words: isCertificate ? "certificate not trusted" : wordsFor(code, links.at(-1)?.message),
    code,
    nothingSent: coded.length > 0 && coded.every(isBeforeConnection),
    permanent: isCertificate,
  };
}

function wordsFor(code: string | undefined, message: string | undefined): string {
  if (code !== undefined && (Object.hasOwn(WORDS, code) || code.startsWith("HPE_"))) {
    return WORDS[code] ?? "the answer is not HTTP";
  }
  // Another runtime's code, or none: its own words are better than nothing.
  return message ? `connection failed: ${message}` : "connection failed";
}

function isBeforeConnection({ code, syscall }: Link): boolean {
  return syscall === "connect" || syscall === "getaddrinfo" || BEFORE_CONNECTION.has(code ?? "");
}

function readableCauses(error: unknown): Link[] {
  try {
    return causes(error);
  } catch {
    // A property may throw when it is read.
    return [];
  }
}

/** The error and its causes, with each of several addresses that were tried, at most a few levels deep. */
function causes(error: unknown, depth = 0): Link[] {
  if (typeof error !== "object" || error === null || depth > 5) {
    return [];
  }
  const { message, code, syscall, cause, errors } = error as Record<string, unknown>;
  const tried = Array.isArray(errors) ? errors.flatMap((each) => causes(each, depth + 1)) : [];
  const own: Link = {
    message: typeof message === "string" ? message : "",
    code: typeof code === "string" ? code : undefined,
    syscall: typeof syscall === "string" ? syscall : undefined,
  };
  return tried.length > 0 ? tried : [own, ...causes(cause, depth + 1)];
}
