/** Parts of the testing kit, one at a time: the tasks of the replay, its faults, values, paths and statuses. */
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { operations } from "../../src/generated/operations.gen.js";
import { createRequestCheck } from "../../src/testing/checks.js";
import { createFaults } from "../../src/testing/faults.js";
import { reply, simulate } from "../../src/testing/index.js";
import { exampleAnswer, type PlainAnswer } from "../../src/testing/replay.js";
import { ReplayTasks } from "../../src/testing/replay-tasks.js";
import type { PlainRequest } from "../../src/testing/request.js";
import { createRouter } from "../../src/testing/router.js";
import { checkBoolean } from "../../src/testing/scalars.js";
import { simulated } from "../support/simulated.js";
import { timers } from "../support/timers.js";

const request = (method: string, body = ""): PlainRequest => {
  return { method, path: "/", query: "", hasKey: true, contentType: "application/json", body };
};
const bodyOf = ({ body }: PlainAnswer) => JSON.parse(body ?? "");

describe("the tasks of the replay", () => {
  const start = (tasks: ReplayTasks, body: object = { params: {} }, method: "run" | "bulkRun" = "run"): string => {
    const match = { kind: "operation", name: `enrichments.${method}`, values: { enrichment_id: "833" } } as const;
    return bodyOf(tasks.answer(match, request("POST", JSON.stringify(body)))).task_id;
  };
  const poll = (tasks: ReplayTasks, id: string) =>
    bodyOf(tasks.answer({ kind: "operation", name: "tasks.get", values: { task_id: id } }, request("GET")));
  const statuses = (tasks: ReplayTasks, id: string) => [1, 2, 3].map(() => poll(tasks, id).status);

  test("leave a task that no run started under way, or complete it if that is asked for", () => {
    expect(statuses(new ReplayTasks(), "t-1")).toEqual(["processing", "processing", "processing"]);
    const completing = new ReplayTasks({ completeUnknown: true });
    expect(statuses(completing, "t-1")).toEqual(["processing", "completed", "completed"]);
  });

  test("count the inputs of a bulk run as processing first, then as completed or without data", () => {
    const tasks = new ReplayTasks();
    const id = start(tasks, { params: [{}, {}, {}] }, "bulkRun");
    expect(poll(tasks, id).progress).toEqual({ total: 3, completed: 0, no_data: 0, failed: 0, processing: 3 });
    expect(poll(tasks, id).progress).toEqual({ total: 3, completed: 2, no_data: 1, failed: 0, processing: 0 });
  });

  test("remember ten thousand tasks, and forget the oldest first", () => {
    const tasks = new ReplayTasks();
    const ids = Array.from({ length: 10_001 }, () => start(tasks));
    expect(statuses(tasks, ids[0] ?? "")).toEqual(["processing", "processing", "processing"]);
    expect(statuses(tasks, ids[1] ?? "")).toEqual(["processing", "completed", "completed"]);
  });
});

test("an example that the contract does not have is an error that names it", () => {
  const answer = () => exampleAnswer({ name: "user.me", values: {} }, request("GET"), { example: "nope" });
  expect(answer).toThrow("The contract has no example nope for user.me -> 200 application/json");
});

test("details come from a list's item with the same id only where the path is read", () => {
  const values = { connector_id: "1" };
  const get = exampleAnswer({ name: "connectors.get", values }, request("GET"));
  expect(bodyOf(get)).toMatchObject({ id: 1, name: "My Scoring API" });
  const put = exampleAnswer({ name: "connectors.replace", values }, request("PUT", "{}"));
  expect(bodyOf(put)).toMatchObject({ id: 1, name: "CRM lookup" });
});

describe("faults", () => {
  test("take the first of 20 shares that add up to 1, in spite of rounding", () => {
    const faults = Array.from({ length: 20 }, (_, index) => ({ status: 400 + index, share: 0.05 }));
    const next = createFaults(faults, 1);
    const seen = new Set(Array.from({ length: 2_000 }, () => next()?.status));
    expect(seen.has(undefined)).toBe(false);
    expect(seen.size).toBe(20);
  });

  test("that add up to a little more than 1 are refused", () => {
    expect(() =>
      createFaults(
        [
          { status: 500, share: 0.5 },
          { status: 503, share: 0.500_001 },
        ],
        1,
      ),
    ).toThrow(RangeError);
  });
});

test.each([
  [true, true],
  [false, true],
  [0, true],
  [1, true],
  ["Yes", true],
  ["off", true],
  [2, false],
  [0.5, false],
  ["2", false],
  ["", false],
  [null, false],
])("the value %j is accepted as a boolean: %s", (value, isAccepted) => {
  expect(checkBoolean(value, ["query", "a"]).length === 0).toBe(isAccepted);
});

describe("the check of a request", () => {
  const check = (requestBody: object) =>
    createRequestCheck({ ...operations["folders.create"], requestBody } as never, {});
  const content = { "application/json": { type: "object" } };

  test.each([
    ["required", { required: true, content }, 1],
    ["optional", { required: false, content }, 0],
    ["without a schema", { required: true, content: {} }, 0],
  ])("of a body that is %s and missing", (_, requestBody, issues) => {
    expect(check(requestBody)(request("POST"), {})?.detail ?? []).toHaveLength(issues);
  });
});

test("the router prefers a path without parameters, in whatever order the contract has them", () => {
  const one = { method: "GET", path: "/v1/x/{id}" };
  const named = { method: "GET", path: "/v1/x/create" };
  for (const order of [
    { one, named },
    { named, one },
  ]) {
    const route = createRouter(order as never);
    expect(route("GET", "/v1/x/create")).toMatchObject({ name: "named" });
    expect(route("GET", "/v1/x/7")).toMatchObject({ name: "one", values: { id: "7" } });
  }
});

describe("the simulator", () => {
  test("bills a task that has ended before it answers anything", async () => {
    const { ok, run, pass } = simulated({ balance: 10, result: () => ({ email: "x" }) });
    await run("/enrichments/833/run", { params: { domain: "a.example" } });
    pass(60_000);
    expect(await ok("GET", "/user/me")).toMatchObject({ balance: 9 });
  });

  test("uses a provider of a waterfall unless it is off by default", async () => {
    const provider = { id: 1, name: "One", description: "", price: 2, params: [] };
    const waterfall = {
      identifier: "own",
      name: "Own",
      description: "",
      input_params: [],
      output_fields: [],
      available_enrichments: [provider, { ...provider, id: 2, enabled_by_default: false }],
      is_email_verifying: false,
      email_verifiers: [],
    };
    const { simulator, run } = simulated({ waterfalls: [waterfall], result: () => ({}) });
    await run("/waterfalls/own/run", { params: {} });
    expect(simulator.credits.reserved).toBe(2);
  });

  test("leaves no timer of a slow answer that nobody waits for", async () => {
    const before = timers();
    const simulator = simulate({ latencyMs: 3_600_000 });
    const controller = new AbortController();
    const { signal } = controller;
    const headers = { "x-apikey": "k" };
    const call = simulator.fetch(new Request("https://api.databar.ai/v1/user/me", { headers, signal }));
    await expect.poll(timers).toBeGreaterThan(before);
    controller.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(timers).toBeLessThanOrEqual(before);
  });

  test("sends the first half of a truncated body", async () => {
    const me = () => new Request("https://api.databar.ai/v1/user/me", { headers: { "x-apikey": "k" } });
    const whole = await (await simulate().fetch(me())).text();
    const simulator = simulate({ faults: [{ answer: "truncated", operations: ["user.me"], share: 1 }] });
    const reader = (await simulator.fetch(me())).body?.getReader();
    const first = await reader?.read();
    expect(new TextDecoder().decode(first?.value)).toBe(whole.slice(0, Math.floor(whole.length / 2)));
    await expect(reader?.read()).rejects.toThrow();
  });
});

describe("reply.raw", () => {
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
  afterAll(() => server.close());

  test("has the status 200 and no body unless others are asked for", async () => {
    server.use(reply.raw("user.me", {}));
    const response = await fetch("https://api.databar.ai/v1/user/me", { headers: { "x-apikey": "k" } });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
