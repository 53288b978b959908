/** Everything that goes wrong between the client and the server, each with what the caller must get. */
import { gzipSync } from "node:zlib";
import { errorAnswers, type Fault, sends } from "./error-answers.js";
import { answer, type Behaviour } from "./fault-server.js";

const STALL_TIMEOUT_MS = 50;
const json = { "content-type": "application/json" };
const gzipped = { ...json, "content-encoding": "gzip" };
const closing = { connection: "close" };
const unsure = { retried: "idempotent", acted: true } as const;
const long = JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id, name: `row ${id * 7919}` })));

function sendsAndCloses(...bytes: (string | Buffer)[]): Behaviour {
  return (socket) => {
    socket.end(Buffer.concat(bytes.map((each) => Buffer.from(each))));
  };
}

const brokenConnections: Fault[] = [
  {
    name: "reset before the headers",
    behave: () => (socket) => socket.resetAndDestroy(),
    error: "ConnectionError",
    message: /failed: http:\/\/127\.0\.0\.1:\d+: connection reset \(ECONNRESET\)$/,
    ...unsure,
  },
  {
    name: "closed without a response",
    behave: () => (socket) => socket.end(),
    error: "ConnectionError",
    message: /connection closed by the server \(UND_ERR_SOCKET\)$/,
    ...unsure,
  },
  {
    name: "closed in mid-headers",
    behave: () => sendsAndCloses("HTTP/1.1 200 OK\r\ncontent-ty"),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "reset in mid-body",
    behave: (echo) => (socket) => {
      socket.write(answer(200, `["${echo}`, { ...json, "content-length": "500" }), () => {
        setTimeout(() => socket.resetAndDestroy(), 5);
      });
    },
    error: "ConnectionError",
    message: /connection (reset|closed)/,
    ...unsure,
  },
  {
    name: "stall before the headers",
    behave: () => () => {},
    error: "TimeoutError",
    message: /took longer than 50 ms$/,
    timeoutMs: STALL_TIMEOUT_MS,
    ...unsure,
  },
  {
    name: "stall in mid-body",
    behave: (echo) => sends(answer(200, `["${echo}`, { ...json, "content-length": "500" })),
    error: "TimeoutError",
    message: /took longer than 50 ms$/,
    timeoutMs: STALL_TIMEOUT_MS,
    ...unsure,
  },
  {
    name: "slow drip of a body without end",
    behave: () => (socket) => {
      socket.write(answer(200, "", { ...json, "transfer-encoding": "chunked" }));
      const timer = setInterval(() => socket.write("1\r\n \r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    },
    error: "TimeoutError",
    timeoutMs: STALL_TIMEOUT_MS,
    ...unsure,
  },
];

const brokenAnswers: Fault[] = [
  {
    name: "chunk that breaks off",
    behave: (echo) => sendsAndCloses(answer(200, "", { "transfer-encoding": "chunked" }), `ff\r\n["${echo}`),
    error: "ConnectionError",
    message: /connection closed by the server/,
    ...unsure,
  },
  {
    name: "chunks without an end",
    behave: () => sendsAndCloses(answer(200, "", { "transfer-encoding": "chunked" }), "2\r\n[]\r\n"),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "chunk size that is none",
    behave: (echo) => sends(answer(200, "", { "transfer-encoding": "chunked" }), `1\r\n[\r\n${echo}\r\n`),
    error: "ConnectionError",
    message: /the response is not HTTP \((HPE_INVALID_CHUNK_SIZE|HTTPParserError)\)$/,
    ...unsure,
  },
  {
    name: "content length above the body's",
    behave: (echo) => sendsAndCloses(answer(200, `["${echo}"]`, { "content-length": "500" })),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "content length below the body's",
    behave: (echo) => sendsAndCloses(answer(200, `["${echo}"]`, { "content-length": "3" })),
    error: "ResponseParseError",
    message: /-> 200: the body is not JSON/,
    ...unsure,
  },
  {
    name: "negative content length",
    behave: (echo) => sends(answer(200, `["${echo}"]`, { "content-length": "-1" })),
    error: "ConnectionError",
    message: /the response is not HTTP/,
    ...unsure,
  },
  {
    name: "two content lengths",
    behave: () => sends(answer(200, "[]", { "content-length": "2", "Content-Length": "3" })),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "what is not HTTP",
    behave: (echo) => sends(`SSH-2.0-${echo}\r\n\r\n`),
    error: "ConnectionError",
    message: /the response is not HTTP \((HPE_INVALID_CONSTANT|HTTPParserError)\)$/,
    ...unsure,
  },
  {
    name: "malformed header line",
    behave: (echo) => sends(`HTTP/1.1 200 OK\r\nbroken ${echo}\r\ncontent-length: 2\r\n\r\n[]`),
    error: "ConnectionError",
    message: /the response is not HTTP/,
    ...unsure,
  },
  {
    name: "headers above the platform's limit",
    behave: (echo) => sends(answer(200, "[]", { "x-noise": echo + "n".repeat(20_000) })),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "100 Continue that nobody asked for",
    // The platform's fetch refuses the connection.
    behave: () => sends("HTTP/1.1 100 Continue\r\n\r\n", answer(200, "[]")),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "gzip that is none",
    behave: () => sends(answer(200, "plain text", gzipped)),
    error: "ConnectionError",
    message: /the compressed body is damaged \(Z_DATA_ERROR\)$/,
    ...unsure,
  },
  {
    name: "103 Early Hints before the answer",
    behave: () => sends("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n", answer(200, "[]")),
    error: undefined,
    retried: "none",
    acted: false,
  },
  {
    name: "101 that nobody asked for",
    behave: () => sends(answer(101, "", { connection: "upgrade", upgrade: "x" })),
    error: "ConnectionError",
    ...unsure,
  },
];

const unreadable: [name: string, behave: Fault["behave"], message: RegExp][] = [
  ["truncated JSON", (echo) => sends(answer(200, `[{"id":1,"name":"${echo}`, json)), /the body is not JSON/],
  ["HTML under 200", (echo) => sends(answer(200, `<html>${echo}</html>`, { "content-type": "text/html" })), /not JSON/],
  ["empty 200", () => sends(answer(200, "", json)), /200: the body is empty/],
  ["204 where a body is documented", () => sends(answer(204)), /204: the body is empty/],
  ["205 with a body", () => sends(answer(205, "[]", json)), /205: the body is empty/],
  ["UTF-16 with a byte-order mark", (echo) => sends(answer(200, utf16(`\uFEFF["${echo}"]`))), /the body is not UTF-8/],
  ["UTF-16 without one", (echo) => sends(answer(200, utf16(`["${echo}"]`))), /the body is not JSON/],
  ["Latin-1", (echo) => sends(answer(200, Buffer.from(`["ü ${echo}"]`, "latin1"))), /the body is not UTF-8/],
  [
    "invalid UTF-8",
    (echo) => sends(answer(200, Buffer.concat([Buffer.from([0x5b, 0xff]), Buffer.from(echo)]))),
    /UTF-8/,
  ],
  ["gzip that is cut", () => sends(answer(200, half(gzipSync(long)), gzipped)), /the body is not JSON/],
  ["encoding that is unknown", () => sends(answer(200, gzipSync(long), { "content-encoding": "x-none" })), /UTF-8/],
];

const brokenBodies: Fault[] = unreadable.map(([name, behave, message]) => ({
  name,
  behave,
  message,
  error: "ResponseParseError",
  ...unsure,
}));

function utf16(text: string): Buffer {
  return Buffer.from(text, "utf16le");
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.byteLength >> 1);
}

const brokenErrors: Fault[] = [
  {
    name: "407, which the platform's fetch hides",
    behave: () => sends(answer(407)),
    error: "ConnectionError",
    ...unsure,
  },
  {
    name: "403 whose body breaks off",
    behave: (echo) => sendsAndCloses(answer(403, `{"detail":"${echo}`, { "content-length": "500" })),
    error: "PermissionDeniedError",
    retried: "none",
    acted: false,
    message: /-> 403: \{"detail":"/,
  },
  {
    name: "503 whose gzip is none",
    behave: () => sends(answer(503, "plain text", gzipped)),
    error: "ServerError",
    message: /-> 503: Reason$/,
    ...unsure,
  },
  {
    name: "500 whose body stalls",
    behave: () => sends(answer(500, "In", { "content-length": "500" })),
    error: "TimeoutError",
    timeoutMs: STALL_TIMEOUT_MS,
    ...unsure,
  },
  {
    name: "429 that asks for more than a minute",
    behave: () => sends(answer(429, "", { "retry-after": "61" })),
    error: "RateLimitError",
    retried: "none",
    acted: false,
  },
  {
    name: "503 that asks for more than a minute",
    behave: () => sends(answer(503, "", { "retry-after": "3600" })),
    error: "ServerError",
    retried: "none",
    acted: true,
  },
  {
    name: "500 on a connection that closes",
    behave: () => sendsAndCloses(answer(500, "Internal Server Error", closing)),
    error: "ServerError",
    message: /-> 500: Internal Server Error$/,
    ...unsure,
  },
];

export const faults: readonly Fault[] = [
  ...brokenConnections,
  ...brokenAnswers,
  ...brokenBodies,
  ...errorAnswers,
  ...brokenErrors,
];
