/** What differs from Node in a runtime, and why. A difference that is not in this list fails the check. */

export interface Difference {
  /** Why it is so. */
  reason: string;
  /** The check's error. Another error fails. If the check passes, the entry must go. */
  error: RegExp;
  /** The check passes now and then, as timing has it. */
  mayPass?: true;
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

/** Each entry of this kind names a defect of the client. It goes with the defect. */
const TO_FIX = {
  denoText: {
    reason: "the client does not read Deno's error texts yet, so a refused POST is not repeated",
    error: NO_REASON_GIVEN.error,
  },
  denoResends: { ...POST_RESENT, reason: `${POST_RESENT.reason}; a body that is a Blob prevents it` },
  denoEnvironment: {
    reason: "reading DATABAR_API_KEY without --allow-env throws Deno's NotCapable",
    error: /NotCapable: .* is not a UsageError/,
  },
  cached: {
    reason: "the HTTP cache answers a GET whose response may be cached",
    error: /\[\[1,1\],1\] is not \[\[1,2\],2\]/,
  },
  cachedTask: {
    reason: "the HTTP cache answers each poll whose response may be cached",
    error: /TaskTimeoutError: .*its last status was processing/,
  },
  equalGets: {
    reason: "the HTTP cache sends equal GETs one after the other",
    error: /several at once \(1\): \[50,false\] is not \[50,true\]/,
  },
} satisfies Record<string, Difference>;

const BROWSER = {
  "POST reset": POST_RESENT,
  "refused, POST retried": NO_REASON_GIVEN,
  runAndWait: TO_FIX.cachedTask,
  "GETs not cached": TO_FIX.cached,
  "50 equal GETs": TO_FIX.equalGets,
};

export const knownDifferences: Differences = {
  bun: { "GET reset": GET_RESENT },
  deno: {
    "GET reset": GET_RESENT,
    "POST reset": TO_FIX.denoResends,
    "refused, POST retried": TO_FIX.denoText,
    "no key": TO_FIX.denoEnvironment,
  },
  workerd: { "refused, POST retried": NO_REASON_GIVEN, "prints nothing (process)": WORKERD_LOG },
  "workerd-2024": {
    "refused, POST retried": NO_REASON_GIVEN,
    "prints nothing (process)": WORKERD_LOG,
  },
  chromium: { ...BROWSER, "GET reset": GET_RESENT },
  firefox: {
    ...BROWSER,
    // Firefox now and then starts several before it knows that one of them can be cached.
    "50 equal GETs": { ...TO_FIX.equalGets, mayPass: true },
    "GET reset": {
      reason: "Firefox sends a GET up to nine times again by itself when a connection is reset",
      error: GET_RESENT.error,
    },
  },
};
