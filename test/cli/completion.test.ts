/** Completion: the words that can follow, as the scripts of the shells ask for them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands, shells } from "../../src/cli/commands.js";
import { cli } from "../support/cli.js";

/** The words that the hidden command offers for the last of some words. */
async function offered(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await cli(["complete", "--", ...words], { env: {} });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [line.replace(/\t.*/, "")]));
}

describe("cli completion", () => {
  test.each<[typed: string, words: string[]]>([
    ["ta", ["tasks", "tables"]],
    ["he", ["help"]],
    ["m", ["mock"]],
    ["completion ", ["bash", "zsh", "fish"]],
    ["completion f", ["fish"]],
    ["help tables ro", ["rows"]],
    ["tables r", ["rename", "rows"]],
    ["--base-url http://x tables rows up", ["update", "upsert", "update-many", "upsert-many"]],
    ["--base-url=http://x:1 tables rows up", ["update", "upsert", "update-many", "upsert-many"]],
    ["tables rows list T --query p", ["page=", "per_page="]],
    ["tables rows list T --query page=2 --query p", ["page=", "per_page="]],
    ["tables rows list T --query=p", ["--query=page=", "--query=per_page="]],
    ["enrichments list --query authorized_only=", ["authorized_only=true", "authorized_only=false"]],
    ["connectors list --timeout-ms ", []],
    ["enrichments run 3 --wai", ["--wait"]],
    ["connectors get 3 --wai", []],
    ["connectors get 3 ", []],
    ["nonsense ", []],
    ["mock ", []],
    [
      "mock --",
      [
        "--port",
        "--host",
        "--simulate",
        "--rate-limit",
        "--balance",
        "--latency",
        "--fail",
        "--seed",
        "--debug",
        "--help",
        "--version",
      ],
    ],
    ["types --t", ["--table", "--timeout-ms"]],
    ["com", ["completion"]],
  ])("offers for %j exactly what can follow", async (typed, words) => {
    expect((await offered(...typed.split(" "))).sort()).toEqual(words.sort());
  });

  test("offers every word of every command", async () => {
    for (const { words } of commands) {
      for (const [index, word] of words.entries()) {
        expect(await offered(...words.slice(0, index), "")).toContain(word);
      }
    }
  });

  test("describes each word after a tab", async () => {
    const { stdout } = await cli(["complete", "--", "connectors", "li"]);
    expect(stdout).toMatch(/^list\t\w.+\n$/);
  });

  test.each(shells)("has a script for %s that is short and asks the program", async (shell) => {
    const { code, stdout } = await cli(["completion", shell]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/(databar-client|"\$1") complete -- /);
    expect(stdout.split("\n").length).toBeLessThan(18);
  });

  test("does not show its own command in the help", async () => {
    expect((await cli(["--help"])).stdout).not.toMatch(/^ {2}complete\b/m);
  });
});

describe("cli completion of files", () => {
  const folder = mkdtempSync(join(tmpdir(), "databar-files-"));
  beforeAll(() => {
    mkdirSync(join(folder, "rows"));
    for (const name of ["rows.jsonl", "row two.json", ".hidden", "rows/part.jsonl"]) {
      writeFileSync(join(folder, name), "");
    }
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each<[option: string, typed: string, files: string[]]>([
    ["--body", "@FOLDER/ro", ["@FOLDER/rows.jsonl", "@FOLDER/row two.json", "@FOLDER/rows/"]],
    ["--body", "@FOLDER/rows/", ["@FOLDER/rows/part.jsonl"]],
    ["--body", "@FOLDER/.h", ["@FOLDER/.hidden"]],
    ["--body", "@FOLDER/none/x", []],
    ["--settings", "@FOLDER/rows.", ["@FOLDER/rows.jsonl"]],
  ])("after %s %s offers the matching files", async (option, typed, files) => {
    const place = (text: string): string => text.replace("FOLDER", folder);
    const words = ["tables", "rows", "upsert-many", "T", option, place(typed)];
    expect((await offered(...words)).sort()).toEqual(files.map(place).sort());
  });

  test("after --body offers files of the current folder and standard input", async () => {
    const words = await offered("connectors", "create", "--body", "");
    expect(words).toEqual(expect.arrayContaining(["@package.json", "@src/", "-"]));
  });
});
