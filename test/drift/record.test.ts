import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { driftSettled, type RecordedExchange, record, watchDrift } from "../../src/drift/index.js";
import { UsageError } from "../../src/index.js";
import { scratchFolder } from "../support/contract-folder.js";
import { answering } from "../support/drift.js";

const CONNECTOR = { id: 7, name: "n", type: "simple", method: "get", url: "https://example.com" };

/** What a file has after all writes. */
async function linesOf(file: string): Promise<RecordedExchange[]> {
  await driftSettled();
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function target(): string {
  return join(scratchFolder(), "traffic.jsonl");
}

afterEach(() => driftSettled());

describe("record", () => {
  test("writes one line per exchange: operation, status, types and presence", async () => {
    const to = target();
    const databar = answering(
      [
        { ...CONNECTOR, rate_limit: null },
        { ...CONNECTOR, headers: [] },
      ],
      record({ to }),
    );
    await databar.connectors.list();
    await databar.connectors.list();
    const [line, second, third] = await linesOf(to);
    expect(third).toBeUndefined();
    expect(second?.session).toBe(line?.session);
    expect(line).toMatchObject({ v: 1, operation: "connectors.list", status: 200 });
    expect(line?.response?.types).toEqual({ array: 1 });
    const fields = line?.response?.items?.fields ?? {};
    expect(Object.fromEntries(Object.entries(fields).map(([name, { types }]) => [name, types]))).toEqual({
      id: { integer: 2 },
      name: { string: 2 },
      type: { string: 2 },
      method: { string: 2 },
      url: { string: 2 },
      rate_limit: { null: 1 },
      headers: { array: 1 },
    });
    expect(fields.url?.formats).toEqual({ uri: 2 });
  });

  test("records the request's shape, and errors", async () => {
    const to = target();
    const call = answering({ detail: "no" }, record({ to }), 404).enrichments.run(1, {
      params: { email: "e@example.com" },
    });
    await expect(call).rejects.toThrow("404");
    const [line] = await linesOf(to);
    expect(line).toMatchObject({
      operation: "enrichments.run",
      status: 404,
      request: { types: { object: 1 }, fields: { params: { types: { object: 1 }, map: { types: { string: 1 } } } } },
      response: { fields: { detail: { types: { string: 1 } } } },
    });
  });

  test("writes no value and no key that is data, wherever they are", async () => {
    const to = target();
    const canary = (place: string): string => `canary${place.toLowerCase().replace(/[^a-z]/g, "")}`;
    const params = {
      [canary("paramKey")]: canary("paramValue"),
      nested: { [canary("nestedKey")]: canary("nestedValue") },
    };
    const hooks = record({ to });
    await answering({ task_id: canary("taskId"), status: canary("status") }, hooks).enrichments.run(1, { params });
    await answering(
      {
        data: [{ [canary("column")]: canary("cell"), more: { [canary("inner")]: [canary("item")] } }],
        has_next_page: false,
        page: 424_242,
        extra: { [canary("undocumentedKey")]: canary("undocumentedValue") },
        [`${canary("Name")} with a space`]: 1,
      },
      hooks,
    ).tables.rows.list("t");
    const connector = { ...CONNECTOR, headers: [{ name: canary("headerName"), value: `Bearer ${canary("secret")}` }] };
    await answering(connector, hooks).connectors.get(7);
    await answering(`<p>${canary("html")}</p>`, hooks, 422)
      .connectors.get(7)
      .catch(() => {});
    await driftSettled();
    const text = readFileSync(to, "utf8");
    expect(text.split("\n")).toHaveLength(5);
    expect(text.toLowerCase()).not.toContain("canary");
    expect(text).not.toContain("424242");
    expect(text).not.toContain("test-key-5f2d");
  });

  test("hashes short texts, with a salt that is not written", async () => {
    const [first, second] = [target(), target()];
    for (const to of [first, second]) {
      await answering({ ...CONNECTOR, type: "enrichment" }, record({ to })).connectors.get(7);
    }
    const candidates = (await Promise.all([first, second].map(linesOf))).map(
      ([line]) => line?.response?.fields?.type?.candidates,
    );
    expect(candidates[0]).toEqual([expect.stringMatching(/^[\da-f]{8}$/)]);
    expect(candidates[0]).not.toEqual(candidates[1]);
  });

  test("counts documented values of an enum, and shows no other", async () => {
    const to = target();
    const enrichment = { id: 1, name: "n", description: "d", data_source: "s", price: 1, auth_method: "a" };
    const list = ["fixed", "fixed", "canary"].map((type) => ({ ...enrichment, pricing: { type } }));
    await answering(list, record({ to })).enrichments.list();
    const [line] = await linesOf(to);
    const values = line?.response?.items?.fields?.pricing?.fields?.type?.values;
    expect(values).toEqual({ fixed: 2, "(other)": 1 });
  });

  test("shows the keys of an undescribed object where showKeys names it", async () => {
    const [hidden, shown] = [target(), target()];
    const body = { ...CONNECTOR, usage: { calls: 1, credits: 2.5 } };
    await answering(body, record({ to: hidden })).connectors.get(7);
    await answering(body, record({ to: shown, showKeys: ["$.usage"] })).connectors.get(7);
    const usage = async (file: string) => (await linesOf(file))[0]?.response?.fields?.usage;
    expect(await usage(hidden)).toEqual({ types: { object: 1 }, map: { types: { integer: 1, number: 1 } } });
    expect(Object.keys((await usage(shown))?.fields ?? {})).toEqual(["calls", "credits"]);
  });

  test("records the body as it arrived, not as the caller changed it", async () => {
    const to = target();
    const connector: object = await answering(CONNECTOR, record({ to })).connectors.get(7);
    Object.assign(connector, { id: "changed" });
    const [line] = await linesOf(to);
    expect(line?.response?.fields?.id?.types).toEqual({ integer: 1 });
  });

  test("works together with watchDrift", async () => {
    const to = target();
    const found: unknown[] = [];
    const hooks = watchDrift({ onDrift: (drift) => found.push(drift), reported: new Set(), hooks: record({ to }) });
    await answering({ ...CONNECTOR, id: "7" }, hooks).connectors.get(7);
    expect(await linesOf(to)).toHaveLength(1);
    expect(found).toHaveLength(1);
  });

  test.runIf(process.platform !== "win32")("makes a file that only its owner can read", async () => {
    const to = target();
    await answering(CONNECTOR, record({ to })).connectors.get(7);
    await driftSettled();
    expect(statSync(to).mode & 0o777).toBe(0o600);
  });

  test("warns once if the file cannot be written, and breaks no call", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const databar = answering(CONNECTOR, record({ to: join(scratchFolder(), "missing", "traffic.jsonl") }));
    await databar.connectors.get(7);
    await driftSettled();
    await databar.connectors.get(7);
    await driftSettled();
    expect(warn.mock.calls).toEqual([[expect.stringContaining("cannot be written (ENOENT)")]]);
  });

  test.each<[string, object, string]>([
    ["no file", {}, "to must be the path of a file"],
    ["a misspelt option", { to: "t", showkeys: [] }, 'Unknown option "showkeys"'],
  ])("refuses %s", (_, options, message) => {
    const run: (options: never) => unknown = record;
    expect(() => run(options as never)).toThrow(message);
  });

  test("refuses to run where there is no Node", () => {
    vi.stubGlobal("process", undefined);
    try {
      expect(() => record({ to: "t" })).toThrow(UsageError);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
