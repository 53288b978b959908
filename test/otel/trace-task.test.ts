/** The span of a run and its wait. */
import { context, SpanStatusCode } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { TaskResponse } from "../../src/index.js";
import { traceTask, traceTo } from "../../src/otel/index.js";
import type { RunningSimulator, SimulatorServerOptions } from "../../src/testing/simulator/start.js";
import { startSimulator } from "../../src/testing/simulator/start.js";
import { client, failureOf } from "../support/calls.js";
import { eventually } from "../support/fault-server.js";

const exporter = new InMemorySpanExporter();
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer("test");
let simulator: RunningSimulator | undefined;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
});
afterEach(async () => {
  exporter.reset();
  await simulator?.close();
});
afterAll(() => {
  context.disable();
});

async function workspace(options: SimulatorServerOptions = {}) {
  let now = Date.now();
  // Each request takes place a second after the one before.
  const tick = () => {
    now += 1_000;
  };
  simulator = await startSimulator({ now: () => now, onRequest: tick, taskMs: 1_500, price: 2, ...options });
  return client(simulator.url, { hooks: traceTo({ tracer, baseUrl: simulator.url }) });
}

const taskSpan = () => exporter.getFinishedSpans().find(({ name }) => name === "databar enrichments.runAndWait");

describe("traceTask", () => {
  test("makes a span with the task's id, status and credits, and the calls as its children", async () => {
    const databar = await workspace({ result: () => ({ email: "ada@example.com" }) });
    const task = await traceTask(
      "enrichments.runAndWait",
      (observers) => databar.enrichments.runAndWait(833, { params: { domain: "example.com" } }, observers),
      { tracer },
    );
    expect(task.data).toEqual({ email: "ada@example.com" });
    expect(task.credits_spent).toBe(2);
    const span = taskSpan();
    expect(span?.attributes).toEqual({
      "databar.operation": "enrichments.runAndWait",
      "databar.task.id": task.task_id,
      "databar.task.status": task.status,
      "databar.credits_spent": 2,
    });
    expect(span?.events.map(({ name, attributes }) => [name, attributes?.["databar.task.status"]])).toEqual([
      ["databar.task.status", "processing"],
      ["databar.task.status", task.status],
    ]);
    const calls = () =>
      exporter.getFinishedSpans().filter(({ name }) => /^databar (enrichments\.run|tasks\.get)$/.test(name));
    expect(await eventually(() => calls().length >= 3)).toBe(true);
    expect(new Set(calls().map((call) => call.parentSpanContext?.spanId))).toEqual(
      new Set([span?.spanContext().spanId]),
    );
  });

  test("calls the observers of the caller, and awaits them", async () => {
    const databar = await workspace();
    const seen: string[] = [];
    const later = async (text: string) => {
      await Promise.resolve();
      seen.push(text);
    };
    const task = await traceTask(
      "enrichments.runAndWait",
      (observers) => databar.enrichments.runAndWait(833, { params: { domain: "example.com" } }, observers),
      { tracer, onAccepted: () => later("accepted"), onProgress: ({ status }) => later(status) },
    );
    expect(seen).toEqual(["accepted", "processing", task.status]);
  });

  test("ends the span with the class of the error and the task's id if the task fails", async () => {
    const databar = await workspace({
      result: () => {
        throw new Error("cnryProviderMessage");
      },
    });
    const error = await failureOf(
      traceTask(
        "enrichments.runAndWait",
        (observers) => databar.enrichments.runAndWait(833, { params: { domain: "example.com" } }, observers),
        { tracer },
      ),
    );
    const span = taskSpan();
    expect(error).toMatchObject({ name: "TaskFailedError" });
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes).toMatchObject({
      "error.type": "TaskFailedError",
      "databar.task.id": expect.stringMatching(/./),
      "databar.task.status": "failed",
      "databar.credits_spent": 0,
    });
    expect(JSON.stringify([span?.attributes, span?.events])).not.toContain("cnry");
  });

  test("traces a wait for a task that was started elsewhere", async () => {
    const databar = await workspace();
    const { task_id } = await databar.enrichments.run(833, { params: { domain: "example.com" } });
    await traceTask("tasks.wait", ({ onProgress }) => databar.tasks.wait(task_id, { onProgress }), { tracer });
    const span = exporter.getFinishedSpans().find(({ name }) => name === "databar tasks.wait");
    expect(span?.attributes["databar.task.id"]).toBe(task_id);
  });

  test("keeps only values of the documented type of what the server sends", async () => {
    const odd: TaskResponse = Object({ task_id: { a: 1 }, status: 7, credits_spent: "2" });
    await traceTask("tasks.wait", () => Promise.resolve(odd), { tracer });
    expect(exporter.getFinishedSpans()[0]?.attributes).toEqual({ "databar.operation": "tasks.wait" });
  });
});
