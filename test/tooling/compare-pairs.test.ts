import { beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { type Level, worst } from "../../scripts/contract/compare/change.js";
import type { Comparison } from "../../scripts/contract/compare/report.js";
import { compare, readSide, type Side } from "../../scripts/contract/compare.js";
import { YamlFile } from "../../scripts/contract/document.js";
import { schemaErrors } from "../../scripts/contract/examples.js";
import { batchedDiff } from "../support/batched-diff.js";
import { type Doc, pairContract } from "../support/pair-contract.js";

type Verdicts = `${Level} ${Level}`;

interface Pair {
  name: string;
  change: (doc: Doc) => void;
  /** The wire and the compile verdict of the change. */
  there: Verdicts;
  /** And of taking it back. */
  back: Verdicts;
}

const CONNECTORS = "/v1/connectors/";
const RUN = "/v1/runs/{run_id}";
const schemas = (doc: Doc): Doc => doc.components.schemas;
const run = (doc: Doc): Doc => schemas(doc).Run.properties;
const input = (doc: Doc): Doc => schemas(doc).ConnectorInput;
const list = (doc: Doc): Doc => doc.paths[CONNECTORS].get;
const getRun = (doc: Doc): Doc => doc.paths[RUN].get;
const without = (names: string[], name: string): string[] => names.filter((each) => each !== name);
const parameter = (doc: Doc, name: string): Doc => getRun(doc).parameters.find((each: Doc) => each.name === name);
const rename = (object: Doc, from: string, to: string): void => {
  object[to] = object[from];
  delete object[from];
};
const reversed = (node: Doc): Doc =>
  typeof node !== "object" || node === null || Array.isArray(node)
    ? node
    : Object.fromEntries(
        Object.entries(node)
          .reverse()
          .map(([key, value]) => [key, reversed(value)]),
      );

const RESPONSE_FIELDS: Pair[] = [
  {
    name: "a response field's type changes",
    change: (doc) => {
      schemas(doc).Connector.properties.rate_limit = { type: "string" };
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a number in a response becomes an integer",
    change: (doc) => {
      run(doc).ratio.type = "integer";
    },
    there: "minor none",
    back: "major none",
  },
  {
    name: "a union in a response loses a type",
    change: (doc) => {
      run(doc).cost = { type: "number" };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a response field may be null",
    change: (doc) => {
      run(doc).label = { anyOf: [run(doc).label, { type: "null" }] };
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "an object in a response is never null anymore",
    change: (doc) => {
      run(doc).owner = { $ref: "#/components/schemas/NameValue" };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a response gets an optional field",
    change: (doc) => {
      run(doc).note = { type: "string" };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a response gets a required field",
    change: (doc) => {
      run(doc).note = { type: "string" };
      schemas(doc).Run.required.push("note");
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a required response field becomes optional",
    change: (doc) => {
      schemas(doc).Run.required = without(schemas(doc).Run.required, "label");
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a response field is renamed",
    change: (doc) => {
      rename(run(doc), "count", "total");
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a response enum gets a value",
    change: (doc) => {
      run(doc).status.enum.push("gone");
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a free string in a response gets an enum",
    change: (doc) => {
      run(doc).label = { type: "string", enum: ["a", "b"], maxLength: 20 };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a response string may be longer",
    change: (doc) => {
      run(doc).label.maxLength = 40;
    },
    there: "major none",
    back: "minor none",
  },
  {
    name: "a response string loses its format",
    change: (doc) => {
      delete run(doc).created_at.format;
    },
    there: "major none",
    back: "minor none",
  },
  {
    name: "the items of a list in a response change",
    change: (doc) => {
      schemas(doc).Run.properties.steps.items = { type: "string" };
      delete schemas(doc).Step;
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a union of objects in a response gets a branch",
    change: (doc) => {
      run(doc).data.anyOf.push({ $ref: "#/components/schemas/Step" });
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a union of objects in a response becomes one of its branches",
    change: (doc) => {
      run(doc).data = { $ref: "#/components/schemas/ErrorDetail" };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "values of a map in a response change",
    change: (doc) => {
      run(doc).meta.additionalProperties = { type: "integer" };
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a schema that contains itself gets a field",
    change: (doc) => {
      schemas(doc).Step.properties.done = { type: "boolean" };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a field changes deep in a schema that contains itself",
    change: (doc) => {
      schemas(doc).Step.properties.name = { type: "integer" };
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a response schema becomes anything",
    change: (doc) => {
      getRun(doc).responses["200"].content["application/json"].schema = {};
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "the error body gets optional fields, as FastAPI's next version has them",
    change: (doc) => {
      Object.assign(schemas(doc).ValidationError.properties, {
        input: { title: "Input" },
        ctx: { type: "object", title: "Context" },
      });
    },
    there: "minor minor",
    back: "major major",
  },
];

const REQUESTS: Pair[] = [
  {
    name: "a request field's type changes",
    change: (doc) => {
      input(doc).properties.url = { type: "integer" };
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a request field takes one more type",
    change: (doc) => {
      input(doc).properties.url = { type: ["string", "integer"] };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a request gets an optional field",
    change: (doc) => {
      input(doc).properties.note = { type: "string" };
    },
    there: "minor minor",
    back: "minor major",
  },
  {
    name: "a request gets a required field",
    change: (doc) => {
      input(doc).properties.note = { type: "string" };
      input(doc).required.push("note");
    },
    there: "major major",
    back: "minor major",
  },
  {
    name: "an optional request field becomes required",
    change: (doc) => {
      input(doc).required.push("type");
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a request field no longer takes null",
    change: (doc) => {
      input(doc).properties.rate_limit = { type: "integer", minimum: 1 };
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a request enum gets a value",
    change: (doc) => {
      input(doc).properties.type.enum.push("webhook");
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a request enum becomes a free string",
    change: (doc) => {
      delete input(doc).properties.type.enum;
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a request string may be longer",
    change: (doc) => {
      input(doc).properties.name.maxLength = 512;
    },
    there: "minor none",
    back: "major none",
  },
  {
    name: "a request number gets a higher minimum",
    change: (doc) => {
      input(doc).properties.rate_limit.anyOf[0].minimum = 5;
    },
    there: "major none",
    back: "minor none",
  },
  {
    name: "a request default changes",
    change: (doc) => {
      input(doc).properties.type.default = "simple";
    },
    there: "major none",
    back: "major none",
  },
  {
    name: "a request field gets a default",
    change: (doc) => {
      input(doc).properties.url.default = "https://example.com";
    },
    there: "minor none",
    back: "major none",
  },
  {
    name: "a response default changes",
    change: (doc) => {
      schemas(doc).Connector.properties.headers.default = [{ name: "a", value: "b" }];
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "an operation requires a body",
    change: (doc) => {
      doc.paths[RUN].delete.requestBody = {
        required: true,
        content: { "application/json": { schema: { type: "object" } } },
      };
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "an operation takes a body",
    change: (doc) => {
      doc.paths[RUN].delete.requestBody = { content: { "application/json": { schema: { type: "object" } } } };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "an optional body becomes required",
    change: (doc) => {
      doc.paths[RUN].patch.requestBody.required = true;
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a body has another media type",
    change: (doc) => {
      rename(doc.paths[CONNECTORS].post.requestBody.content, "application/json", "application/xml");
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a body may have another media type too",
    change: (doc) => {
      doc.paths[CONNECTORS].post.requestBody.content["application/xml"] = { schema: { type: "string" } };
    },
    there: "minor minor",
    back: "major major",
  },
];

const PARAMETERS: Pair[] = [
  {
    name: "an optional query parameter is new",
    change: (doc) => {
      list(doc).parameters.push({ name: "q", in: "query", schema: { type: "string" } });
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a required query parameter is new",
    change: (doc) => {
      list(doc).parameters.push({ name: "q", in: "query", required: true, schema: { type: "string" } });
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "an optional query parameter becomes required",
    change: (doc) => {
      parameter(doc, "limit").required = true;
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a query parameter is renamed",
    change: (doc) => {
      parameter(doc, "limit").name = "per_page";
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a query parameter's type changes",
    change: (doc) => {
      parameter(doc, "partial").schema = { type: "string" };
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a path parameter takes strings too",
    change: (doc) => {
      parameter(doc, "run_id").schema = { anyOf: [{ type: "integer" }, { type: "string" }] };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a path parameter is renamed",
    change: (doc) => {
      rename(doc.paths, RUN, "/v1/runs/{id}");
      for (const operation of Object.values<Doc>(doc.paths["/v1/runs/{id}"])) {
        operation.parameters[0].name = "id";
      }
    },
    there: "minor major",
    back: "minor major",
  },
  {
    name: "a header parameter becomes required",
    change: (doc) => {
      parameter(doc, "x-trace").required = true;
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a query parameter's default changes",
    change: (doc) => {
      parameter(doc, "limit").schema.default = 20;
    },
    there: "major none",
    back: "major none",
  },
  {
    name: "a query parameter's maximum falls",
    change: (doc) => {
      parameter(doc, "limit").schema.maximum = 100;
    },
    there: "major none",
    back: "minor none",
  },
  {
    name: "a query parameter is written in another way",
    change: (doc) => {
      parameter(doc, "limit").schema = { type: "array", items: { type: "integer" } };
      parameter(doc, "limit").explode = false;
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "the key header is no longer listed",
    change: (doc) => {
      list(doc).parameters = [];
    },
    there: "none none",
    back: "none none",
  },
  {
    name: "the key header becomes a security scheme",
    change: (doc) => {
      list(doc).parameters = [];
      doc.security = [{ key: [] }];
      doc.components.securitySchemes = { key: { type: "apiKey", in: "header", name: "x-apikey" } };
    },
    there: "none none",
    back: "none none",
  },
  {
    name: "the key header is renamed",
    change: (doc) => {
      list(doc).parameters[0].name = "x-api-key";
    },
    there: "major major",
    back: "major major",
  },
];

const OPERATIONS: Pair[] = [
  {
    name: "an operation is new",
    change: (doc) => {
      doc.paths["/v1/more"] = { get: { operationId: "more", responses: { 204: { description: "Nothing" } } } };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a method of a path is new",
    change: (doc) => {
      doc.paths[CONNECTORS].delete = { operationId: "clear", responses: { 204: { description: "Gone" } } };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a path is renamed",
    change: (doc) => {
      rename(doc.paths, RUN, "/v2/runs/{run_id}");
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a path loses its slash",
    change: (doc) => {
      rename(doc.paths, CONNECTORS, "/v1/connectors");
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "an operationId changes",
    change: (doc) => {
      list(doc).operationId = "list_connectors";
    },
    there: "patch major",
    back: "patch major",
  },
  {
    name: "a success status changes",
    change: (doc) => {
      rename(doc.paths[CONNECTORS].post.responses, "201", "200");
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a second success has another body",
    change: (doc) => {
      getRun(doc).responses["202"] = {
        description: "Soon",
        content: { "application/json": { schema: { $ref: "#/components/schemas/ErrorDetail" } } },
      };
    },
    there: "minor major",
    back: "major major",
  },
  {
    name: "a second success has the same body",
    change: (doc) => {
      getRun(doc).responses["202"] = { ...getRun(doc).responses["200"] };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "an error status is new",
    change: (doc) => {
      list(doc).responses["403"] = getRun(doc).responses["404"];
    },
    there: "minor minor",
    back: "minor major",
  },
  {
    name: "a response has no body any more",
    change: (doc) => {
      delete doc.paths[RUN].patch.responses["200"].content;
    },
    there: "major major",
    back: "minor minor",
  },
  {
    name: "a response has another media type",
    change: (doc) => {
      rename(getRun(doc).responses["200"].content, "application/json", "text/plain");
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "a response header is new",
    change: (doc) => {
      list(doc).responses["200"].headers = { "x-total": { schema: { type: "integer" } } };
    },
    there: "minor minor",
    back: "major major",
  },
  {
    name: "a response header's type changes",
    change: (doc) => {
      getRun(doc).responses["200"].headers["x-request-id"].schema.type = "integer";
    },
    there: "major major",
    back: "major major",
  },
  {
    name: "the key is another kind of scheme",
    change: (doc) => {
      doc.components.securitySchemes = { token: { type: "http", scheme: "bearer" } };
      list(doc).security = [{ token: [] }];
    },
    there: "major none",
    back: "minor none",
  },
];

const SAME: Pair[] = [
  {
    name: "a schema is renamed",
    change: (doc) => {
      rename(schemas(doc), "ErrorDetail", "Problem");
      const text = JSON.stringify(doc).replaceAll("schemas/ErrorDetail", "schemas/Problem");
      Object.assign(doc, JSON.parse(text));
    },
    there: "none major",
    back: "none major",
  },
  {
    name: "a schema is written in place",
    change: (doc) => {
      list(doc).responses["200"].content["application/json"].schema.items = schemas(doc).Connector;
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "null is written as a type",
    change: (doc) => {
      schemas(doc).Connector.properties.rate_limit = { type: ["integer", "null"], title: "Rate Limit" };
      run(doc).owner = { oneOf: run(doc).owner.anyOf };
    },
    there: "none none",
    back: "none none",
  },
  {
    name: "null is written as in OpenAPI 3.0",
    change: (doc) => {
      doc.openapi = "3.0.3";
      schemas(doc).Connector.properties = Object.fromEntries(
        Object.entries<Doc>(schemas(doc).Connector.properties).map(([name, schema]) => [
          name,
          schema.anyOf ? { type: schema.anyOf[0].type, nullable: true, title: schema.title } : schema,
        ]),
      );
      input(doc).properties.rate_limit = { type: "integer", minimum: 1, nullable: true };
      run(doc).owner = { ...schemas(doc).NameValue, nullable: true };
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "keys and lists have another order",
    change: (doc) => {
      const turned = reversed(doc);
      for (const key of Object.keys(doc)) {
        delete doc[key];
      }
      Object.assign(doc, turned);
      schemas(doc).Run.required.reverse();
      run(doc).status.enum.reverse();
      run(doc).cost.anyOf.reverse();
      getRun(doc).parameters.reverse();
    },
    there: "none none",
    back: "none none",
  },
  {
    name: "descriptions, titles and summaries change",
    change: (doc) => {
      list(doc).summary = "Lists";
      list(doc).description = "More words";
      schemas(doc).Connector.title = "A connector";
      schemas(doc).Connector.properties.id.description = "The id";
      doc.info.version = "0.2.0";
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "an example changes",
    change: (doc) => {
      list(doc).responses["200"].content["application/json"].example[0].id = 2;
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "an example is new",
    change: (doc) => {
      getRun(doc).responses["404"].content["application/json"].examples = {
        gone: { value: { detail: "Unknown run" } },
      };
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "an operation and a field are deprecated",
    change: (doc) => {
      list(doc).deprecated = true;
      schemas(doc).Connector.properties.url.deprecated = true;
    },
    there: "patch none",
    back: "patch none",
  },
  {
    name: "the server moves",
    change: (doc) => {
      doc.servers = [{ url: "https://api2.databar.ai" }];
    },
    there: "major none",
    back: "major none",
  },
  {
    name: "a union in a response widens nothing",
    change: (doc) => {
      run(doc).created_at = {
        oneOf: [
          { type: "string", format: "date-time", enum: ["2025-01-15T10:30:00Z"] },
          { type: "string", format: "date-time" },
        ],
      };
    },
    there: "none none",
    back: "none none",
  },
  {
    name: "the key header becomes a security scheme",
    change: (doc) => {
      list(doc).parameters = [];
      list(doc).security = [{ ApiKey: [] }];
      doc.components.securitySchemes = { ApiKey: { type: "apiKey", in: "header", name: "X-APIKey" } };
    },
    there: "none none",
    back: "none none",
  },
  {
    name: "a field is called like a keyword",
    change: (doc) => {
      run(doc).description = { type: "string" };
      run(doc).example = { type: "integer" };
      run(doc).items = { type: "string" };
    },
    there: "minor minor",
    back: "major major",
  },
  { name: "nothing changes", change: () => {}, there: "none none", back: "none none" },
];

const PAIRS = [...RESPONSE_FIELDS, ...REQUESTS, ...PARAMETERS, ...OPERATIONS, ...SAME];
const results = new Map<string, { there: Comparison; back: Comparison }>();

function side(change: (doc: Doc) => void): Promise<Side> {
  const doc = pairContract();
  change(doc);
  return readSide(new YamlFile("contract", stringify(doc, { aliasDuplicateObjects: false })));
}

beforeAll(async () => {
  const { diff, run: runDiff } = batchedDiff();
  const old = await side(() => {});
  const sides: Side[] = [];
  for (const { change } of PAIRS) {
    sides.push(await side(change));
  }
  const pending = PAIRS.map(async ({ name }, index) => {
    const now = sides[index] as Side;
    const [there, back] = await Promise.all([compare(old, now, "0.1.0", diff), compare(now, old, "0.1.0", diff)]);
    results.set(name, { there, back });
  });
  await runDiff();
  await Promise.all(pending);
}, 120_000);

function verdictsOf({ wire, compile, changes }: Comparison): { verdicts: string; changes: string[] } {
  const lines = changes.map(({ level, kind, operation, where, message }) =>
    [level, kind, operation, where, message].join(" | "),
  );
  return { verdicts: `${wire} ${compile}`, changes: lines };
}

describe("contract:compare, pair by pair", () => {
  it("has at least 40 pairs", () => {
    expect(new Set(PAIRS.map(({ name }) => name)).size).toBeGreaterThanOrEqual(40);
  });

  it.each(PAIRS)("rates it $there (wire, compile) when $name", ({ name, there }) => {
    const comparison = results.get(name)?.there as Comparison;
    expect(verdictsOf(comparison)).toMatchObject({ verdicts: there });
    expect(comparison.verdict).toBe(worst(there.split(" ") as Level[]));
  });

  it.each(PAIRS)("rates it $back when this is reverted: $name", ({ name, back }) => {
    const comparison = results.get(name)?.back as Comparison;
    expect(verdictsOf(comparison)).toMatchObject({ verdicts: back });
    expect(comparison.verdict).toBe(worst(back.split(" ") as Level[]));
  });

  it("shows bodies that only the new contract allows, for breaking responses", () => {
    const checked = PAIRS.flatMap(({ name, change }) => {
      const [old, now] = [pairContract(), pairContract()];
      change(now);
      const { there, back } = results.get(name) as { there: Comparison; back: Comparison };
      return [...bodies(there, old, now), ...bodies(back, now, old)].map((body) => ({ name, ...body }));
    });
    expect(checked.length).toBeGreaterThanOrEqual(30);
    expect(checked.filter(({ isAllowed, isRefused }) => !isAllowed || !isRefused)).toEqual([]);
  });

  it.each(RESPONSE_FIELDS.filter(({ there }) => there.startsWith("major")))("shows a body when $name", ({ name }) => {
    const { changes } = (results.get(name) as { there: Comparison }).there;
    // What was optional may be missing under the old contract too: its loss breaks a build, but no body shows it.
    const isShown = (message: string): boolean => !message.startsWith("Property count was removed");
    const breaking = changes.filter((each) => each.level === "major" && each.kind === "wire" && isShown(each.message));
    expect(breaking.length).toBeGreaterThanOrEqual(name === "a response field is renamed" ? 0 : 1);
    expect(breaking.filter(({ counterexample }) => counterexample === undefined)).toEqual([]);
  });
});

/** Each counterexample, held against both documents as they are written. */
function bodies(
  { changes }: Comparison,
  old: Doc,
  now: Doc,
): { isAllowed: boolean; isRefused: boolean; body: unknown }[] {
  const [refuses, allows] = [schemaErrors(old), schemaErrors(now)];
  return changes.flatMap(({ operation, where, counterexample: body }) => {
    if (body === undefined || now.openapi === "3.0.3") {
      return [];
    }
    const [method = "", path = ""] = operation.split(" ");
    const [status = "", mediaType = ""] = where.split(" ");
    const schema = ["paths", path, method.toLowerCase(), "responses", status, "content", mediaType, "schema"];
    return [{ body, isAllowed: allows(schema, body).length === 0, isRefused: refuses(schema, body).length > 0 }];
  });
}
