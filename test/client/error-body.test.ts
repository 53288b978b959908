/** `readErrorBody`: the server's words, in whatever shape they come. */
import { describe, expect, test } from "vitest";
import { readErrorBody } from "../../src/errors/body.js";

const missing = { loc: ["body", "rows", 0], msg: "Field required", type: "missing" };

const messages: [name: string, body: unknown, message: string, code?: string][] = [
  ["nothing", undefined, ""],
  ["text", "busy", "busy"],
  ["HTML with a title", "  <html><title> Bad gateway </title><p>x", 'HTML page "Bad gateway"'],
  ["HTML without a title", "<p>Bad</p>", "HTML page:  Bad "],
  ["HTML with an empty title", "<title> </title>", "HTML page:    "],
  ["text that contains a tag", "a <title>b</title>", "a <title>b</title>"],
  ["detail", { detail: "no", message: "other" }, "no"],
  ["detail with a message", { detail: { message: "no" } }, "no"],
  ["detail with msg", { detail: { msg: "no" } }, "no"],
  ["detail with detail", { detail: { detail: "no" } }, "no"],
  ["detail with error", { detail: { error: "no such row" } }, "no such row"],
  ["detail with neither", { detail: { limit: 5 } }, '{"limit":5}'],
  ["a list of texts", { detail: ["a", "b", ""] }, "a; b"],
  ["a list in a list", { detail: [["a"], "b"] }, "b"],
  ["a list as the body", ["a", "b"], "a; b"],
  ["details", { details: "no", message: "other" }, "no"],
  ["error", { error: "no such row", message: "other" }, "no such row"],
  ["message", { message: "no" }, "no"],
  ["an issue", { detail: [missing] }, "body.rows.0: Field required"],
  ["an issue without a place", { detail: [{ msg: "no" }] }, "no"],
  ["issues under fields", { fields: [{ field: "name", message: "too long" }] }, "name: too long"],
  ["issues under rows", { rows: [{ row: 3, error: "twice" }], error: "some failed" }, "3: twice"],
  ["issues by index", { rows: [{ index: 0, detail: "twice" }] }, "0: twice"],
  ["three issues", { detail: Array(3).fill({ msg: "no" }) }, "no; no; no"],
  ["four issues", { detail: Array(4).fill({ msg: "no" }) }, "no; no; no (+1 more)"],
  ["an unknown field", { reason: "no" }, '{"reason":"no"}'],
  ["an unknown field beside what was sent", { reason: "no", input: "s3cr3t", ctx: 1, value: 2 }, '{"reason":"no"}'],
  ["what was sent alone", { input: "s3cr3t" }, ""],
  ["a number", 5, "5"],
  ["a code alone", { error: "row_limit" }, "row_limit", "row_limit"],
  ["a code beside a message", { error: "row_limit", message: "too many" }, "row_limit: too many", "row_limit"],
  ["a code beside a detail", { error: "row_limit", detail: "too many" }, "row_limit: too many", "row_limit"],
  ["a code in the detail", { detail: { code: "row_limit", message: "too many" } }, "row_limit: too many", "row_limit"],
  [
    "a code that the message contains",
    { code: "row_limit", detail: "row_limit reached" },
    "row_limit reached",
    "row_limit",
  ],
  ["a code with a space, which is a message", { code: "row limit", detail: "too many" }, "too many"],
];

describe("readErrorBody", () => {
  test.each(messages)("reads %s", (_, body, message, code) => {
    expect(readErrorBody(body)).toMatchObject({ message, code });
  });

  test("reads issues with their place as text and as the server sent it", () => {
    const { issues } = readErrorBody({
      detail: [missing, { loc: [true, "a"], message: "no", code: "c" }, { type: "x" }, 5],
    });
    expect(issues).toEqual([
      { path: "body.rows.0", loc: ["body", "rows", 0], message: "Field required", type: "missing" },
      { path: "a", loc: ["a"], message: "no", type: "c" },
    ]);
  });

  test("takes the first field that has issues", () => {
    const { issues } = readErrorBody({ detail: "no", fields: [], rows: [{ msg: "no" }] });
    expect(issues).toHaveLength(1);
    expect(readErrorBody({ detail: [missing], rows: [{ msg: "no" }] }).issues).toMatchObject([{ type: "missing" }]);
  });

  test("reads a body that is nested too deeply to be written", () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`);
    expect(readErrorBody(deep)).toEqual({ message: "", code: undefined, issues: [] });
  });
});
