/** Says in plain words why `fetch` failed, from the platform's codes. Pure. */

/** What is known of a failed connection. */
export interface NetworkFault {
  /** What went wrong; without a known code, with the platform's own words. */
  words: string;
  code: string | undefined;
  /** The connection was provably never made, so the server cannot have acted. */
  nothingSent: boolean;
  /** Trying again cannot help. */
  permanent: boolean;
}

const CERTIFICATE = /^(CERT_|ERR_TLS_CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** Parts of codes of Node, undici and Bun, with what they mean. */
const WORDS: readonly (readonly [code: RegExp, words: string])[] = [
  [CERTIFICATE, "certificate not trusted"],
  [/REFUSED/i, "connection refused"],
  [/RESET|EPIPE/, "connection reset"],
  [/_SOCKET$/, "connection closed by the server"],
  [/NOTFOUND|EAI_/, "host name not resolved"],
  [/(HEADERS|BODY)_TIME/, "no answer came in time"],
  [/TIME(D)?OUT/, "connection timed out"],
  [/UNREACH/, "network unreachable"],
  [/EPROTO|_SSL_/, "the server does not speak TLS"],
  [/^HPE_|^HTTPParser/, "the answer is not HTTP"],
  [/^Z_/, "the compressed body is damaged"],
];

/** What happens before a connection exists, by its whole code or by the call that failed: it lets a POST be repeated. */
const BEFORE_CONNECTION = /^(ECONNREFUSED|ConnectionRefused|ENOTFOUND|UND_ERR_CONNECT_TIMEOUT)$/;
const CONNECTING = /^(connect|getaddrinfo)$/;

interface Link {
  message: string;
  code: string;
  syscall: string;
}

/** Reads the error that `fetch`, or reading a body, threw. */
export function describeNetworkFault(error: unknown): NetworkFault {
  const links = readableCauses(error);
  const coded = links.filter(({ code }) => code);
  const code = coded[0]?.code;
  const known = code && WORDS.find(([pattern]) => pattern.test(code))?.[1];
  // Another runtime's code, or none: its own words are better than nothing.
  const said = links.at(-1)?.message;
  return {
    words: known || (said ? `connection failed: ${said}` : "connection failed"),
    code,
    nothingSent: !!code && coded.every((link) => BEFORE_CONNECTION.test(link.code) || CONNECTING.test(link.syscall)),
    permanent: !!code && CERTIFICATE.test(code),
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

/** The error and its causes, with each of several addresses that were tried, at most a few levels deep. */
function causes(error: unknown, levels: number): Link[] {
  if (typeof error !== "object" || !error || levels < 0) {
    return [];
  }
  const { name, message, code, syscall, cause, errors } = error as Record<string, unknown>;
  const tried = Array.isArray(errors) ? errors.flatMap((each) => causes(each, levels - 1)) : [];
  const own = {
    message: textOf(message),
    // Newer Nodes give the errors of their HTTP parser no code.
    code: textOf(code) || (name === "HTTPParserError" ? name : ""),
    syscall: textOf(syscall),
  };
  return tried.length > 0 ? tried : [own, ...causes(cause, levels - 1)];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
