/** Properties of the simulator that hold for any sequence of requests. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inputKey } from "../../src/testing/index.js";
import { bodiesOf, changed, names, operationOf, pathOf, places } from "../support/contract-requests.js";
import { simulated } from "../support/simulated.js";

const BALANCE = 20;
const domain = fc.integer({ min: 0, max: 5 }).map((n) => ({ domain: n === 0 ? "" : `${n}.example` }));
const step = fc.oneof(
  fc.record({ kind: fc.constant("bulk" as const), params: fc.array(domain, { maxLength: 6 }) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 900 }) }),
  fc.record({ kind: fc.constant("cancel" as const), task: fc.nat(9) }),
  fc.record({ kind: fc.constant("poll" as const), task: fc.nat(9) }),
);

test("credits are never lost or created, and every input that was billed is a result of its task", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(), async (steps, seed) => {
      const { simulator, ask, pass } = simulated({ seed, balance: BALANCE });
      const tasks: { id: string; inputs: { domain: string }[] }[] = [];
      for (const each of steps) {
        const task = "task" in each ? tasks[each.task % Math.max(1, tasks.length)] : undefined;
        if (each.kind === "bulk") {
          const [status, body] = await ask("POST", "/enrichments/833/bulk-run", { params: each.params });
          expect([200, 406]).toContain(status);
          status === 200 && tasks.push({ id: (body as { task_id: string }).task_id, inputs: each.params });
        } else if (each.kind === "pass") {
          pass(each.ms);
        } else if (task) {
          await ask(
            each.kind === "cancel" ? "POST" : "GET",
            `/tasks/${task.id}${each.kind === "cancel" ? "/cancel" : ""}`,
          );
        }
        const { balance, reserved, spent } = simulator.credits;
        expect(balance + reserved + spent).toBe(BALANCE);
        expect(Math.min(balance, reserved, spent)).toBeGreaterThanOrEqual(0);
      }
      pass(1000);
      const billed = new Map<string, number>();
      let spent = 0;
      for (const { id, inputs } of tasks) {
        const [, body] = await ask("GET", `/tasks/${id}`);
        const { status, data, credits_spent } = body as {
          status: string;
          data: unknown[] | null;
          credits_spent: number;
        };
        spent += credits_spent;
        if (status === "completed" || status === "partially_completed") {
          expect(data).toHaveLength(inputs.length);
          data?.forEach((result, index) => {
            const key = inputKey({ target: "enrichments/833", params: inputs[index] ?? {} });
            result !== null && billed.set(key, (billed.get(key) ?? 0) + 1);
          });
        }
      }
      expect(simulator.credits).toMatchObject({ reserved: 0, spent });
      for (const [key, count] of billed) {
        expect(simulator.billed.get(key)).toBeGreaterThanOrEqual(count);
      }
      expect([...simulator.billed.values()].reduce((sum, count) => sum + count, 0)).toBe(spent);
    }),
    { numRuns: 150, seed: 20260601 },
  );
});

test("no request of any shape makes the simulator throw or answer a 5xx", async () => {
  const { simulator, ok } = simulated({ balance: 1e6 });
  const { identifier } = await ok("POST", "/table/create", { columns: ["a", "Company", "Domain"], rows: 3 });
  await ok("POST", pathOf("connectors.create").replace("/v1", ""), { name: "n", method: "get", url: "u" });
  const valid: Record<string, string> = {
    enrichment_id: "833",
    waterfall_identifier: "email_getter",
    flow_id: "8f3c6b1a-52d9-4e07-a1b4-7d90c2e5f638",
    table_uuid: String(identifier),
    connector_id: "1",
  };
  const strange = fc.constantFrom("-1", "%00", "a%20b", "__proto__", "1e9", "7");
  const pathValue = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: strange });
  const body = fc.constantFrom(...names).chain((name) => {
    const [example] = bodiesOf(name);
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom("__proto__", 1e308, -0, "", [], {}));
    const at = fc.constantFrom(...places(example));
    const wrong = fc.tuple(at, value).map(([place, other]) => changed(example, place, other));
    return fc.tuple(fc.constant(name), fc.oneof(fc.constant(example), wrong, fc.jsonValue({ maxDepth: 3 })));
  });
  const query = fc.constantFrom(
    "",
    "?page=2",
    "?page=1&limit=1",
    "?per_page=1&page=99",
    '?filter={"a":{"equals":"x"}}',
    "?filter=[[1]]",
    "?filter=null",
  );
  await fc.assert(
    fc.asyncProperty(body, pathValue, query, async ([name, content], value, search) => {
      const { method, path, requestBody } = operationOf(name);
      const url = `https://api.databar.ai${path.replace(/\{(\w+)\}/g, (_, parameter: string) => value ?? valid[parameter] ?? "7")}${search}`;
      const sent = requestBody && content !== undefined ? { body: JSON.stringify(content) } : {};
      const headers = { "x-apikey": "k", "content-type": "application/json" };
      const response = await simulator.fetch(url, { method, headers, ...sent });
      expect(response.status, `${method} ${url} ${JSON.stringify(content)}`).toBeLessThan(500);
    }),
    { numRuns: 3000, seed: 20260601 },
  );
  // The requests reached the operations.
  expect(simulator.counters.tasks).toBeGreaterThan(20);
}, 30_000);
