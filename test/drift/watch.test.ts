import { afterEach, describe, expect, test, vi } from "vitest";
import { type Drift, driftSettled, watchDrift } from "../../src/drift/index.js";
import { INSPECT, type InspectingHooks } from "../../src/http/hooks.js";
import { ApiError, Databar, UsageError } from "../../src/index.js";
import { startReplayServer } from "../../src/testing/server.js";
import { answering } from "../support/drift.js";

const CONNECTOR = { id: 7, name: "n", type: "simple", method: "get", url: "https://example.com" };
const WRONG = { ...CONNECTOR, id: "7" };

/** A watcher of its own, and what it reports: `$.id type`. */
function watcher(options: Partial<Parameters<typeof watchDrift>[0]> = {}) {
  const found: Drift[] = [];
  const reported = new Set<string>();
  const hooks = watchDrift({ onDrift: (drift) => found.push(drift), reported, ...options });
  const lines = async (): Promise<string[]> => {
    await driftSettled();
    return found.map(({ path, kind }) => `${path} ${kind}`);
  };
  return { hooks, found, lines };
}

afterEach(() => driftSettled());

describe("watchDrift", () => {
  test("reports a difference after the caller has the result", async () => {
    const { hooks, found, lines } = watcher();
    await expect(answering(WRONG, hooks).connectors.get(7)).resolves.toEqual(WRONG);
    expect(found).toEqual([]);
    await vi.waitFor(() => expect(found).toHaveLength(1));
    expect(found[0]).toEqual({
      operation: "connectors.get",
      status: 200,
      path: "$.id",
      level: "breach",
      kind: "type",
      expected: "integer",
      found: "string",
    });
    expect(await lines()).toEqual(["$.id type"]);
  });

  test("reports each difference once", async () => {
    const { hooks, lines } = watcher();
    const databar = answering(WRONG, hooks);
    await Promise.all(Array.from({ length: 20 }, () => databar.connectors.get(7)));
    await databar.connectors.get(7);
    expect(await lines()).toEqual(["$.id type"]);
  });

  test("reports each difference once for all clients of a process", async () => {
    const found: Drift[] = [];
    for (const _ of [1, 2]) {
      const hooks = watchDrift({ onDrift: (drift) => found.push(drift) });
      await answering({ ...CONNECTOR, only_here: 1 }, hooks).connectors.get(7);
      await driftSettled();
    }
    expect(found.map(({ path }) => path)).toEqual(["$.only_here"]);
  });

  test("does not report what the caller changed in the result", async () => {
    const { hooks, lines } = watcher();
    const databar = answering({ ...CONNECTOR, max_concurrency: "5" }, hooks);
    for (let call = 0; call < 5; call++) {
      Object.assign(await databar.connectors.get(7), { id: "mine", mine: 1 });
    }
    expect(await lines()).toEqual(["$.max_concurrency type"]);
  });

  test("checks the body of an error", async () => {
    const { hooks, lines } = watcher();
    await expect(answering({ message: "gone" }, hooks, 404).enrichments.get(1)).rejects.toBeInstanceOf(ApiError);
    expect(await lines()).toEqual(["$.detail missing", "$.message undocumented"]);
  });

  test("reports an undocumented status, also of an operation without a body", async () => {
    const { hooks, found, lines } = watcher();
    await answering({}, hooks, 202).connectors.delete(7);
    expect(await lines()).toEqual([" status"]);
    expect(found[0]).toMatchObject({ operation: "connectors.delete", status: 202, level: "note" });
  });

  test("reports nothing for a body that is not JSON, which is an error already", async () => {
    const { hooks, lines } = watcher();
    await expect(answering("<html>", hooks).connectors.get(7)).rejects.toThrow("not JSON");
    expect(await lines()).toEqual([]);
  });

  test("reports nothing for the replay server's answers", async () => {
    const { hooks, lines } = watcher();
    const server = await startReplayServer();
    try {
      const databar = new Databar({ apiKey: "test-key-5f2d", baseUrl: server.url, hooks });
      const calls = [databar.user.me(), databar.connectors.list(), databar.flows.list(), databar.tables.list()];
      await Promise.all([...calls, databar.enrichments.list(), databar.exporters.list(), databar.waterfalls.list()]);
      expect(await lines()).toEqual([]);
    } finally {
      await server.close();
    }
  });

  test("finds a difference in some of the items of a long list", async () => {
    const { hooks, lines } = watcher({ maxItems: 10 });
    const list = Array.from({ length: 1_000 }, () => WRONG);
    await answering(list, hooks).connectors.list();
    expect(await lines()).toEqual(["$[].id type"]);
  });

  test("checks other items of a long list each time", async () => {
    const { hooks, lines } = watcher({ maxItems: 10 });
    const list = Array.from({ length: 100 }, (_, index) => (index === 57 ? WRONG : CONNECTOR));
    const databar = answering(list, hooks);
    for (let call = 0; call < 200; call++) {
      await databar.connectors.list();
    }
    expect(await lines()).toEqual(["$[].id type"]);
  });

  test("checks nothing with sample 0", async () => {
    const { hooks, lines } = watcher({ sample: 0 });
    await answering(WRONG, hooks).connectors.get(7);
    expect(await lines()).toEqual([]);
  });

  test("keeps the caller's own hooks, passed to it or spread beside it", async () => {
    const seen: string[] = [];
    const inside = watcher({ hooks: { onRequest: () => seen.push("inside") } });
    await answering(WRONG, inside.hooks).connectors.get(7);
    const beside = watcher();
    await answering(WRONG, { ...beside.hooks, onResponse: () => seen.push("beside") }).connectors.get(7);
    expect([await inside.lines(), await beside.lines(), seen]).toEqual([
      ["$.id type"],
      ["$.id type"],
      ["inside", "beside"],
    ]);
  });

  test("passes bodies on to another watcher", async () => {
    const first = watcher();
    const second = watcher({ hooks: first.hooks });
    await answering(WRONG, second.hooks).connectors.get(7);
    expect([await first.lines(), await second.lines()]).toEqual([["$.id type"], ["$.id type"]]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("boom");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("boom");
      },
    ],
  ])("warns once if onDrift %s, and breaks no call", async (_, onDrift) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { hooks } = watcher({ onDrift });
    await answering({ ...WRONG, name: 1 }, hooks).connectors.get(7);
    await driftSettled();
    await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
  });

  test("breaks no call if the hook that sees bodies throws", async () => {
    const hooks: InspectingHooks = {
      [INSPECT]() {
        throw new Error("boom");
      },
    };
    await expect(answering(CONNECTOR, hooks).connectors.get(7)).resolves.toEqual(CONNECTOR);
    await expect(answering({ detail: "no" }, hooks, 404).connectors.get(7)).rejects.toBeInstanceOf(ApiError);
  });

  test.each<[string, object, string]>([
    ["no onDrift", {}, "onDrift must be a function"],
    ["a share above 1", { onDrift() {}, sample: 2 }, "sample must be a number from 0 to 1"],
    ["no items", { onDrift() {}, maxItems: 0 }, "maxItems must be a whole number from 1"],
    ["a misspelt option", { onDrift() {}, samples: 1 }, 'Unknown option "samples"'],
  ])("refuses %s", (_, options, message) => {
    const watch: (options: never) => unknown = watchDrift;
    expect(() => watch(options as never)).toThrow(message);
    expect(() => watch(options as never)).toThrow(UsageError);
  });
});
