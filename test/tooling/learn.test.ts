/** From recorded traffic to edits of the contract, with the replay server as the API. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Contract, type JsonObject, YamlFile } from "../../scripts/contract/document.js";
import { edited } from "../../scripts/contract/import/yaml.js";
import { type Findings, propose } from "../../scripts/contract/learn/propose.js";
import { readTraffic } from "../../scripts/contract/learn/traffic.js";
import { learn } from "../../scripts/contract/learn.js";
import { lint } from "../../scripts/contract/lint.js";
import { driftSettled, type RecordedExchange, record } from "../../src/drift/index.js";
import { Databar } from "../../src/index.js";
import { startReplayServer } from "../../src/testing/server.js";
import { scratchContract, scratchFolder } from "../support/contract-folder.js";
import { answering } from "../support/drift.js";
import { runScript } from "../support/run-script.js";

const FOLDER = { id: 4, name: "n", created_at: "2025-01-15T10:30:00Z" };

/** Traffic that a client has recorded: the same body so many times, then others. */
async function recorded(bodies: readonly (readonly [body: unknown, count: number])[]): Promise<string> {
  const to = join(scratchFolder(), "traffic.jsonl");
  for (const [body, count] of bodies) {
    const databar = answering(body, record({ to }));
    for (let call = 0; call < count; call++) {
      await databar.folders.list();
      // The queue is bounded.
      call % 100 === 99 && (await driftSettled());
    }
    await driftSettled();
  }
  return to;
}

/** What traffic shows about the stored contract. */
function findings(...files: readonly string[]): Findings {
  return propose(new Contract("openapi"), readTraffic(files));
}

function messages(entries: readonly { place: string; message: string }[]): string[] {
  return entries.map(({ place, message }) => `${place}: ${message}`);
}

describe("contract:learn", { timeout: 60_000 }, () => {
  test("proposes nothing for traffic that fits the contract", async () => {
    const to = join(scratchFolder(), "traffic.jsonl");
    const server = await startReplayServer();
    try {
      const databar = new Databar({ apiKey: "test-key-5f2d", baseUrl: server.url, hooks: record({ to }) });
      await Promise.all([databar.flows.list(), databar.folders.list(), databar.enrichments.list(), databar.user.me()]);
      await driftSettled();
    } finally {
      await server.close();
    }
    const { exchanges, proposals, remarks, comparison } = await learn([to], "openapi");
    expect({ exchanges, proposals, remarks, comparison }).toEqual({
      exchanges: 4,
      proposals: [],
      remarks: [],
      comparison: undefined,
    });
  });

  test("finds a field that was taken out of the contract, and puts it back as recorded", async () => {
    const openapi = scratchContract();
    const file = join(openapi, "openapi.yaml");
    const contract = new YamlFile(file);
    const { components } = contract.data as { components: { schemas: Record<string, JsonObject> } };
    const { schemas } = components;
    const { properties, required, ...rest } = schemas.Folder as { properties: JsonObject; required: string[] };
    const name = "name";
    const { [name]: _, ...others } = properties;
    schemas.Folder = { ...rest, properties: others, required: required.filter((each) => each !== name) };
    writeFileSync(file, edited(contract.text, contract.data));
    const to = join(scratchFolder(), "traffic.jsonl");
    const server = await startReplayServer();
    try {
      const databar = new Databar({ apiKey: "test-key-5f2d", baseUrl: server.url, hooks: record({ to }) });
      await databar.folders.list();
      await databar.folders.list();
      await driftSettled();
    } finally {
      await server.close();
    }
    const learned = await learn([to], openapi);
    expect(messages(learned.proposals)).toEqual([
      expect.stringMatching(
        new RegExp(`^folders\\.list 200 \\$\\[\\]\\.${name}: add ${name} \\(string\\): in 2 of 2 responses`),
      ),
    ]);
    expect(learned.text).toMatch(
      new RegExp(
        `${name}:\\n\\s+type: string\\n\\s+description: Seen in 2 of 2 responses.*\\n\\s+x-source: recorded\\n\\s+x-samples: 2\\n`,
      ),
    );
    expect(learned.comparison?.verdict).toBe("minor");
  });

  test("proposes a field as required after 300 exchanges without a gap, not before", async () => {
    const traffic = await recorded([[[{ ...FOLDER, color: "red" }], 299]]);
    expect(messages(findings(traffic).proposals)).toEqual([
      "folders.list 200 $[].color: add color (string): in 299 of 299 responses",
    ]);
    const more = await recorded([[[{ ...FOLDER, color: "red" }], 1]]);
    const { proposals, text } = await learn([traffic, more], "openapi");
    expect(messages(proposals)).toEqual([
      "folders.list 200 $[].color: add color (string, required): in 300 of 300 responses",
    ]);
    expect(text).toContain("        - color\n");
    const gap = await recorded([[[FOLDER], 1]]);
    expect(messages(findings(traffic, more, gap).proposals)).toEqual([
      "folders.list 200 $[].color: add color (string): in 300 of 301 responses",
    ]);
  });

  test("counts the items of one list as one sample", async () => {
    const traffic = await recorded([[Array.from({ length: 200 }, () => ({ ...FOLDER, color: "red" })), 2]]);
    expect(messages(findings(traffic).proposals)).toEqual([
      "folders.list 200 $[].color: add color (string): in 2 of 2 responses (400 of 400 objects)",
    ]);
  });

  test("proposes types and absences that the contract does not allow", async () => {
    const traffic = await recorded([
      [[{ ...FOLDER, name: null }], 2],
      [[{ id: 4 }], 1],
    ]);
    const { proposals, text, comparison } = await learn([traffic], "openapi");
    expect(messages(proposals)).toEqual([
      "folders.list 200 $[].name: accept null as well: seen in 2 of 2 values, the contract says string",
      "folders.list 200 $[].name: make name optional: in 2 of 3 objects, the contract says required",
    ]);
    expect(text).toMatch(/name:\n\s+anyOf:\n\s+- type: string\n\s+- type: 'null'\n/);
    expect(comparison?.verdict).toBe("major");
  });

  test("edits no documented part, and reports where traffic disagrees with it", async () => {
    const to = join(scratchFolder(), "traffic.jsonl");
    const connector = { id: "7", name: "n", type: "t", method: "get", url: "https://example.com", owner: 5 };
    await answering([connector], record({ to })).connectors.list();
    // Known from clients alone, but its schema is a documented one.
    await answering(connector, record({ to })).connectors.get(7);
    await driftSettled();
    const { proposals, remarks } = findings(to);
    expect(proposals).toEqual([]);
    expect(messages(remarks)).toEqual([
      "connectors.get 200 $.owner (and 1 other place): documented part, not edited: add owner (integer): in 2 of 2 responses",
      "connectors.get 200 $.id (and 1 other place): documented part, not edited: accept string as well: seen in 2 of 2 values, the contract says integer",
    ]);
  });

  test("reports undocumented statuses, and operations that the contract does not have", async () => {
    const to = join(scratchFolder(), "traffic.jsonl");
    await answering({ id: 1 }, record({ to }), 202).folders.create({ name: "n" });
    await driftSettled();
    const unknown: RecordedExchange = { v: 1, session: "s", operation: "things.list", status: 200 };
    writeFileSync(to, `${readFileSync(to, "utf8")}${JSON.stringify(unknown)}\n`);
    expect(messages(findings(to).remarks)).toEqual([
      "folders.create 202: the status is not documented (1 exchange); add it by hand",
      "things.list 200: the contract has no such operation",
    ]);
  });

  test("writes a contract that is clean, with --write only", async () => {
    const openapi = scratchContract();
    const file = join(openapi, "openapi.yaml");
    const before = readFileSync(file, "utf8");
    const traffic = await recorded([[[{ ...FOLDER, color: "red", tags: [{ 5: 1 }], parent: null }], 3]]);
    const dry = await runScript("learn", [traffic, "--openapi", openapi]);
    expect(dry.stderr).toBe("");
    expect(dry.stdout).toContain("3 recorded exchanges");
    expect(dry.stdout).toMatch(/verdict: minor/);
    expect(dry.stdout).toContain("Nothing was written: add --write.");
    expect(readFileSync(file, "utf8")).toBe(before);
    const written = await runScript("learn", [traffic, "--openapi", openapi, "--write"]);
    expect(written).toMatchObject({ code: 0, stderr: "" });
    const after = readFileSync(file, "utf8");
    expect(after).toMatch(/x-source: recorded\n\s+x-samples: 3\n/);
    // Nothing but lines of the new fields was added.
    const old = new Set(before.split("\n"));
    expect(after.split("\n").filter((line) => !old.has(line)).length).toBeLessThan(25);
    expect(await lint(openapi)).toEqual([]);
  });

  test.each([
    ["a line that is not JSON", "{", ":1: not a line of JSON"],
    ["a line of another program", "{}", ":1: no recorded exchange"],
    ["another version", '{"v":2,"operation":"a","status":200}', ":1: the format has version 2"],
  ])("refuses %s and names its place", async (_, line, message) => {
    const file = join(scratchFolder(), "traffic.jsonl");
    writeFileSync(file, line);
    await expect(learn([file], "openapi")).rejects.toThrow(file + message);
  });
});
