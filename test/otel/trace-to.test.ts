/** The spans that `traceTo` makes, and that each of them ends. */
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { ClientOptions, Databar } from "../../src/index.js";
import { logTo } from "../../src/logging/index.js";
import { traceTo } from "../../src/otel/index.js";
import { client, failureOf } from "../support/calls.js";
import { answer, eventually, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer("test");
let server: FaultServer;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  server = await startFaultServer();
});
afterEach(() => {
  exporter.reset();
  trace.disable();
});
afterAll(async () => {
  context.disable();
  await server.close();
});

function traced(options: ClientOptions = {}): Databar {
  return client(server.url, { hooks: traceTo({ tracer, baseUrl: server.url }), ...options });
}

/** The ended spans, once there are as many as are expected; the calls' spans last. */
async function ended(count: number): Promise<ReadableSpan[]> {
  await eventually(() => exporter.getFinishedSpans().length >= count);
  return exporter.getFinishedSpans();
}

function summary({ name, kind, status, attributes }: ReadableSpan) {
  return { name, kind, code: status.code, attributes };
}

/** The name of the span of a call. */
const CALL = `databar ${FIXTURE.operation}`;

const route = {
  "databar.operation": FIXTURE.operation,
  "http.request.method": "GET",
  "url.template": FIXTURE.path,
};
const serverOf = () => ({ "server.address": "127.0.0.1", "server.port": Number(new URL(server.url).port) });

describe("traceTo", () => {
  test("makes a span for the call and a client span for its attempt", async () => {
    server.behave((socket) => socket.write(answer(200, "[]", { "x-request-id": "req-1" })));
    await listFixtures(traced());
    const [attempt, call] = await ended(2);
    expect([attempt, call].map((span) => span && summary(span))).toEqual([
      {
        name: FIXTURE.route,
        kind: SpanKind.CLIENT,
        code: SpanStatusCode.UNSET,
        attributes: {
          ...route,
          ...serverOf(),
          "http.response.status_code": 200,
          "http.response.header.x-request-id": ["req-1"],
        },
      },
      {
        name: CALL,
        kind: SpanKind.INTERNAL,
        code: SpanStatusCode.UNSET,
        attributes: { ...route, "http.response.status_code": 200, "databar.attempts": 1 },
      },
    ]);
    expect(attempt?.parentSpanContext?.spanId).toBe(call?.spanContext().spanId);
  });

  test.each([
    ["a success", () => server.behave((socket) => socket.write(answer(200, "[]")))],
    ["a refusal", () => server.behave((socket) => socket.write(answer(404)))],
    ["a status that was retried", () => server.behave((socket) => socket.write(answer(503)))],
    ["a truncated body", () => server.behave((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n["))],
    ["a broken connection", () => server.behave((socket) => socket.resetAndDestroy())],
    ["a deadline", () => server.behave(() => {})],
  ])("ends one span per call before the caller's code continues after %s", async (_, behave) => {
    behave();
    const seen: number[] = [];
    const callSpans = () => seen.push(exporter.getFinishedSpans().filter(({ name }) => /^databar/.test(name)).length);
    const databar = traced({ maxRetries: 1, timeoutMs: 40 });
    await listFixtures(databar).then(callSpans, callSpans);
    await listFixtures(databar).withResponse().then(callSpans, callSpans);
    expect(seen).toEqual([1, 2]);
  });

  test("makes the spans children of the active span, also for calls at the same time", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const databar = traced();
    const job = (name: string) =>
      tracer.startActiveSpan(name, async (span) => {
        await listFixtures(databar);
        span.end();
      });
    await Promise.all(["a", "b", "c"].map(job));
    const spans = await ended(9);
    const named = (name: string) => spans.filter((span) => span.name === name);
    expect(named(CALL)).toHaveLength(3);
    for (const name of ["a", "b", "c"]) {
      const [parent] = named(name);
      const inTrace = spans.filter((span) => span.spanContext().traceId === parent?.spanContext().traceId);
      expect(inTrace.map((span) => span.name).sort()).toEqual([name, FIXTURE.route, CALL].sort());
    }
  });

  test("makes one client span per attempt, numbers the repeated ones, and records the retries on the call's span", async () => {
    server.behave((socket) => {
      const { length } = server.requests;
      length === 1 ? socket.resetAndDestroy() : socket.write(length === 2 ? answer(503) : answer(200, "[]"));
    });
    await listFixtures(traced());
    const spans = await ended(4);
    expect(spans.map(({ name }) => name)).toEqual([...Array(3).fill(FIXTURE.route), CALL]);
    expect(spans.map(({ attributes }) => attributes["http.request.resend_count"])).toEqual([
      undefined,
      1,
      2,
      undefined,
    ]);
    expect(spans.map(({ attributes }) => attributes["error.type"])).toEqual([
      "ConnectionError",
      "503",
      undefined,
      undefined,
    ]);
    const call = spans.at(-1);
    expect(call?.status.code).toBe(SpanStatusCode.UNSET);
    expect(call?.attributes).toMatchObject({ "databar.attempts": 3, "http.response.status_code": 200 });
    expect(call?.events.map(({ name, attributes }) => [name, attributes?.["databar.attempt"]])).toEqual([
      ["databar.retry", 1],
      ["databar.retry", 2],
    ]);
  });

  test.each<[string, string, number, RegExp | undefined, () => void]>([
    ["an error status", "404", 2, undefined, () => server.behave((socket) => socket.write(answer(404)))],
    [
      "a redirect",
      "307",
      2,
      undefined,
      () => server.behave((socket) => socket.write(answer(307, "", { location: "https://example.com/" }))),
    ],
    [
      "a broken connection",
      "ConnectionError",
      2,
      /connection reset/,
      () => server.behave((socket) => socket.resetAndDestroy()),
    ],
    ["a deadline", "TimeoutError", 2, /longer than 40 ms/, () => server.behave(() => {})],
  ])("ends both spans with error.type after %s", async (_, type, count, message, behave) => {
    behave();
    await failureOf(listFixtures(traced({ maxRetries: 0, timeoutMs: 40 })));
    const spans = await ended(count);
    expect(spans.map(({ attributes }) => attributes["error.type"])).toEqual([type, type]);
    expect(spans.map(({ status }) => status.code)).toEqual([SpanStatusCode.ERROR, SpanStatusCode.ERROR]);
    message ? expect(spans[0]?.status.message).toMatch(message) : expect(spans[0]?.status.message).toBeUndefined();
  });

  test("ends the call's span if the key function throws before an attempt is sent", async () => {
    const apiKey = () => Promise.reject(new Error("no vault"));
    await failureOf(listFixtures(traced({ apiKey })));
    const [call, ...others] = await ended(1);
    expect(others).toEqual([]);
    expect(call && summary(call)).toMatchObject({
      name: CALL,
      code: SpanStatusCode.ERROR,
      attributes: { "error.type": "DatabarError" },
    });
  });

  test("ends the call's span if the caller aborts during the wait for a retry", async () => {
    const abort = new AbortController();
    server.behave((socket) => socket.write(answer(503)));
    const hooks = traceTo({ tracer, hooks: { onRetry: () => abort.abort() } });
    await failureOf(listFixtures(traced({ hooks }), { signal: abort.signal }));
    const spans = await ended(2);
    expect(spans.map(({ attributes }) => attributes["error.type"])).toEqual(["503", "AbortError"]);
  });

  test("keeps the call's span open if a body stalls and the attempt is repeated", async () => {
    server.behave((socket) =>
      socket.write(
        server.requests.length === 1 ? "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[" : answer(200, "[]"),
      ),
    );
    await listFixtures(traced({ timeoutMs: 50 }));
    const spans = await ended(3);
    expect(spans.map(({ name }) => name).sort()).toEqual([FIXTURE.route, FIXTURE.route, CALL]);
    expect(spans.find(({ name }) => name.startsWith("databar"))?.attributes["databar.attempts"]).toBe(2);
  });

  test("ends the spans of a call that no event reports about any more", () => {
    vi.useFakeTimers();
    try {
      const { onRequest } = traceTo({ tracer });
      onRequest({ callId: 1, operation: FIXTURE.operation, method: "GET", path: FIXTURE.path, attempt: 1 });
      vi.advanceTimersByTime(14 * 60_000);
      expect(exporter.getFinishedSpans()).toEqual([]);
      vi.advanceTimersByTime(16 * 60_000);
      const spans = exporter.getFinishedSpans();
      expect(spans.map(({ name }) => name)).toEqual([FIXTURE.route, CALL]);
      expect(spans[1]?.attributes["error.type"]).toBe("abandoned");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("leaves no timer behind once all calls have ended", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const set = vi.spyOn(globalThis, "setTimeout");
    const clear = vi.spyOn(globalThis, "clearTimeout");
    await listFixtures(traced());
    await ended(2);
    const index = set.mock.calls.findIndex(([, ms]) => ms === 15 * 60_000);
    expect(index).toBeGreaterThanOrEqual(0);
    expect(clear.mock.calls.flat()).toContain(set.mock.results[index]?.value);
  });

  test("does not take the path of databar.request for a template: it may have ids", async () => {
    server.behave((socket) => socket.write(answer(200, "{}")));
    await traced().request("GET", "/v1/things/4711");
    const spans = await ended(2);
    expect(spans.map(({ name }) => name)).toEqual(["GET", "databar request"]);
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain("4711");
  });

  test("uses the global tracer provider, also one that is registered later", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const databar = traced({ hooks: traceTo({ baseUrl: server.url }) });
    await listFixtures(databar);
    trace.setGlobalTracerProvider(provider);
    await listFixtures(databar);
    const spans = await ended(2);
    expect(spans).toHaveLength(2);
    expect(spans[0]?.instrumentationScope).toMatchObject({ name: "databar-client", version: expect.any(String) });
  });

  test("works together with logTo", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const info = vi.spyOn(console, "info").mockImplementation(() => {});
    await listFixtures(traced({ hooks: logTo(console, { hooks: traceTo({ tracer }) }) }));
    const spans = await ended(2);
    expect(spans[0]?.attributes["server.address"]).toBe("api.databar.ai");
    expect(info).toHaveBeenCalledTimes(1);
  });

  test("puts no key, no header and no body into a span", async () => {
    server.behave((socket) =>
      socket.write(answer(422, '{"detail":"no cnryA6sT1vBn8"}', { "x-secret": "cnryA6sT1vBn8" })),
    );
    const databar = traced({ apiKey: "cnryKQx7Rz2Lm9", headers: { "x-trace": "cnryH6sT1vBn8" } });
    await failureOf(databar.connectors.create({ name: "cnryPD4fG7kXq2", method: "get", url: "https://example.com" }));
    const spans = await ended(2);
    expect(spans).toHaveLength(2);
    const text = JSON.stringify(
      spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    expect(text).not.toMatch(/cnry/);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["a tracer that is none", () => traceTo({ tracer: Object({}) }), /tracer must be a tracer of @opentelemetry\/api/],
    ["a baseUrl that is no URL", () => traceTo({ baseUrl: "api" }), /baseUrl must be the URL/],
    ["an unknown option", () => traceTo(Object({ trace: 1 })), /Unknown option "trace"/],
  ])("refuses %s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});
