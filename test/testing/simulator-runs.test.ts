/** The simulator's runs: results, tasks and credits. */
import { describe, expect, test } from "vitest";
import { inputKey, type ResultFunction } from "../../src/testing/index.js";
import { simulated } from "../support/simulated.js";

const HOUR = 3_600_000;
const domains = (...names: string[]) => ({ params: names.map((domain) => ({ domain })) });

/** `none.example` has no result, `bad.example` fails. */
const result: ResultFunction = ({ params }) => {
  if (params.domain === "bad.example") {
    throw new Error("Provider timed out");
  }
  return params.domain === "none.example" ? null : { email: `info@${params.domain}` };
};

describe("a bulk run", () => {
  test("has one result per input, in the order of the inputs", async () => {
    const { ok, run, pass } = simulated({ result });
    const task = await run(
      "/enrichments/833/bulk-run",
      domains("a.example", "none.example", "bad.example", "b.example"),
    );
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({
      status: "partially_completed",
      data: [{ email: "info@a.example" }, null, null, { email: "info@b.example" }],
      error: ["Provider timed out"],
      credits_spent: 2,
      progress: { total: 4, completed: 2, no_data: 1, failed: 1, processing: 0 },
    });
  });

  test("progresses with time, and shows finished results with include_partial", async () => {
    const { ok, run, pass } = simulated({ result, taskMs: (inputs) => inputs * 100 });
    const task = await run("/enrichments/833/bulk-run", domains("a.example", "b.example", "c.example", "d.example"));
    pass(250);
    expect(await ok("GET", task)).toMatchObject({
      status: "processing",
      data: null,
      credits_spent: 2,
      progress: { total: 4, completed: 2, processing: 2 },
    });
    expect((await ok("GET", `${task}?include_partial=1`)).data).toEqual([
      { email: "info@a.example" },
      { email: "info@b.example" },
      null,
      null,
    ]);
    pass(150);
    expect(await ok("GET", task)).toMatchObject({ status: "completed", progress: { completed: 4, processing: 0 } });
  });

  test("fails if every input fails, and spends nothing", async () => {
    const { simulator, ok, run, pass } = simulated({ result });
    const task = await run("/enrichments/833/bulk-run", domains("bad.example", "bad.example"));
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({ status: "failed", data: null, credits_spent: 0 });
    expect(simulator.credits).toEqual({ balance: 1000, reserved: 0, spent: 0, refunded: 2 });
  });

  test("counts how often each input was submitted and billed", async () => {
    const { simulator, ok, run, pass } = simulated({ result });
    await run("/enrichments/833/bulk-run", domains("a.example", "none.example", "a.example"));
    await run("/enrichments/833/run", { params: { domain: "a.example" } });
    pass(1000);
    await ok("GET", "/user/me");
    const key = (domain: string) => inputKey({ target: "enrichments/833", params: { domain } });
    expect(simulator.submitted).toEqual(
      new Map([
        [key("a.example"), 3],
        [key("none.example"), 1],
      ]),
    );
    expect(simulator.billed).toEqual(new Map([[key("a.example"), 3]]));
    expect(simulator.counters).toMatchObject({ tasks: 2, requests: 3 });
  });

  test("without inputs completes with an empty list", async () => {
    const { ok, run, pass } = simulated();
    const task = await run("/enrichments/833/bulk-run", { params: [] });
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({ status: "completed", data: [], progress: { total: 0 } });
  });
});

test("the key of an input does not depend on the order of its parameters", () => {
  expect(inputKey({ target: "t", params: { a: 1, b: { d: 2, c: [3] } } })).toBe(
    inputKey({ target: "t", params: { b: { c: [3], d: 2 }, a: 1 } }),
  );
});

describe("a single run", () => {
  test("has its result as an object, and no progress", async () => {
    const { ok, run, pass } = simulated({ result });
    const task = await run("/enrichments/833/run", { params: { domain: "a.example" } });
    expect(await ok("GET", task)).toMatchObject({ status: "processing", data: null, progress: null });
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({
      status: "completed",
      data: { email: "info@a.example" },
      error: null,
    });
  });

  test("ends with no_data if nothing is found", async () => {
    const { ok, run, pass } = simulated({ result });
    const task = await run("/enrichments/833/run", { params: { domain: "none.example" } });
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({ status: "no_data", data: null, credits_spent: 0 });
  });

  test("fails without a required parameter", async () => {
    const { ok, run, pass } = simulated({ result });
    const task = await run("/enrichments/833/run", { params: { domain: " " } });
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({ status: "failed", error: "Parameter domain is empty" });
  });

  test("of something unknown is a 404", async () => {
    const { ask } = simulated();
    expect(await ask("POST", "/enrichments/5/run", { params: {} })).toEqual([404, { detail: "Enrichment not found" }]);
    expect(await ask("POST", "/waterfalls/no/run", { params: {} })).toEqual([404, { detail: "Waterfall not found" }]);
    expect(await ask("POST", "/flows/7/run", { inputs: {} })).toEqual([404, { detail: "Flow not found" }]);
    expect(await ask("GET", "/enrichments/5")).toEqual([404, { detail: "Enrichment not found" }]);
    expect(await ask("GET", "/waterfalls/no")).toEqual([404, { detail: "Waterfall not found" }]);
    expect(await ask("GET", "/flows/3fa85f64-5717-4562-b3fc-2c963f66afa6")).toEqual([
      404,
      { detail: "Flow not found" },
    ]);
    expect(await ask("GET", "/tasks/no")).toEqual([404, { detail: "Task not found" }]);
    expect(await ask("POST", "/tasks/no/cancel")).toEqual([404, { detail: "Task not found" }]);
  });
});

describe("prices", () => {
  test("with per_parameter, an input costs the price times the parameter, for each page", async () => {
    const { simulator, run, ok, pass } = simulated({ result: () => ({ title: "CTO" }) });
    await run("/enrichments/412/run", {
      params: { company_domain: "a.example", limit: "8" },
      pagination: { pages: 3 },
    });
    expect(simulator.credits).toMatchObject({ balance: 994, reserved: 6 });
    pass(1000);
    expect(await ok("GET", "/user/me")).toMatchObject({ balance: 994 });
    expect(simulator.credits).toMatchObject({ reserved: 0, spent: 6 });
  });

  test("the price option replaces the catalogue's prices", async () => {
    const fixed = simulated({ price: 0.1 });
    expect(await fixed.ok("GET", "/enrichments/412")).toMatchObject({ price: 0.1, pricing: { type: "fixed" } });
    await fixed.run("/enrichments/412/bulk-run", { params: [{}, {}, {}] });
    expect(fixed.simulator.credits.reserved).toBe(0.3);
    const byInput = simulated({ price: ({ target, params }) => (target === "enrichments/833" ? Number(params.n) : 0) });
    await byInput.run("/enrichments/833/bulk-run", { params: [{ n: 2 }, { n: 3 }] });
    expect(byInput.simulator.credits.reserved).toBe(5);
  });

  test("a run that costs more than the balance is a 406, reserves nothing and starts no task", async () => {
    const { simulator, ask, run, pass } = simulated({ balance: 3, result });
    expect(await ask("POST", "/enrichments/833/bulk-run", domains("a", "b", "c", "d"))).toEqual([
      406,
      { detail: "Not enough credits to run this operation" },
    ]);
    expect([simulator.credits.reserved, simulator.counters.tasks, simulator.submitted.size]).toEqual([0, 0, 0]);
    await run("/enrichments/833/bulk-run", domains("a", "b", "none.example"));
    pass(1000);
    // The refund of the input without a result pays for another one.
    await run("/enrichments/833/run", { params: { domain: "c" } });
    expect(simulator.credits).toEqual({ balance: 0, reserved: 1, spent: 2, refunded: 1 });
    simulator.addCredits(5);
    expect((await ask("GET", "/user/me"))[1]).toMatchObject({ balance: 5 });
  });
});

describe("cancelling a task", () => {
  test("refunds the unfinished inputs, and keeps the finished results without their order", async () => {
    const { simulator, ok, run, pass } = simulated({ result, taskMs: 400 });
    const task = await run("/enrichments/833/bulk-run", domains("none.example", "a.example", "b.example", "c.example"));
    pass(250);
    expect(await ok("POST", `${task}/cancel`)).toMatchObject({ status: "cancelled", data: null });
    expect(simulator.credits).toEqual({ balance: 999, reserved: 0, spent: 1, refunded: 3 });
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({
      status: "cancelled",
      data: [{ email: "info@a.example" }],
      progress: { total: 4, completed: 1, no_data: 1, processing: 0 },
    });
  });

  test("is a 409 once the task has ended", async () => {
    const { ask, run, pass } = simulated({ result });
    const task = await run("/enrichments/833/run", { params: { domain: "a.example" } });
    pass(1000);
    expect(await ask("POST", `${task}/cancel`)).toEqual([409, { detail: "Task is already completed" }]);
  });
});

test.each([
  [410, [410, { detail: "Task data has expired" }]],
  ["gone", [200, expect.objectContaining({ status: "gone", data: null })]],
] as const)("the data of a task expires 24 hours after its end: %s", async (expiredAs, expected) => {
  const { ask, run, pass } = simulated({ result, expiredAs });
  const task = await run("/enrichments/833/run", { params: { domain: "a.example" } });
  pass(1000 + 24 * HOUR - 1);
  expect((await ask("GET", task))[1]).toMatchObject({ status: "completed" });
  pass(1);
  expect(await ask("GET", task)).toEqual(expected);
});

describe("a waterfall", () => {
  const shownOf = ({ provider, result, cost, is_verified }: Record<string, unknown>) => {
    return { provider, result, cost, is_verified };
  };
  const params = { first_name: "Ada", company: "a.example" };

  test("asks providers in order, and spends the price of the one that finds something", async () => {
    const { simulator, ok, run, pass } = simulated({ result: () => ({ email: "ada@a.example" }) });
    const task = await run("/waterfalls/email_getter/run", { params, email_verifier: 10 });
    expect(simulator.credits.reserved).toBe(1.75);
    pass(1000);
    const { data, credits_spent } = await ok<{ data: { steps: { result: string }[] }[]; credits_spent: number }>(
      "GET",
      task,
    );
    expect(data).toMatchObject([
      { enrichment_data: params, result: { email: "ada@a.example" }, result_field: ["email"] },
    ]);
    const steps = data[0]?.steps.map((step) => step.result) ?? [];
    expect(steps.at(-1)).toBe("found");
    expect(credits_spent).toBe(steps.length === 1 ? 0.75 : 1.25);
    expect(simulator.credits.spent).toBe(credits_spent);
  });

  test("charges for the provider that finds something, not for those that were asked before", async () => {
    const { ok, run, pass } = simulated({ result: () => ({ email: "x" }) });
    const people = Array.from({ length: 20 }, (_, index) => ({ ...params, first_name: `Ada ${index}` }));
    const task = await run("/waterfalls/email_getter/bulk-run", { params: people, email_verifier: 10 });
    pass(1_000);
    type Result = { steps: Record<string, unknown>[] };
    const { data, credits_spent } = await ok<{ data: Result[]; credits_spent: number }>("GET", task);
    const first = { provider: "General Enrichment", result: "found", cost: "0.5", is_verified: true };
    const missed = { ...first, result: "not_found", cost: "0", is_verified: false };
    const second = { provider: "Email Finder", result: "found", cost: "1", is_verified: true };
    const kinds = [[first], [missed, second]];
    const counts = kinds.map(
      (kind) => data.filter(({ steps }) => JSON.stringify(steps.map(shownOf)) === JSON.stringify(kind)).length,
    );
    expect(counts.reduce((sum, count) => sum + count)).toBe(20);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(credits_spent).toBe((counts[0] ?? 0) * 0.75 + (counts[1] ?? 0) * 1.25);
  });

  test("runs the named providers only, and aligns the results of a bulk run", async () => {
    const { simulator, ok, run, pass } = simulated({
      result: ({ params }) => (params.company === "b" ? null : { email: "x" }),
    });
    const task = await run("/waterfalls/email_getter/bulk-run", {
      params: [params, { ...params, company: "b" }],
      enrichments: [113],
    });
    expect(simulator.credits.reserved).toBe(8);
    pass(1000);
    expect(await ok("GET", task)).toMatchObject({
      data: [{ steps: [{ provider: "Email Add-on" }] }, null],
      credits_spent: 4,
    });
  });
});

test("a flow costs one credit per run, and aligns the results of a bulk run", async () => {
  const { ok, run, pass } = simulated({ result });
  const [flow] = await ok<{ id: string }[]>("GET", "/flows");
  const task = await run(`/flows/${flow?.id}/bulk-run`, {
    inputs: [{ domain: "a.example" }, { domain: "none.example" }],
  });
  pass(1000);
  expect(await ok("GET", task)).toMatchObject({ data: [{ email: "info@a.example" }, null], credits_spent: 1 });
});

test("default results depend on the seed and the input alone, and a tenth of them is empty", async () => {
  const results = async (seed: number) => {
    const { ok, run, pass } = simulated({ seed });
    const task = await run(
      "/enrichments/833/bulk-run",
      domains(...Array.from({ length: 500 }, (_, n) => `${n}.example`)),
    );
    pass(1000);
    return (await ok<{ data: unknown[] }>("GET", task)).data;
  };
  const first = await results(3);
  expect(await results(3)).toEqual(first);
  expect(await results(4)).not.toEqual(first);
  expect(first.filter((each) => each === null).length).toBeGreaterThan(25);
  expect(first.filter((each) => each === null).length).toBeLessThan(75);
  expect(first.find((each) => each !== null)).toEqual({ email: expect.stringMatching(/@example\.com$/) });
});

test("lists show the catalogue, and the catalogue can be replaced", async () => {
  const { ok } = simulated();
  expect((await ok<{ id: number }[]>("GET", "/enrichments/?q=EMAIL")).map(({ id }) => id)).toEqual([833]);
  expect(await ok("GET", "/enrichments/?page=2&limit=2")).toMatchObject({
    items: [{ id: 1187 }],
    page: 2,
    limit: 2,
    has_next_page: false,
    total_count: 3,
  });
  expect(await ok("GET", "/enrichments/833")).toMatchObject({ params: [{ name: "domain", is_required: true }, {}] });
  const own = { id: 5, name: "Own", description: "", data_source: "x", price: 3, auth_method: "databar" };
  const other = simulated({ enrichments: [own] });
  expect(await other.ok("GET", "/enrichments/5")).toEqual(own);
});
