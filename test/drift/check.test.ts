/** What is reported about a body, and what never is. */
import { describe, expect, test } from "vitest";
import { checkBody, formatDrift } from "../../src/drift/index.js";
import { exampleBodies } from "../support/drift.js";

const CONNECTOR = { id: 7, name: "n", type: "simple", method: "get", url: "https://example.com" };

/** The reports of a body, in lines. */
function reports(operation: string, status: number | "request", body: unknown): string[] {
  return checkBody(operation, status, body).map((drift) => `${drift.level} ${formatDrift(drift)}`);
}

describe("the check of a body", () => {
  test("reports nothing for any of the contract's examples", () => {
    expect(exampleBodies.length).toBeGreaterThanOrEqual(292);
    for (const { operation, status, name, body } of exampleBodies) {
      expect(reports(operation, status, body), `${operation} ${status} ${name}`).toEqual([]);
    }
  });

  test.each<[string, string, number | "request", unknown, string[]]>([
    [
      "a wrong type",
      "connectors.get",
      200,
      { ...CONNECTOR, id: "7" },
      ["breach connectors.get 200: $.id expected integer, found string"],
    ],
    [
      "a fraction where an integer is documented",
      "connectors.get",
      200,
      { ...CONNECTOR, id: 7.5 },
      ["breach connectors.get 200: $.id expected integer, found number"],
    ],
    [
      "null where it is not documented",
      "connectors.get",
      200,
      { ...CONNECTOR, url: null },
      ["breach connectors.get 200: $.url expected string, found null"],
    ],
    [
      "another type than a union's",
      "connectors.get",
      200,
      { ...CONNECTOR, rate_limit: "60" },
      ["breach connectors.get 200: $.rate_limit expected integer | null, found string"],
    ],
    [
      "a missing field with its type",
      "connectors.get",
      200,
      { ...CONNECTOR, url: undefined },
      ["breach connectors.get 200: $.url is missing (string expected)"],
    ],
    [
      "an undocumented field as a note",
      "connectors.get",
      200,
      { ...CONNECTOR, nickname: "x" },
      ["note connectors.get 200: $.nickname is not documented (string)"],
    ],
    [
      "a difference in many items once, without an index",
      "connectors.list",
      200,
      [1, 2, 3].map(() => ({ ...CONNECTOR, headers: [{ name: 1, value: "v" }] })),
      ["breach connectors.list 200: $[].headers[].name expected string, found integer"],
    ],
    [
      "another kind of body",
      "connectors.list",
      200,
      { items: [] },
      ["breach connectors.list 200: $ expected array, found object"],
    ],
    [
      "a text in place of an error's object",
      "connectors.list",
      422,
      "<html>",
      ["breach connectors.list 422: $ expected object, found string"],
    ],
    [
      "a page that lacks a field, without complaints about the list that it could have been",
      "enrichments.list",
      200,
      { items: [], page: 1, limit: 10, has_next_page: false },
      ["breach enrichments.list 200: $.total_count is missing (integer expected)"],
    ],
    [
      "a new value of an enum as a note",
      "enrichments.list",
      200,
      [
        {
          id: 1,
          name: "n",
          description: "d",
          data_source: "s",
          price: 1,
          auth_method: "a",
          pricing: { type: "canary_enum_value" },
        },
      ],
      ["note enrichments.list 200: $[].pricing.type expected one of 2 values, found another string"],
    ],
    [
      "a text that lacks its format",
      "user.me",
      200,
      { email: "e", balance: 1, plan: "p", workspace: "w" },
      ["breach user.me 200: $.workspace expected string (uuid), found string"],
    ],
    [
      "a request that does not fit",
      "enrichments.run",
      "request",
      { params: [] },
      ["breach enrichments.run request: $.params expected object, found array"],
    ],
    [
      "an undocumented status as a note",
      "user.me",
      418,
      {},
      ["note user.me 418: status 418 is not documented (200, 403, 422 are)"],
    ],
  ])("reports %s", (_, operation, status, body, expected) => {
    const sent: unknown = JSON.parse(JSON.stringify(body));
    expect(reports(operation, status, sent)).toEqual(expected);
  });

  test.each([401, 403, 429, 500, 503])("says nothing about status %i, which any operation may have", (status) => {
    expect(reports("folders.list", status, { any: "body" })).toEqual([]);
  });

  test("says nothing about an operation that the contract does not have", () => {
    expect(reports("things.list", 200, {})).toEqual([]);
  });

  test.each(["Jane Doe", "jane@example.com", "2024-01", "a1b2c3", "x".repeat(41), "sk_live_12345"])(
    "does not show the undocumented key %s, which looks like data",
    (key) => {
      expect(reports("connectors.get", 200, { ...CONNECTOR, [key]: 1 })).toEqual([
        "note connectors.get 200: $.* is not documented (integer)",
      ]);
    },
  );

  test("treats an object with many undocumented keys as a map", () => {
    const columns = Object.fromEntries(
      Array.from({ length: 26 }, (_, index) => [`col_${String.fromCharCode(97 + index)}`, 1]),
    );
    expect(reports("connectors.get", 200, { ...CONNECTOR, ...columns })).toEqual([
      "note connectors.get 200: $.* is not documented (integer)",
    ]);
  });

  test("contains no value and no key of a map", () => {
    const canary = "canary_7Hq2";
    const found = checkBody("tables.waterfalls.add", "request", {
      waterfall: { [canary]: canary },
      mapping: { [canary]: { [canary]: canary } },
      enrichments: [canary],
    });
    expect(found.length).toBeGreaterThan(2);
    expect(JSON.stringify(found)).not.toContain(canary);
    expect(found.map(({ path }) => path)).toContain("$.mapping.*");
  });
});
