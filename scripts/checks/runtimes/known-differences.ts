/** What differs from Node in a runtime, and why. A difference that is not in this list fails the check. */

export interface Difference {
  /** Why it is so. */
  reason: string;
  /** The check's error. Another error fails. If the check passes, the entry must go. */
  error: RegExp;
}

/** By runtime, then by check. */
type Differences = Readonly<Record<string, Readonly<Record<string, Difference>>>>;

const GET_RESENT: Difference = {
  reason: "the platform sends a GET again by itself when a reused connection is reset",
  error: /attempts, requests at the server: \[2,\d+\] is not \[2,2\]/,
};

const POST_RESENT: Difference = {
  reason: "the platform sends a POST again by itself when a reused connection is reset",
  error: /attempts, POSTs at the server: \[1,2\] is not \[1,1\]/,
};

const NO_REASON_GIVEN: Difference = {
  reason: "the platform does not say why a connection failed, so a POST is not repeated",
  error: /attempts, mayHaveBeenProcessed: \[1,true\] is not \[2,false\]/,
};

const WORKERD_LOG: Difference = {
  reason: "workerd itself logs a failed TLS handshake",
  error: /^workerd\/io\/io-context\.c\+\+:\d+: error: .*WRONG_VERSION_NUMBER/,
};

const BROWSER = {
  "POST reset": POST_RESENT,
  "refused, POST retried": NO_REASON_GIVEN,
};

export const knownDifferences: Differences = {
  bun: { "GET reset": GET_RESENT },
  deno: { "GET reset": GET_RESENT },
  workerd: { "refused, POST retried": NO_REASON_GIVEN, "prints nothing (process)": WORKERD_LOG },
  "workerd-2024": {
    "refused, POST retried": NO_REASON_GIVEN,
    "prints nothing (process)": WORKERD_LOG,
  },
  chromium: { ...BROWSER, "GET reset": GET_RESENT },
  firefox: {
    ...BROWSER,
    "GET reset": {
      reason: "Firefox sends a GET up to nine times again by itself when a connection is reset",
      error: GET_RESENT.error,
    },
  },
};
