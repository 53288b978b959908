/** What `logTo` writes at each level, to which loggers, and what it never writes. */
import { inspect } from "node:util";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Hooks } from "../../src/index.js";
import { isLogLevel, LOG_LEVELS, type Logger, type LogLevel, type LogOptions, logTo } from "../../src/logging/index.js";
import { calls, client, failureOf } from "../support/calls.js";
import { answer, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";

let server: FaultServer;

beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

/** A logger that keeps its lines, as `level: message`. */
function memory(): { logger: Logger; lines: string[]; all: unknown[] } {
  const lines: string[] = [];
  const all: unknown[] = [];
  const at =
    (level: LogLevel) =>
    (...words: unknown[]) => {
      all.push(words);
      lines.push(`${level}: ${words.at(-1)}`.replace(/in \d+ ms/g, "in N ms").replace(/127\.0\.0\.1:\d+/, "SERVER"));
    };
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines, all };
}

/** A call whose connection is reset, then refused with a 503, then answered. */
async function troubledCall(hooks: Hooks): Promise<void> {
  server.behave((socket) => {
    const { length } = server.requests;
    length === 1
      ? socket.resetAndDestroy()
      : socket.write(length === 2 ? answer(503, '{"detail":"busy"}') : answer(200, "[]"));
  });
  await listFixtures(client(server.url, { hooks }));
}

const written: [level: LogLevel, lines: string[]][] = [
  ["debug", ["debug: databar: GET /v1/fixtures/ is sent"]],
  ["error", ["error: databar: GET /v1/fixtures/ failed: http://SERVER: connection reset (ECONNRESET)"]],
  ["warn", ["warn: databar: GET /v1/fixtures/ is retried in N ms"]],
  ["debug", ["debug: databar: GET /v1/fixtures/ is sent (attempt 2)"]],
  ["info", ["info: databar: GET /v1/fixtures/ -> 503 in N ms (attempt 2)"]],
  ["warn", ["warn: databar: GET /v1/fixtures/ is retried in N ms after a 503 (attempt 2)"]],
  ["debug", ["debug: databar: GET /v1/fixtures/ is sent (attempt 3)"]],
  ["info", ["info: databar: GET /v1/fixtures/ -> 200 in N ms (attempt 3)"]],
];

describe("logTo", () => {
  test.each(LOG_LEVELS)("at level %s writes the events of that level and of the more important ones", async (level) => {
    const { logger, lines } = memory();
    await troubledCall(logTo(logger, { level }));
    const least = LOG_LEVELS.indexOf(level);
    expect(lines).toEqual(written.filter(([at]) => LOG_LEVELS.indexOf(at) >= least).flatMap(([, line]) => line));
  });

  test("writes responses, retries and errors by default", async () => {
    const { logger, lines } = memory();
    await troubledCall(logTo(logger));
    expect(lines).toEqual(written.filter(([at]) => at !== "debug").flatMap(([, line]) => line));
  });

  test("writes whole lines to the console", async () => {
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    server.behave((socket) => socket.write(answer(200, "[]")));
    await listFixtures(client(server.url, { hooks: logTo(console) }));
    expect(info.mock.calls).toEqual([[expect.stringMatching(/^databar: GET \/v1\/fixtures\/ -> 200 in \d+ ms$/)]]);
  });

  test("passes pino the fields of each event", async () => {
    const lines: string[] = [];
    const logger = pino(
      { level: "debug", base: null, timestamp: false },
      { write: (line: string) => void lines.push(line) },
    );
    server.behave((socket) => socket.write(answer(200, "[]", { "x-request-id": "req-1" })));
    await listFixtures(client(server.url, { hooks: logTo(logger, { level: "debug" }) }));
    const route = {
      callId: expect.any(Number),
      operation: FIXTURE.operation,
      method: "GET",
      path: FIXTURE.path,
      attempt: 1,
    };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 20, ...route, msg: "databar: GET /v1/fixtures/ is sent" },
      {
        level: 30,
        ...route,
        status: 200,
        durationMs: expect.any(Number),
        requestId: "req-1",
        msg: expect.stringMatching(/^databar: GET \/v1\/fixtures\/ -> 200 in \d+ ms$/),
      },
    ]);
  });

  test("writes an abort by the caller as information, not as an error", async () => {
    const { logger, lines } = memory();
    const abort = new AbortController();
    server.behave(() => abort.abort());
    await failureOf(listFixtures(client(server.url, { hooks: logTo(logger) }), { signal: abort.signal }));
    expect(lines).toEqual(["info: databar: GET /v1/fixtures/ was aborted"]);
  });

  test("calls the hooks of the caller before it writes", async () => {
    const { logger, lines } = memory();
    const hooks: Hooks = { onResponse: ({ status }) => lines.push(`hook: ${status}`) };
    server.behave((socket) => socket.write(answer(200, "[]")));
    await listFixtures(client(server.url, { hooks: logTo(logger, { hooks }) }));
    expect(lines).toEqual(["hook: 200", "info: databar: GET /v1/fixtures/ -> 200 in N ms"]);
  });

  test("writes its line even if a hook of the caller throws, and the client reports the error", async () => {
    const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { logger, lines } = memory();
    const hooks: Hooks = {
      onResponse: () => {
        throw new Error("broken hook");
      },
    };
    server.behave((socket) => socket.write(answer(200, "[]")));
    await listFixtures(client(server.url, { hooks: logTo(logger, { hooks }) }));
    expect(lines).toHaveLength(1);
    expect(emitWarning.mock.calls).toEqual([["databar-client: the hook onResponse threw: Error: broken hook"]]);
  });
});

const SECRETS = { key: "cnryKQx7Rz2Lm9", header: "cnryH6sT1vBn8", body: "cnryPD4fG7kXq2", answered: "cnryN2bV6cXs9" };

describe.each(LOG_LEVELS)("a log at level %s", (level) => {
  test.each([
    ["a success", () => answer(200, `{"id":1,"name":"${SECRETS.answered}"}`, { "x-secret": SECRETS.answered })],
    ["a refusal", () => answer(422, `{"detail":"no ${SECRETS.answered} and ${SECRETS.body}"}`)],
    ["a failure that is retried", () => answer(503, `{"detail":"${SECRETS.answered}"}`)],
    ["a broken connection", () => undefined],
  ])("holds no secret of a request or of its response after %s", async (_, answered) => {
    server.behave((socket) => {
      const bytes = answered();
      bytes ? socket.write(bytes) : socket.resetAndDestroy();
    });
    const { logger, all } = memory();
    const options: LogOptions = { level, fields: true };
    const headers = { "x-trace": SECRETS.header };
    const databar = client(server.url, { apiKey: SECRETS.key, headers, hooks: logTo(logger, options), maxRetries: 1 });
    const connector = {
      name: SECRETS.body,
      method: "get" as const,
      url: `https://example.com/?q=${SECRETS.body}`,
      headers: [{ name: "authorization", value: SECRETS.header }],
    };
    await Promise.allSettled([calls.PUT(databar, {}, connector), databar.connectors.create(connector)]);
    const text = inspect(all, { depth: 10 });
    expect(text).not.toMatch(/cnry/);
    level === "debug" && expect(text).toContain("connectors.create");
  });
});

describe("logTo refuses", () => {
  test.each<[string, () => unknown, RegExp]>([
    [
      "a logger without a level's method",
      () => logTo({ ...memory().logger, warn: Object(1) }),
      /^logger.warn must be a function/,
    ],
    ["null", () => logTo(Object(null)), /^logger.debug must be a function/],
    [
      "an unknown level",
      () => logTo(console, { level: Object("loud") }),
      /level must be "debug", "info", "warn", "error"/,
    ],
    [
      "an unknown option",
      () => logTo(console, Object({ lvl: "info" })),
      /Unknown option "lvl": accepted are level, fields, hooks/,
    ],
    [
      "a hook that does not exist",
      () => logTo(console, { hooks: Object({ onReply() {} }) }),
      /Unknown option "onReply"/,
    ],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test("isLogLevel tells the levels from other texts", () => {
  expect(["debug", "info", "warn", "error", "trace", "", "INFO", undefined].filter(isLogLevel)).toEqual([
    ...LOG_LEVELS,
  ]);
});
