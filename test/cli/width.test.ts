/** Text, tables and masks in a terminal: exact widths, and linear time for untrusted input of any size. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskText } from "../../src/cli/mask.js";
import { renderFields, renderTable } from "../../src/cli/table.js";
import { cut, displayWidth, wrap } from "../../src/cli/width.js";

const GERMAN = "Grüße über Straßenbahnhöfe in der Nähe des größten Süßwasserfischmarktes ";
const texts = fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => text.replace(/\s+/g, " "));

/** The time that a function takes, the best of three runs. */
function millisecondsOf(run: () => unknown): number {
  const times = Array.from({ length: 3 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  });
  return Math.min(...times);
}

describe("cli wrapping", () => {
  test("breaks at spaces, and inside a word only if the word is wider than a line", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("a abcdefgh b", 3)).toEqual(["a", "abc", "def", "gh", "b"]);
    expect(wrap("a abcdefgh b", 3, false)).toEqual(["a", "abcdefgh", "b"]);
    expect(wrap("日本語 x", 4)).toEqual(["日本", "語 x"]);
    expect(wrap("", 4)).toEqual([""]);
  });

  test("keeps every character and exceeds no width", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 20 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.trim().replaceAll(" ", ""));
        expect(lines.filter((line) => displayWidth(line) > width)).toEqual([]);
      }),
    );
  });

  test("takes linear time for German, for one long word and for Japanese", () => {
    expect(millisecondsOf(() => wrap(GERMAN.repeat(280), 80))).toBeLessThan(500);
    expect(millisecondsOf(() => wrap("ä".repeat(100_000), 80))).toBeLessThan(2_000);
    expect(millisecondsOf(() => wrap("日本語".repeat(20_000), 80))).toBeLessThan(2_000);
  });
});

describe("cli cutting", () => {
  test("adds an ellipsis and exceeds no width", () => {
    expect(cut("abcdef", 4)).toBe("abc…");
    expect(cut("日本語", 4)).toBe("日…");
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 20 }), (text, width) => {
        expect(displayWidth(cut(text, width))).toBeLessThanOrEqual(width);
        expect(cut(text, 1_000)).toBe(text);
      }),
    );
  });

  test("does not split a character that crosses the limit of an internal chunk", () => {
    const flags = "🇩🇪".repeat(1_000);
    expect(displayWidth(flags)).toBe(2_000);
    expect(wrap(`a${flags}`, 3).every((line) => /^a?(🇩🇪)+$/u.test(line))).toBe(true);
  });

  test("measures no more of a cell than fits", () => {
    expect(millisecondsOf(() => renderTable([{ a: "日本語".repeat(300_000) }], { width: 80 }))).toBeLessThan(500);
  });
});

describe("cli masking", () => {
  test.each(["?", "a.", "a://", "?a=", "&", "a:"])("takes linear time for a text of %j", (part) => {
    expect(millisecondsOf(() => maskText(part.repeat(100_000), ["key-6b1f0a"]))).toBeLessThan(500);
  });

  test.each([
    ["https://u:pw@a.example/x?page=1&api_key=sk-1#top", "https://***@a.example/x?page=1&api_key=***#top"],
    ["see ?sig=abc&token=&x=1", "see ?sig=***&token=&x=1"],
    ["a@b.example ?b?access_token=1", "a@b.example ?b?access_token=***"],
  ])("masks the credentials and secret parameters of %j", (text, masked) => {
    expect(maskText(text, [])).toBe(masked);
  });
});

describe("cli tables", () => {
  test("show an object with 150,000 fields", () => {
    const object = Object.fromEntries(Array.from({ length: 150_000 }, (_, index) => [`f${index}`, index]));
    expect(renderFields(object, { width: 80 })).toHaveLength(150_000);
    expect(renderTable([object], { width: 80 }).hidden.length).toBeGreaterThan(149_000);
  });

  const UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
  const rows = [{ id: UUID, name: "Northwind traders of the north", status: "enabled", created_at: "2025-01-15" }];

  test("of 50 columns shorten ids before they cut or hide anything else", () => {
    const { lines, hidden, cutsIds } = renderTable(rows, { width: 50 });
    expect(lines).toEqual([
      "id         name                status   created_at",
      "3fa85f64…  Northwind traders…  enabled  2025-01-15",
    ]);
    expect({ hidden, cutsIds }).toEqual({ hidden: [], cutsIds: true });
  });

  test("of 80 columns keep a whole UUID", () => {
    const { lines, cutsIds } = renderTable(rows, { width: 80 });
    expect(lines[1]).toContain(UUID);
    expect(cutsIds).toBe(false);
  });
});
