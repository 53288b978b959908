/** The parts of the replay: how a schema is checked, a path found, a broken text explained. */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { describe, expect, test } from "vitest";
import { createRequestCheck } from "../../src/testing/checks.js";
import { type Contract, contract, type Schema } from "../../src/testing/contract.js";
import { jsonError } from "../../src/testing/json-error.js";
import { Replay } from "../../src/testing/replay.js";
import { createRouter } from "../../src/testing/router.js";
import { UnknownSchemaError } from "../../src/testing/scalars.js";
import { SchemaCompiler } from "../../src/testing/schema.js";
import { bodiesOf, bodySchema, changed, names, operationOf, places } from "../support/contract-requests.js";

const compiler = new SchemaCompiler(contract.schemas);

describe("the contract's schemas", () => {
  test("are all known: a new keyword fails here, and is not passed over", () => {
    for (const [name, schema] of Object.entries(contract.schemas)) {
      expect(() => compiler.compile(schema), name).not.toThrow();
    }
    for (const name of names) {
      expect(() => createRequestCheck(operationOf(name), contract.schemas), name).not.toThrow();
    }
  });

  test.each([
    ["a keyword", { type: "string", pattern: "^a" }, 'the keyword "pattern" of string schemas is not known'],
    ["a keyword without a type", { const: 1 }, 'the keyword "const" of any schemas is not known'],
    ["a keyword within", { type: "array", items: { oneOf: [] } }, 'the keyword "oneOf" of any schemas is not known'],
    ["a type", { type: "date" }, 'the type "date" is not known'],
    ["two types", { type: ["string", "null"] }, 'the type "several types" is not known'],
    ["a format", { type: "string", format: "email" }, 'the format "email" is not known'],
    ["a reference", { $ref: "#/components/schemas/Nope" }, "the contract has no #/components/schemas/Nope"],
    ["a closed object", { type: "object", properties: {}, additionalProperties: false }, "a limit on the further"],
  ])("%s that is not known is refused", (_, schema: Schema, message) => {
    expect(() => compiler.compile(schema)).toThrow(UnknownSchemaError);
    expect(() => compiler.compile(schema)).toThrow(message);
  });

  test("may contain themselves", () => {
    const tree = {
      type: "object",
      properties: { children: { type: "array", items: { $ref: "#/components/schemas/T" } } },
    };
    const check = new SchemaCompiler({ T: tree }).compile({ $ref: "#/components/schemas/T" });
    expect(check({ children: [{ children: [1] }] }, [])).toMatchObject([{ loc: ["children", 0, "children", 0] }]);
  });
});

describe("a value is taken or refused as Ajv does it", () => {
  const ajv = new Ajv2020({ strict: false });
  addFormatsModule.default(ajv);
  ajv.addSchema({ $id: "contract", components: { schemas: contract.schemas } });
  // No texts and truths that stand for numbers: there the server is laxer than JSON Schema.
  const others = [
    null,
    1.5,
    -1,
    1000,
    "text",
    "x".repeat(3000),
    [],
    [1.5],
    {},
    { a: {} },
    { name: "n", fields: {} },
    undefined,
  ];
  const withBody = names.filter((name) => bodySchema(name));

  test.each(withBody)("%s", (name) => {
    const schema = JSON.parse(JSON.stringify(bodySchema(name)).replaceAll('"#/', '"contract#/'));
    const judge = ajv.compile(schema);
    const check = compiler.compile(bodySchema(name) ?? {});
    let count = 0;
    for (const body of bodiesOf(name)) {
      for (const at of places(body)) {
        for (const other of others) {
          const value = changed(body, at, other);
          if (value !== undefined) {
            const issues = check(value, ["body"]);
            expect(
              issues.length === 0,
              `${at.join(".")} = ${JSON.stringify(other)?.slice(0, 40)}: ${JSON.stringify(issues)}`,
            ).toBe(judge(value));
            count++;
          }
        }
      }
    }
    expect(count).toBeGreaterThan(20);
  });
});

describe("issues read as pydantic 2 writes them", () => {
  const long = "é".repeat(3);
  test.each<[string, Schema, unknown, object | undefined]>([
    ["an integer as text", { type: "integer" }, " +12 ", undefined],
    [
      "a text that is none",
      { type: "integer" },
      "x",
      { type: "int_parsing", msg: "Input should be a valid integer, unable to parse string as an integer" },
    ],
    [
      "a fraction",
      { type: "integer" },
      1.5,
      { type: "int_from_float", msg: "Input should be a valid integer, got a number with a fractional part" },
    ],
    ["null for an integer", { type: "integer" }, null, { type: "int_type", msg: "Input should be a valid integer" }],
    ["a number as text", { type: "number" }, "1e3", undefined],
    [
      "no number",
      { type: "number" },
      "1e",
      { type: "float_parsing", msg: "Input should be a valid number, unable to parse string as a number" },
    ],
    ["a truth as text", { type: "boolean" }, "Yes", undefined],
    [
      "no truth",
      { type: "boolean" },
      2,
      { type: "bool_parsing", msg: "Input should be a valid boolean, unable to interpret input" },
    ],
    ["a list for a truth", { type: "boolean" }, [], { type: "bool_type", msg: "Input should be a valid boolean" }],
    ["a number for a text", { type: "string" }, 3, { type: "string_type", msg: "Input should be a valid string" }],
    ["a text at its limit, in characters", { type: "string", maxLength: 3 }, "😀😀😀", undefined],
    [
      "a text too long",
      { type: "string", maxLength: 2 },
      long,
      { type: "string_too_long", msg: "String should have at most 2 characters", ctx: { max_length: 2 } },
    ],
    [
      "a text too short",
      { type: "string", minLength: 1 },
      "",
      { type: "string_too_short", msg: "String should have at least 1 character", ctx: { min_length: 1 } },
    ],
    [
      "a choice",
      { type: "string", enum: ["a", "b", "c"] },
      "d",
      { type: "literal_error", msg: "Input should be 'a', 'b' or 'c'", ctx: { expected: "'a', 'b' or 'c'" } },
    ],
    [
      "a named choice",
      { $ref: "#/components/schemas/LaunchStrategy" },
      "now",
      { type: "enum", msg: "Input should be 'run_on_click' or 'run_on_update'" },
    ],
    [
      "a list too short",
      { type: "array", minItems: 1 },
      [],
      {
        type: "too_short",
        msg: "List should have at least 1 item after validation, not 0",
        ctx: { field_type: "List", min_length: 1, actual_length: 0 },
      },
    ],
    [
      "a list too long",
      { type: "array", items: { type: "string" }, maxItems: 2 },
      [1, 2, 3],
      { type: "too_long", msg: "List should have at most 2 items after validation, not 3" },
    ],
    [
      "a dictionary too small",
      { type: "object", minProperties: 1 },
      {},
      { type: "too_short", msg: "Dictionary should have at least 1 item after validation, not 0" },
    ],
    [
      "a list for a dictionary",
      { type: "object" },
      [],
      { type: "dict_type", msg: "Input should be a valid dictionary" },
    ],
    ["a text for an object", { type: "object", properties: {} }, "x", { type: "model_attributes_type" }],
    ["null where it may be", { anyOf: [{ type: "integer" }, { type: "null" }] }, null, undefined],
    [
      "a wrong value where null may be",
      { anyOf: [{ type: "integer" }, { type: "null" }] },
      "x",
      { type: "int_parsing", loc: ["body"] },
    ],
    [
      "one of two types",
      { anyOf: [{ type: "integer" }, { type: "string" }] },
      [],
      { type: "int_type", loc: ["body", "int"] },
    ],
    ["a UUID without hyphens", { type: "string", format: "uuid" }, "3fa85f6457174562b3fc2c963f66afa6", undefined],
    [
      "a UUID with a stranger",
      { type: "string", format: "uuid" },
      "3g",
      {
        type: "uuid_parsing",
        ctx: {
          error:
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `g` at 2",
        },
      },
    ],
    [
      "a short UUID",
      { type: "string", format: "uuid" },
      "3fa",
      { ctx: { error: "invalid length: expected length 32 for simple format, found 3" } },
    ],
    [
      "a UUID of four groups",
      { type: "string", format: "uuid" },
      "1-2-3-4",
      { ctx: { error: "invalid group count: expected 5, found 4" } },
    ],
    [
      "a UUID with a short group",
      { type: "string", format: "uuid" },
      "{3fa85f64-571-4562-b3fc-2c963f66afa6}",
      { ctx: { error: "invalid group length in group 1: expected 4, found 3" } },
    ],
    ["a number for a UUID", { type: "string", format: "uuid" }, 3, { type: "uuid_type" }],
  ])("%s", (_, schema, value, expected) => {
    const [first] = compiler.compile(schema)(value, ["body"]);
    if (expected === undefined) {
      expect(first).toBeUndefined();
    } else {
      expect(first).toMatchObject({ input: value, ...expected });
    }
  });
});

// What Python's json.loads says of each.
test.each([
  ["{", 1, "Expecting property name enclosed in double quotes"],
  ['{"a":', 5, "Expecting value"],
  ['{"a"}', 4, "Expecting ':' delimiter"],
  ["[1,]", 3, "Expecting value"],
  ["[1 2]", 3, "Expecting ',' delimiter"],
  ['{"a":1}x', 7, "Extra data"],
  ['"abc', 0, "Unterminated string starting at"],
  ['{"a":"\n"}', 6, "Invalid control character at"],
  ['"\\x"', 1, "Invalid \\escape"],
  ['"\\u12"', 2, "Invalid \\uXXXX escape"],
  ["01", 1, "Extra data"],
  ["   ", 3, "Expecting value"],
  ["<html>", 0, "Expecting value"],
  ['{"a":1,}', 7, "Expecting property name enclosed in double quotes"],
  ['"é😀"x', 4, "Extra data"],
  ["[".repeat(200_000), 0, "Expecting value"],
])("a text that is no JSON is explained as Python explains it (%#)", (text, position, message) => {
  expect(jsonError(text)).toEqual({ position, message });
});

describe("the router", () => {
  const route = createRouter(contract.operations);

  test.each([
    ["GET", "/v1/connectors/", { kind: "operation", name: "connectors.list", values: {} }],
    ["GET", "/v1/connectors/7", { kind: "operation", name: "connectors.get", values: { connector_id: "7" } }],
    [
      "GET",
      "/v1/enrichments/7/params/job%20title/choices",
      { name: "enrichments.choices", values: { enrichment_id: "7", param_slug: "job title" } },
    ],
    ["GET", "/v1/tasks/%zz", { name: "tasks.get", values: { task_id: "%zz" } }],
    ["POST", "/v1/flows/validate-config", { name: "flows.validateConfig" }],
    ["GET", "/v1/connectors", { kind: "redirect", path: "/v1/connectors/" }],
    ["DELETE", "/v1/connectors", { kind: "redirect", path: "/v1/connectors/" }],
    ["GET", "/v1/tasks/a%20b/", { kind: "redirect", path: "/v1/tasks/a%20b" }],
    ["GET", "/v1/folders//", { kind: "redirect", path: "/v1/folders" }],
    ["PATCH", "/v1/connectors/", { kind: "wrong-method", allow: "GET, POST" }],
    ["HEAD", "/v1/user/me", { kind: "wrong-method", allow: "GET" }],
    ["GET", "/v1/Connectors/", { kind: "unknown" }],
    ["GET", "/", { kind: "unknown" }],
    ["GET", "", { kind: "unknown" }],
  ])("%s %s", (method, path, expected) => {
    expect(route(method, path)).toMatchObject(expected);
  });
});

describe("what the contract has no example for", () => {
  const bare: Contract = {
    operations: {
      "a.b": { method: "GET", path: "/a", parameters: [], requestBody: null, responses: { 200: ["application/json"] } },
    },
    examples: {},
    schemas: {},
  };

  test("is answered 501, and says so", () => {
    const replay = new Replay(bare);
    const request = { method: "GET", path: "/a", query: "", hasKey: true, contentType: undefined, body: "" };
    expect(replay.answer(request)).toMatchObject({
      status: 501,
      body: '{"detail":"The contract has no example for a.b -> 200 application/json"}',
    });
    expect(replay.example({ name: "a.b", values: {} }, request, { status: "404" })).toMatchObject({
      status: 501,
      body: '{"detail":"The contract documents no a.b -> 404"}',
    });
    expect(new Replay().example({ name: "user.me", values: {} }, request, { example: "x" })).toMatchObject({
      status: 501,
      body: '{"detail":"The contract has no example named \\"x\\" for user.me -> 200 application/json"}',
    });
  });
});

describe("a list of results", () => {
  const success = (...results: object[]): Contract => ({
    operations: {
      "a.b": {
        method: "POST",
        path: "/a",
        parameters: [],
        requestBody: null,
        responses: { 200: ["application/json"] },
      },
    },
    examples: { "a.b": { 200: { "application/json": { first: { value: { results, note: "n" } } } } } },
    schemas: {},
  });
  const answerTo = (source: Contract, body: string) =>
    new Replay(source).answer({ method: "POST", path: "/a", query: "", hasKey: true, contentType: undefined, body });
  const rows = (count: number): string => JSON.stringify({ rows: Array.from({ length: count }, () => ({})) });
  const two = success({ id: "x" }, { index: 1, id: "y" });

  test("has one result per row that is sent, going round the example's, each index that of its row", () => {
    expect(JSON.parse((answerTo(two, rows(5)) as { body: string }).body)).toEqual({
      results: [{ id: "x" }, { index: 1, id: "y" }, { id: "x" }, { index: 3, id: "y" }, { id: "x" }],
      note: "n",
    });
    expect(answerTo(two, rows(1))).toMatchObject({ status: 200, body: '{"results":[{"id":"x"}],"note":"n"}' });
    expect(answerTo(two, rows(0))).toMatchObject({ body: '{"results":[],"note":"n"}' });
  });

  test.each([
    ["as many rows as the example has results", success({ index: 7 }, "no object" as never), rows(2)],
    ["no body", two, ""],
    ["no list of rows", two, '{"rows":{"length":3}}'],
    ["no object", two, "null"],
    ["rows, but the example has no result to repeat", success(), rows(3)],
  ])("is exactly the example's for a request with %s", (_, source, body) => {
    const example = source.examples["a.b"]?.[200]?.["application/json"]?.first?.value;
    expect(answerTo(source, body)).toMatchObject({ body: JSON.stringify(example) });
  });
});
