/** Everything that can go wrong between the client and the server, and how the client must handle it. */
import { gzipSync } from "node:zlib";
import { errorResponses, type Failure, sends } from "./error-responses.js";
import { answer, type Behaviour } from "./fault-server.js";

const STALL_TIMEOUT_MS = 50;
const json = { "content-type": "application/json" };
const gzipped = { ...json, "content-encoding": "gzip" };
const closing = { connection: "close" };
const ambiguous = { retried: "idempotent", mayHaveActed: true } as const;
const long = JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id, name: `row ${id * 7919}` })));

function sendsAndCloses(...bytes: (string | Buffer)[]): Behaviour {
  return (socket) => {
    socket.end(Buffer.concat(bytes.map((each) => Buffer.from(each))));
  };
}

const brokenConnections: Failure[] = [
  {
    name: "a connection reset before the headers",
    behave: () => (socket) => socket.resetAndDestroy(),
    error: "ConnectionError",
    message: /failed: http:\/\/127\.0\.0\.1:\d+: connection reset \(ECONNRESET\)$/,
    ...ambiguous,
  },
  {
    name: "a connection that is closed without a response",
    behave: () => (socket) => socket.end(),
    error: "ConnectionError",
    message: /connection closed by the server \(UND_ERR_SOCKET\)$/,
    ...ambiguous,
  },
  {
    name: "a connection that is closed in the middle of the headers",
    behave: () => sendsAndCloses("HTTP/1.1 200 OK\r\ncontent-ty"),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "a connection reset in the middle of the body",
    behave: (echo) => (socket) => {
      socket.write(answer(200, `["${echo}`, { ...json, "content-length": "500" }), () => {
        setTimeout(() => socket.resetAndDestroy(), 5);
      });
    },
    error: "ConnectionError",
    message: /connection (reset|closed)/,
    ...ambiguous,
  },
  {
    name: "a stall before the headers",
    behave: () => () => {},
    error: "TimeoutError",
    message: /took longer than 50 ms$/,
    timeoutMs: STALL_TIMEOUT_MS,
    ...ambiguous,
  },
  {
    name: "a stall in the middle of the body",
    behave: (echo) => sends(answer(200, `["${echo}`, { ...json, "content-length": "500" })),
    error: "TimeoutError",
    message: /took longer than 50 ms$/,
    timeoutMs: STALL_TIMEOUT_MS,
    ...ambiguous,
  },
  {
    name: "a slow endless body",
    behave: () => (socket) => {
      socket.write(answer(200, "", { ...json, "transfer-encoding": "chunked" }));
      const timer = setInterval(() => socket.write("1\r\n \r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    },
    error: "TimeoutError",
    timeoutMs: STALL_TIMEOUT_MS,
    ...ambiguous,
  },
];

const brokenAnswers: Failure[] = [
  {
    name: "a truncated chunk",
    behave: (echo) => sendsAndCloses(answer(200, "", { "transfer-encoding": "chunked" }), `ff\r\n["${echo}`),
    error: "ConnectionError",
    message: /connection closed by the server/,
    ...ambiguous,
  },
  {
    name: "a missing last chunk",
    behave: () => sendsAndCloses(answer(200, "", { "transfer-encoding": "chunked" }), "2\r\n[]\r\n"),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "an invalid chunk size",
    behave: (echo) => sends(answer(200, "", { "transfer-encoding": "chunked" }), `1\r\n[\r\n${echo}\r\n`),
    error: "ConnectionError",
    message: /the response is not HTTP \((HPE_INVALID_CHUNK_SIZE|HTTPParserError)\)$/,
    ...ambiguous,
  },
  {
    name: "a content length above the size of the body",
    behave: (echo) => sendsAndCloses(answer(200, `["${echo}"]`, { "content-length": "500" })),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "a content length below the size of the body",
    behave: (echo) => sendsAndCloses(answer(200, `["${echo}"]`, { "content-length": "3" })),
    error: "ResponseParseError",
    message: /-> 200: the body is not JSON/,
    ...ambiguous,
  },
  {
    name: "a negative content length",
    behave: (echo) => sends(answer(200, `["${echo}"]`, { "content-length": "-1" })),
    error: "ConnectionError",
    message: /the response is not HTTP/,
    ...ambiguous,
  },
  {
    name: "a response with two content lengths",
    behave: () => sends(answer(200, "[]", { "content-length": "2", "Content-Length": "3" })),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "a response that is not HTTP",
    behave: (echo) => sends(`SSH-2.0-${echo}\r\n\r\n`),
    error: "ConnectionError",
    message: /the response is not HTTP \((HPE_INVALID_CONSTANT|HTTPParserError)\)$/,
    ...ambiguous,
  },
  {
    name: "a malformed header line",
    behave: (echo) => sends(`HTTP/1.1 200 OK\r\nbroken ${echo}\r\ncontent-length: 2\r\n\r\n[]`),
    error: "ConnectionError",
    message: /the response is not HTTP/,
    ...ambiguous,
  },
  {
    name: "a header above the size limit of the platform",
    behave: (echo) => sends(answer(200, "[]", { "x-noise": echo + "n".repeat(20_000) })),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "an unexpected 100 Continue",
    // Node's fetch rejects it and closes the connection.
    behave: () => sends("HTTP/1.1 100 Continue\r\n\r\n", answer(200, "[]")),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "a body that is not valid gzip",
    behave: () => sends(answer(200, "plain text", gzipped)),
    error: "ConnectionError",
    message: /the compressed body is damaged \(Z_DATA_ERROR\)$/,
    ...ambiguous,
  },
  {
    name: "a 103 Early Hints before the response",
    behave: () => sends("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", answer(200, "[]")),
    error: undefined,
    retried: "none",
    mayHaveActed: false,
  },
  {
    name: "an unexpected 101",
    behave: () => sends(answer(101, "", { connection: "upgrade", upgrade: "x" })),
    error: "ConnectionError",
    ...ambiguous,
  },
];

const unreadable: [name: string, behave: Failure["behave"], message: RegExp][] = [
  ["a 200 with truncated JSON", (echo) => sends(answer(200, `[{"id":1,"name":"${echo}`, json)), /the body is not JSON/],
  [
    "a 200 with HTML",
    (echo) => sends(answer(200, `<html>${echo}</html>`, { "content-type": "text/html" })),
    /not JSON/,
  ],
  ["an empty 200", () => sends(answer(200, "", json)), /200: the body is empty/],
  ["a 204 instead of the documented body", () => sends(answer(204)), /204: the body is empty/],
  ["a 205 with a body", () => sends(answer(205, "[]", json)), /205: the body is empty/],
  [
    "a 200 in UTF-16 with a byte-order mark",
    (echo) => sends(answer(200, utf16(`\uFEFF["${echo}"]`))),
    /the body is not UTF-8/,
  ],
  [
    "a 200 in UTF-16 without a byte-order mark",
    (echo) => sends(answer(200, utf16(`["${echo}"]`))),
    /the body is not JSON/,
  ],
  ["a 200 in Latin-1", (echo) => sends(answer(200, Buffer.from(`["ü ${echo}"]`, "latin1"))), /the body is not UTF-8/],
  [
    "a 200 in invalid UTF-8",
    (echo) => sends(answer(200, Buffer.concat([Buffer.from([0x5b, 0xff]), Buffer.from(echo)]))),
    /UTF-8/,
  ],
  ["a 200 with truncated gzip", () => sends(answer(200, half(gzipSync(long)), gzipped)), /the body is not JSON/],
  [
    "a 200 with an unknown encoding",
    () => sends(answer(200, gzipSync(long), { "content-encoding": "x-none" })),
    /UTF-8/,
  ],
];

const brokenBodies: Failure[] = unreadable.map(([name, behave, message]) => ({
  name,
  behave,
  message,
  error: "ResponseParseError",
  ...ambiguous,
}));

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.byteLength >> 1);
}

const brokenErrors: Failure[] = [
  {
    name: "a 407, which Node's fetch hides",
    behave: () => sends(answer(407)),
    error: "ConnectionError",
    ...ambiguous,
  },
  {
    name: "a 403 with a truncated body",
    behave: (echo) => sendsAndCloses(answer(403, `{"detail":"${echo}`, { "content-length": "500" })),
    error: "PermissionDeniedError",
    retried: "none",
    mayHaveActed: false,
    message: /-> 403: \{"detail":"/,
  },
  {
    name: "a 503 whose body is not valid gzip",
    behave: () => sends(answer(503, "plain text", gzipped)),
    error: "ServerError",
    message: /-> 503: Reason$/,
    ...ambiguous,
  },
  {
    name: "a 500 whose body stalls",
    behave: () => sends(answer(500, "In", { "content-length": "500" })),
    error: "TimeoutError",
    timeoutMs: STALL_TIMEOUT_MS,
    ...ambiguous,
  },
  {
    name: "a 429 with a Retry-After above one minute",
    behave: () => sends(answer(429, "", { "retry-after": "61" })),
    error: "RateLimitError",
    retried: "none",
    mayHaveActed: false,
  },
  {
    name: "a 503 with a Retry-After above one minute",
    behave: () => sends(answer(503, "", { "retry-after": "3600" })),
    error: "ServerError",
    retried: "none",
    mayHaveActed: true,
  },
  {
    name: "a 500 before the connection closes",
    behave: () => sendsAndCloses(answer(500, "Internal Server Error", closing)),
    error: "ServerError",
    message: /-> 500: Internal Server Error$/,
    ...ambiguous,
  },
];

export const failures: readonly Failure[] = [
  ...brokenConnections,
  ...brokenAnswers,
  ...brokenBodies,
  ...errorResponses,
  ...brokenErrors,
];
