/** A job from its plan to its results, against a simulated workspace. */
import { describe, expect, test } from "vitest";
import { createMemoryLedger, type JobEvent } from "../../src/jobs/index.js";
import { domains, mostBilled, open, rowsOf, world } from "../support/jobs.js";

describe("a job", () => {
  test("plans, runs, and yields a result for each row in the order of the input", async () => {
    const here = world();
    const job = await open(here);
    expect(await job.plan(domains(250))).toEqual({
      target: "enrichments/833",
      rows: 250,
      inputs: 250,
      refused: 0,
      refusedRows: [],
      pending: 250,
      running: 0,
      credits: { min: 250, max: 250 },
      reason: "1 credit per input",
      spent: 0,
      balance: 1000,
    });
    const summary = await job.run();
    const rows = await rowsOf(job);
    expect(summary).toMatchObject({ reason: "completed", pending: 0, inFlight: 0, failed: 0, inDoubt: 0, lost: 0 });
    expect(summary.done + summary.empty).toBe(250);
    expect(summary.empty).toBeGreaterThan(5);
    expect(summary.credits).toEqual({ spent: here.simulator.credits.spent, reserved: 0, uncertain: 0 });
    expect(rows.map(({ data }) => data)).toEqual(domains(250).map(({ data }) => data));
    expect(rows.filter(({ status }) => status === "done")).toHaveLength(summary.done);
    expect(rows.every(({ status, result }) => (status === "done") === (typeof result === "object"))).toBe(true);
  });

  test("submits a small first chunk, then chunks of 100, several at a time", async () => {
    const here = world({ taskMs: 5_000 });
    const job = await open(here);
    await job.plan(domains(510));
    const sizes: number[] = [];
    let most = 0;
    await job.run({
      onEvent: (event: JobEvent, { inFlight }) => {
        event.type === "submitted" && sizes.push(event.inputs);
        most = Math.max(most, inFlight);
      },
    });
    expect(sizes).toEqual([10, 100, 100, 100, 100, 100]);
    expect(most).toBe(400);
  });

  test("pays once for rows with the same parameters, and gives each of them the result", async () => {
    const here = world();
    const job = await open(here);
    const twice = [...domains(20), ...domains(20)].map(({ params }, n) => ({ params, data: n }));
    expect(await job.plan(twice)).toMatchObject({ rows: 40, inputs: 20, credits: { max: 20 } });
    await job.run();
    const rows = await rowsOf(job);
    expect(mostBilled(here)).toBe(1);
    expect(rows.slice(0, 20).map(({ result, status }) => [result, status])).toEqual(
      rows.slice(20).map(({ result, status }) => [result, status]),
    );
  });

  test("does not submit a row without a required parameter, and reports it before anything is paid", async () => {
    const here = world();
    const job = await open(here);
    const plan = await job.plan([...domains(2), { params: { name: "Ada" } }, { params: { domain: " " } }]);
    expect(plan).toMatchObject({ rows: 4, inputs: 2, refused: 2 });
    expect(plan.refusedRows).toEqual([
      { row: 2, reason: "required parameter domain is missing" },
      { row: 3, reason: "required parameter domain is blank" },
    ]);
    await job.run();
    const rows = await rowsOf(job);
    expect(rows.slice(2).map(({ status, error }) => [status, error])).toEqual([
      ["refused", "required parameter domain is missing"],
      ["refused", "required parameter domain is blank"],
    ]);
    expect(here.simulator.submitted.size).toBe(2);
  });

  test("never exceeds its cap, and continues with a higher one", async () => {
    const here = world();
    const ledger = createMemoryLedger();
    const job = await open(here, ledger);
    await job.plan(domains(250));
    const first = await job.run({ maxCredits: 120 });
    expect(first).toMatchObject({ reason: "cap", message: "the next input could exceed the cap of 120 credits" });
    expect(here.simulator.credits.spent).toBeLessThanOrEqual(120);
    expect(first.credits.spent).toBe(120);
    expect(await job.run({ maxCredits: 1_000 })).toMatchObject({ reason: "completed", pending: 0 });
    expect(mostBilled(here)).toBe(1);
  });

  test("pauses when the account is out of credits, and continues after a purchase", async () => {
    const here = world({ balance: 60 });
    const job = await open(here);
    await job.plan(domains(150));
    const first = await job.run({ chunkSize: 20 });
    expect(first.reason).toBe("credits");
    expect(first.message).toContain("Not enough credits");
    expect(first.pending).toBeGreaterThan(50);
    here.simulator.addCredits(500);
    expect(await job.run()).toMatchObject({ reason: "completed", pending: 0 });
    expect(mostBilled(here)).toBe(1);
  });

  test("stops submitting after an abort, collects for a while, and leaves the rest to a later run", async () => {
    const here = world({ taskMs: 5_000 });
    const ledger = createMemoryLedger();
    const job = await open(here, ledger);
    await job.plan(domains(900));
    const controller = new AbortController();
    const stopped = await job.run({
      signal: controller.signal,
      onEvent: (event) => event.type === "accepted" && event.chunk === 3 && controller.abort(),
    });
    expect(stopped).toMatchObject({ reason: "interrupted", inFlight: 0, inDoubt: 0 });
    expect(stopped.pending).toBeGreaterThan(400);
    const later = await open(here, createMemoryLedger(ledger.list));
    await later.plan();
    expect(await later.run()).toMatchObject({ reason: "completed", pending: 0 });
    expect(mostBilled(here)).toBe(1);
  });

  test("collects tasks that were still running when the time to collect was over", async () => {
    const here = world({ taskMs: 600_000 });
    const ledger = createMemoryLedger();
    const job = await open(here, ledger);
    await job.plan(domains(10));
    const controller = new AbortController();
    const stopped = await job.run({
      signal: controller.signal,
      onEvent: ({ type }) => type === "accepted" && controller.abort(),
    });
    expect(stopped).toMatchObject({ reason: "interrupted", inFlight: 10 });
    const later = await open(here, createMemoryLedger(ledger.list));
    expect(await later.plan(domains(10))).toMatchObject({ pending: 0, running: 10 });
    expect(await later.run()).toMatchObject({ reason: "completed", inFlight: 0 });
    expect(mostBilled(here)).toBe(1);
  });

  test("reports results that have expired as lost with their task, and does not pay for them again", async () => {
    const here = world({ taskMs: 600_000 });
    const ledger = createMemoryLedger();
    const job = await open(here, ledger);
    await job.plan(domains(10));
    const controller = new AbortController();
    await job.run({
      signal: controller.signal,
      drainMs: 0,
      onEvent: ({ type }) => type === "accepted" && controller.abort(),
    });
    here.clock.time += 26 * 60 * 60 * 1_000;
    const later = await open(here, createMemoryLedger(ledger.list));
    await later.plan();
    const summary = await later.run();
    expect(summary).toMatchObject({ reason: "completed", lost: 10, pending: 0 });
    // The server may have charged them.
    expect(summary.credits).toEqual({ spent: 0, reserved: 0, uncertain: 10 });
    const [row] = await rowsOf(later);
    expect(row).toMatchObject({ status: "lost", error: `the results of task ${row?.taskId} have expired` });
    expect(mostBilled(here)).toBe(1);
  });
});

describe("inputs without a result", () => {
  const outcomes = world({
    result: ({ params }) => {
      const n = Number(String(params.domain).replace(/\D/g, ""));
      if (n % 3 === 0) {
        throw new Error("provider is down");
      }
      return n % 3 === 1 ? null : { email: `a${n}@b.example` };
    },
  });

  test("are failed if the task cannot tell which of them found nothing, and say so", async () => {
    const job = await open(outcomes);
    await job.plan(domains(9));
    await job.run({ firstChunkSize: 9 });
    const rows = await rowsOf(job);
    expect(rows.map(({ status }) => status)).toEqual(Array(3).fill(["failed", "failed", "done"]).flat());
    expect(rows[0]?.error).toBe(
      "nothing found, or failed: the server reports only that 3 of 6 inputs without a result failed (provider is down)",
    );
  });

  test("are empty or failed if the task says which, and only the named status is run again", async () => {
    const job = await open(outcomes);
    await job.plan(domains(9, 100));
    await job.run({ firstChunkSize: 1, chunkSize: 1 });
    expect(job.status()).toMatchObject({ done: 3, empty: 3, failed: 3 });
    expect(await job.retry(["failed"])).toBe(3);
    expect(job.status()).toMatchObject({ done: 3, empty: 3, failed: 0, pending: 3 });
    const { spent } = outcomes.simulator.credits;
    await job.run();
    expect(job.status()).toMatchObject({ done: 3, empty: 3, failed: 3 });
    expect(outcomes.simulator.credits.spent).toBe(spent);
    expect(await job.retry(["empty"])).toBe(3);
  });
});

describe("opening a ledger again", () => {
  test("with the same input writes nothing and submits nothing", async () => {
    const here = world();
    const ledger = createMemoryLedger();
    const job = await open(here, ledger);
    await job.plan(domains(30));
    await job.run();
    const records = ledger.list.length;
    const again = await open(here, ledger);
    expect(await again.plan(domains(30))).toMatchObject({ pending: 0 });
    expect(await again.run()).toMatchObject({ reason: "completed" });
    expect(ledger.list).toHaveLength(records);
    expect(await rowsOf(again)).toEqual(await rowsOf(job));
  });

  test("with rows added, moved and removed pays for the new ones only", async () => {
    const here = world();
    const ledger = createMemoryLedger();
    const job = await open(here, ledger);
    await job.plan(domains(30));
    await job.run();
    const before = new Map((await rowsOf(job)).map((row) => [JSON.stringify(row.data), row.status]));
    const again = await open(here, createMemoryLedger(ledger.list));
    const changed = [...domains(30).slice(10), ...domains(5, 1_000), ...domains(5)];
    expect(await again.plan(changed)).toMatchObject({ rows: 30, inputs: 30, pending: 5 });
    await again.run();
    const rows = await rowsOf(again);
    expect(rows.map(({ data }) => data)).toEqual(changed.map(({ data }) => data));
    for (const { data, status } of rows.slice(0, 20)) {
      expect(status).toBe(before.get(JSON.stringify(data)));
    }
    expect(mostBilled(here)).toBe(1);
    expect(await rowsOf(await open(here, createMemoryLedger(ledger.list)))).toHaveLength(30);
  });

  test("with another target, or the key of another workspace, is refused", async () => {
    const here = world();
    const ledger = createMemoryLedger();
    await (await open(here, ledger)).plan(domains(3));
    await expect(open(here, ledger, { enrichment: 412 })).rejects.toThrow(
      "The ledger belongs to a job of enrichments/833",
    );
    const moved = ledger.list.map((record) => (record.type === "job" ? { ...record, workspace: "other" } : record));
    const other = await open(here, createMemoryLedger(moved));
    await expect(other.plan()).rejects.toThrow("The API key belongs to another workspace");
  });
});
