/** The parts of the replay: checks of values, the router, results per row. */
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import { describe, expect, test } from "vitest";
import { createRequestCheck } from "../../src/testing/checks.js";
import { contract, type Schema } from "../../src/testing/contract.js";
import { createRouter } from "../../src/testing/router.js";
import { fitResults } from "../../src/testing/row-results.js";
import { UnknownSchemaError } from "../../src/testing/scalars.js";
import { SchemaCompiler } from "../../src/testing/schema.js";
import { bodiesOf, bodySchema, changed, names, operationOf, pathOf, places } from "../support/contract-requests.js";

const compiler = new SchemaCompiler(contract.schemas);

describe("the contract's schemas", () => {
  test("are all supported: a new keyword fails here instead of being ignored", () => {
    for (const [name, schema] of Object.entries(contract.schemas)) {
      expect(() => compiler.compile(schema), name).not.toThrow();
    }
    for (const name of names) {
      expect(() => createRequestCheck(operationOf(name), contract.schemas), name).not.toThrow();
    }
  });

  test.each([
    ["a keyword", { type: "string", pattern: "^a" }, 'the keyword "pattern" of string schemas is not supported'],
    ["a keyword without a type", { const: 1 }, 'the keyword "const" of any schemas is not supported'],
    [
      "a keyword within",
      { type: "array", items: { oneOf: [] } },
      'the keyword "oneOf" of any schemas is not supported',
    ],
    ["a type", { type: "date" }, 'the type "date" is not supported'],
    ["two types", { type: ["string", "null"] }, 'the type "several types" is not supported'],
    ["a format", { type: "string", format: "email" }, 'the format "email" is not supported'],
    ["a reference", { $ref: "#/components/schemas/Nope" }, "the contract has no #/components/schemas/Nope"],
    ["a closed object", { type: "object", properties: {}, additionalProperties: false }, "a limit on the further"],
  ])("%s that is not supported is an error", (_, schema: Schema, message) => {
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

describe("a value is accepted or refused as by Ajv", () => {
  const ajv = new Ajv2020({ strict: false });
  addFormatsModule.default(ajv);
  ajv.addSchema({ $id: "contract", components: { schemas: contract.schemas } });
  // No strings or booleans that can be read as numbers: the server accepts those, JSON Schema does not.
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
    ["an integer as a string", { type: "integer" }, " +12 ", undefined],
    [
      "a string that is not an integer",
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
    ["a number as a string", { type: "number" }, "1e3", undefined],
    [
      "a string that is not a number",
      { type: "number" },
      "1e",
      { type: "float_parsing", msg: "Input should be a valid number, unable to parse string as a number" },
    ],
    ["a boolean as a string", { type: "boolean" }, "Yes", undefined],
    [
      "a number that is not a boolean",
      { type: "boolean" },
      2,
      { type: "bool_parsing", msg: "Input should be a valid boolean, unable to interpret input" },
    ],
    ["a list for a boolean", { type: "boolean" }, [], { type: "bool_type", msg: "Input should be a valid boolean" }],
    ["a number for a string", { type: "string" }, 3, { type: "string_type", msg: "Input should be a valid string" }],
    ["a string at its limit, in characters", { type: "string", maxLength: 3 }, "😀😀😀", undefined],
    [
      "a string that is too long",
      { type: "string", maxLength: 2 },
      long,
      { type: "string_too_long", msg: "String should have at most 2 characters", ctx: { max_length: 2 } },
    ],
    [
      "a string that is too short",
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
      "a list that is too short",
      { type: "array", minItems: 1 },
      [],
      {
        type: "too_short",
        msg: "List should have at least 1 item after validation, not 0",
        ctx: { field_type: "List", min_length: 1, actual_length: 0 },
      },
    ],
    [
      "a list that is too long",
      { type: "array", items: { type: "string" }, maxItems: 2 },
      [1, 2, 3],
      { type: "too_long", msg: "List should have at most 2 items after validation, not 3" },
    ],
    [
      "a dictionary that is too small",
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
    ["a string for an object", { type: "object", properties: {} }, "x", { type: "model_attributes_type" }],
    ["null for an optional value", { anyOf: [{ type: "integer" }, { type: "null" }] }, null, undefined],
    [
      "a wrong value for an optional value",
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
    ...["3g", "3fa", "1-2-3-4", "{3fa85f64-571-4562-b3fc-2c963f66afa6}", "{3fa85f6457174562b3fc2c963f66afa6}", ""].map(
      (text): [string, Schema, unknown, object] => [
        `${JSON.stringify(text)} for a UUID`,
        { type: "string", format: "uuid" },
        text,
        {
          type: "uuid_parsing",
          msg: "Input should be a valid UUID, unable to parse string as a UUID",
          ctx: { error: "unable to parse string as a UUID" },
        },
      ],
    ),
    ["a UUID as a URN", { type: "string", format: "uuid" }, "urn:uuid:3fa85f64-5717-4562-b3fc-2c963f66afa6", undefined],
    ["a UUID in braces", { type: "string", format: "uuid" }, "{3FA85F64-5717-4562-b3fc-2c963f66afa6}", undefined],
    ["an integer as a string with a zero fraction", { type: "integer" }, "5.0", undefined],
    ["a string that ends with a point", { type: "integer" }, "5.", { type: "int_parsing" }],
    ["a string with an exponent", { type: "integer" }, "1e20", { type: "int_parsing" }],
    ["a float that does not fit an integer", { type: "integer" }, 1e20, { type: "int_parsing_size" }],
    ["an infinite number", { type: "integer" }, Number.POSITIVE_INFINITY, { type: "finite_number" }],
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

describe("the router", () => {
  const route = createRouter(contract.operations);
  const LIST = pathOf("connectors.list");

  test.each([
    ["GET", LIST, { kind: "operation", name: "connectors.list", values: {} }],
    [
      "GET",
      pathOf("connectors.get", { connector_id: "7" }),
      { kind: "operation", name: "connectors.get", values: { connector_id: "7" } },
    ],
    [
      "GET",
      "/v1/enrichments/7/params/job%20title/choices",
      { name: "enrichments.choices", values: { enrichment_id: "7", param_slug: "job title" } },
    ],
    ["GET", "/v1/tasks/%zz", { name: "tasks.get", values: { task_id: "%zz" } }],
    ["POST", "/v1/flows/validate-config", { name: "flows.validateConfig" }],
    ["GET", LIST.slice(0, -1), { kind: "redirect", path: LIST }],
    ["DELETE", LIST.slice(0, -1), { kind: "redirect", path: LIST }],
    ["GET", "/v1/tasks/a%20b/", { kind: "redirect", path: "/v1/tasks/a%20b" }],
    ["GET", "/v1/folders//", { kind: "redirect", path: "/v1/folders" }],
    ["PATCH", LIST, { kind: "wrong-method", allow: "GET, POST" }],
    ["HEAD", "/v1/user/me", { kind: "wrong-method", allow: "GET" }],
    ["GET", LIST.toUpperCase(), { kind: "unknown" }],
    ["GET", "/", { kind: "unknown" }],
    ["GET", "", { kind: "unknown" }],
  ])("%s %s", (method, path, expected) => {
    expect(route(method, path)).toMatchObject(expected);
  });
});

describe("a list of results", () => {
  const success = (...results: unknown[]) => ({ results, note: "n" });
  const rows = (count: number): string => JSON.stringify({ rows: Array.from({ length: count }, () => ({})) });
  const two = success({ id: "x" }, { index: 1, id: "y" });

  test("has one result per sent row: the example's results are repeated, and each index is that of its row", () => {
    expect(fitResults(two, rows(5))).toEqual({
      results: [{ id: "x" }, { index: 1, id: "y" }, { id: "x" }, { index: 3, id: "y" }, { id: "x" }],
      note: "n",
    });
    expect(fitResults(two, rows(1))).toEqual({ results: [{ id: "x" }], note: "n" });
    expect(fitResults(two, rows(0))).toEqual({ results: [], note: "n" });
  });

  test.each([
    ["as many rows as the example has results", success({ index: 7 }, "no object"), rows(2)],
    ["no body", two, ""],
    ["no list of rows", two, '{"rows":{"length":3}}'],
    ["a body that is not an object", two, "null"],
    ["rows, if the example has no result to repeat", success(), rows(3)],
  ])("is exactly the example's for a request with %s", (_, example, body) => {
    expect(fitResults(example, body)).toBe(example);
  });
});
