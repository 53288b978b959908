/** Ids and tasks of the replay: what a client asked for comes back. */
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OperationName } from "../../src/generated/operations.gen.js";
import { contract } from "../../src/testing/contract.js";
import { createHandlers } from "../../src/testing/index.js";
import { type ReplayServer, startReplayServer } from "../../src/testing/server.js";
import { names, operationOf, pathOf } from "../support/contract-requests.js";
import { passUnhandled } from "../support/msw-options.js";

const ORIGIN = "https://api.databar.ai";
const msw = setupServer(...createHandlers({ origin: ORIGIN }));
let server: ReplayServer;
beforeAll(async () => {
  msw.listen(passUnhandled);
  server = await startReplayServer();
});
afterAll(async () => {
  msw.close();
  await server.close();
});

/** The operations that read one thing, and the path parameter that identifies it. */
const detailed = names.flatMap((name): [OperationName, string][] => {
  const { method, path } = operationOf(name);
  const [, parameter] = /\{(\w+)\}$/.exec(path) ?? [];
  return method === "GET" && parameter ? [[name, parameter]] : [];
});

type Body = Record<string, unknown> & { data: unknown };

describe.each([
  ["the replay server", () => server.url],
  ["the MSW handlers", () => ORIGIN],
])("%s", (_, origin) => {
  async function ask(method: string, path: string, body?: object): Promise<Body> {
    const headers = { "x-apikey": "test-key-5f2d", "content-type": "application/json" };
    const response = await fetch(`${origin()}/v1${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.status, `${method} ${path}`).toBe(200);
    return (await response.json()) as Body;
  }

  test.each([
    ["/enrichments/1187", { id: 1187, name: "Score a lead" }],
    ["/enrichments/412", { id: 412, name: "Search company jobs" }],
    ["/exporters/77", { id: 77, name: "Slack message" }],
    ["/enrichments/833", { id: 833, name: "Find work email" }],
    ["/waterfalls/phone_getter", { identifier: "phone_getter", name: "Phone number waterfall" }],
    ["/waterfalls/work_email_getter", { identifier: "work_email_getter", name: "Work email waterfall" }],
  ])("answers an id that an example has with that example: %s", async (path, expected) => {
    expect(await ask("GET", path)).toMatchObject(expected);
  });

  test.each(detailed)("returns the requested id: %s", async (name, parameter) => {
    const isNumber = operationOf(name).parameters.some(
      (each) => each.name === parameter && each.schema.type === "integer",
    );
    const id = isNumber ? 99 : "91f0e833-5dfc-4f63-be96-e3a28925190f";
    const body = await ask("GET", pathOf(name, { [parameter]: String(id) }).replace("/v1", ""));
    expect([body[parameter], body.id, body.identifier]).toContain(id);
  });

  test("returns the requested id of a cancelled task under both of its names", async () => {
    const expected = { task_id: "my-task", request_id: "my-task", status: "cancelled" };
    expect(await ask("POST", "/tasks/my-task/cancel")).toMatchObject(expected);
  });

  test("gives each run its own task, which is under way at the first poll and completed at the second", async () => {
    const run = () => ask("POST", "/enrichments/833/run", { params: { a: 1 } });
    const ids = [(await run()).task_id, (await run()).task_id];
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) {
      expect(await ask("GET", `/tasks/${id}`)).toMatchObject({ task_id: id, status: "processing" });
    }
    for (const id of ids) {
      expect(await ask("GET", `/tasks/${id}`)).toMatchObject({
        task_id: id,
        status: "completed",
        data: { email: expect.any(String) },
      });
      expect(await ask("GET", `/tasks/${id}`)).toMatchObject({ task_id: id, status: "completed" });
    }
  });

  test.each([
    ["enrichments/833", "params"],
    ["flows/8f3c6b1a-52d9-4e07-a1b4-7d90c2e5f638", "inputs"],
  ])("completes a bulk run of %s with one result per input", async (path, field) => {
    const { task_id } = await ask("POST", `/${path}/bulk-run`, { [field]: [{}, {}, {}, {}, {}, {}] });
    expect(await ask("GET", `/tasks/${task_id}`)).toMatchObject({ status: "processing", progress: { total: 6 } });
    const { data, progress } = await ask("GET", `/tasks/${task_id}`);
    expect(data).toHaveLength(6);
    expect(progress).toEqual({ total: 6, completed: 3, no_data: 3, failed: 0, processing: 0 });
  });

  test("completes a waterfall run with the result of a waterfall", async () => {
    const step = { action: expect.any(String), provider: expect.any(String), cost: expect.any(String) };
    const result = {
      enrichment_data: {},
      result: {},
      steps: expect.arrayContaining([expect.objectContaining(step)]),
      result_field: ["email"],
    };
    const single = await ask("POST", "/waterfalls/email_getter/run", { params: {} });
    await ask("GET", `/tasks/${single.task_id}`);
    expect((await ask("GET", `/tasks/${single.task_id}`)).data).toMatchObject([result]);
    const bulk = await ask("POST", "/waterfalls/email_getter/bulk-run", { params: [{}, {}, {}] });
    await ask("GET", `/tasks/${bulk.task_id}`);
    expect((await ask("GET", `/tasks/${bulk.task_id}`)).data).toMatchObject([result, null, result]);
  });

  test("reports a cancelled task as cancelled", async () => {
    const { task_id } = await ask("POST", "/enrichments/833/run", { params: {} });
    await ask("POST", `/tasks/${task_id}/cancel`);
    expect(await ask("GET", `/tasks/${task_id}`)).toMatchObject({ task_id, status: "cancelled" });
  });

  test("lists flows with ids of one kind, and columns with their additional internal name", async () => {
    const flows = (await ask("GET", "/flows")) as unknown as { id: unknown }[];
    expect(new Set(flows.map(({ id }) => typeof id))).toEqual(new Set(["string"]));
    const columns = await ask("GET", "/table/3fa85f64-5717-4562-b3fc-2c963f66afa6/columns");
    expect(columns).toMatchObject([{ additional_intenal_name: "domain" }, { additional_intenal_name: "email_result" }]);
  });

  test("answers requests for flows with UUIDs as well as with numbers", async () => {
    for (const id of ["91f0e833-5dfc-4f63-be96-e3a28925190f", "218"]) {
      const ofFlow = names.filter((name) => operationOf(name).path.startsWith("/v1/flows/{flow_id}"));
      const read = ofFlow.filter((name) => operationOf(name).method === "GET");
      expect(read.length).toBeGreaterThan(0);
      for (const name of read) {
        await ask("GET", pathOf(name, { flow_id: id }).replace("/v1", ""));
      }
      await ask("POST", `/flows/${id}/run`, { inputs: {} });
    }
  });
});

test("the examples that the replay's tasks end with exist", () => {
  const names = Object.keys(contract.examples["tasks.get"]?.[200]?.["application/json"] ?? {});
  expect(names).toEqual(
    expect.arrayContaining([
      "processing-bulk",
      "completed-single",
      "completed-bulk",
      "completed-waterfall",
      "completed-waterfall-bulk",
      "cancelled",
    ]),
  );
});
