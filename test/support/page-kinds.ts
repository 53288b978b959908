/** A small part of the stored contract, and a page for each known or expected kind of change to it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Level } from "../../scripts/contract/compare/change.js";
import { type JsonObject, operationNodes } from "../../scripts/contract/document.js";
import { reachable } from "../../scripts/contract/import/parts.js";
import { edited } from "../../scripts/contract/import/yaml.js";
import { operations } from "../../src/generated/operations.gen.js";

// biome-ignore lint/suspicious/noExplicitAny: a document that the kinds reach into
export type Doc = any;

const CONNECTORS = operations["connectors.list"].path;
const CONNECTOR = operations["connectors.get"].path;
const TASK = "/v1/tasks/{task_id}";
const PATHS = [CONNECTORS, CONNECTOR, TASK];

function part(name: string, change: (data: Doc) => Doc): string {
  const text = readFileSync(join("openapi", name), "utf8");
  return edited(text, change(parse(text)));
}

const isKept = (key: string): boolean => PATHS.includes(key.split(" ")[1] ?? "");
const kept = (data: JsonObject): JsonObject => Object.fromEntries(Object.entries(data).filter(([key]) => isKept(key)));

/** The part of the stored contract for {@link PATHS}, with its comments and marks. */
export const STORED: Record<string, string> = {
  "openapi.yaml": part("openapi.yaml", (data: Doc) => {
    const paths = Object.fromEntries(Object.entries(data.paths).filter(([path]) => PATHS.includes(path)));
    const used = reachable(data, [paths as JsonObject]);
    const schemas = Object.entries(data.components.schemas).filter(([name]) => used.has(`schemas/${name}`));
    return { ...data, paths, components: { schemas: Object.fromEntries(schemas) } };
  }),
  "names.yaml": part("names.yaml", kept),
  "examples.yaml": part("examples.yaml", (data: Doc) => {
    const { "*": all } = data.operations;
    const statuses = Object.entries(all).filter(([status]) => !["400", "406", "409"].includes(status));
    return { ...data, operations: { "*": Object.fromEntries(statuses), ...kept(data.operations) } };
  }),
};

/** The page of one operation as the API's site would publish it, without this project's own marks. */
export function pageOf(key: string, change: (doc: Doc) => void = () => {}, contract = STORED["openapi.yaml"]): string {
  const data: Doc = withoutOwn(parse(contract ?? ""));
  const [method = "", path = ""] = key.split(" ");
  const doc = {
    ...data,
    paths: { [path]: { [method.toLowerCase()]: data.paths[path]?.[method.toLowerCase()] ?? {} } },
  };
  change(doc);
  const [operation] = operationNodes(doc);
  const schemas = reachable(doc, [operation?.node ?? null]);
  doc.components.schemas = Object.fromEntries(
    Object.entries(doc.components.schemas).filter(([name]) => schemas.has(`schemas/${name}`)),
  );
  return `# Page\n\n\`\`\`\`yaml ${operation?.key ?? key}\n${stringify(doc, { aliasDuplicateObjects: false })}\`\`\`\`\n`;
}

/** Removes marks, sources, declared tags, and the parts that no published page has. */
function withoutOwn(node: Doc): Doc {
  if (Array.isArray(node)) {
    return node.filter((item) => item?.["x-added"] === undefined).map(withoutOwn);
  }
  if (typeof node !== "object" || node === null) {
    return node;
  }
  const entries = Object.entries<Doc>(node).filter(
    ([key, value]) => !["x-added", "x-corrected", "x-source"].includes(key) && typeof value?.["x-added"] !== "string",
  );
  return Object.fromEntries(
    entries
      .filter(([key, value]) => key !== "tags" || typeof value[0] === "string")
      .map(([key, value]) => [key, withoutOwn(value)]),
  );
}

export interface Kind {
  name: string;
  /** The text of each page by file name. A `.json` or `.yaml` file is a whole contract. */
  pages: Record<string, string>;
  options?: { accept?: readonly string[]; servers?: boolean };
  /** The error message if the import is rejected. */
  refused?: RegExp | string;
  verdict?: Level;
  /** The files of `openapi/` that change. */
  touched?: string[];
  /** Lines that the import prints, among others. */
  reports?: RegExp | string;
  /** The remaining manual steps, each as `file: step`. */
  checklist?: (string | RegExp)[];
}

const operation = (doc: Doc): Doc => operationNodes(doc)[0]?.node;
const connector = (doc: Doc): Doc => doc.components.schemas.Connector.properties;
const page = (name: string, key: string, change?: (doc: Doc) => void): Record<string, string> => ({
  [name]: pageOf(key, change),
});
const one = (key: string, change?: (doc: Doc) => void): Record<string, string> => page("page.md", key, change);
const whole = (change: (doc: Doc) => void, mark = false): Doc => {
  const doc = mark ? parse(STORED["openapi.yaml"] ?? "") : withoutOwn(parse(STORED["openapi.yaml"] ?? ""));
  change(doc);
  return doc;
};
const OPENAPI = ["openapi.yaml"];
const LIST = `GET ${CONNECTORS}`;
const GET = `GET ${CONNECTOR}`;

/** A page of a new operation of an existing resource: `GET /v1/connectors/{connector_id}/WORD`. */
export const newOperation = (word: string): Record<string, string> =>
  one(LIST, (doc) => {
    doc.paths = { [`${CONNECTOR}/${word}`]: { get: operation(doc) } };
    const node = operation(doc);
    node.operationId = `connector_${word}`;
    node.summary = `Get the ${word} of a connector`;
    node.parameters.push(
      { name: "connector_id", in: "path", required: true, schema: { type: "integer" } },
      { name: "month", in: "query", required: true, schema: { type: "string" } },
    );
    const schema = { $ref: `#/components/schemas/Connector_${word}` };
    node.responses["200"].content["application/json"] = { schema, example: { calls: 3 } };
    doc.components.schemas[`Connector_${word}`] = {
      type: "object",
      required: ["calls"],
      properties: { calls: { type: "integer" } },
    };
  });

/** A page of an operation of a new resource: `POST /v1/NOUNs`. */
export const newResource = (noun: string): Record<string, string> =>
  one(`POST ${CONNECTORS}`, (doc) => {
    doc.paths = { [`/v1/${noun}s`]: { post: operation(doc) } };
    const node = operation(doc);
    node.operationId = `create_${noun}`;
    node.summary = `Create the ${noun}`;
    node.tags = ["Table"];
    const schema = { $ref: `#/components/schemas/${noun}_create` };
    node.requestBody.content["application/json"] = { schema };
    node.responses["201"].content["application/json"] = { schema };
    doc.components.schemas[`${noun}_create`] = {
      type: "object",
      required: ["text"],
      properties: { text: { type: "string" } },
    };
  });

export const SLASH = one(LIST, (doc) => {
  doc.paths = { [CONNECTORS.slice(0, -1)]: { get: operation(doc) } };
  operation(doc).operationId = "list_connectors_v1_connectors_get";
});

export const KINDS: Kind[] = [
  {
    name: "the page as it is",
    pages: one(LIST),
    verdict: "none",
    touched: [],
    reports: /Nothing to change; 1 operation/,
  },
  {
    name: "a new field in a schema that other operations use",
    pages: one(LIST, (doc) => {
      connector(doc).team = { type: "string" };
    }),
    verdict: "minor",
    touched: OPENAPI,
    reports: /replaced {2}schemas\/Connector\n +properties\.team: added .*\n +also used by POST/,
    checklist: [],
  },
  {
    name: "a widened field in a schema that other operations use",
    pages: one(LIST, (doc) => {
      connector(doc).rate_limit.anyOf.push({ type: "string" });
    }),
    refused: /page\.md:\d+: components\/schemas\/Connector differs .* used by POST .*PUT [\s\S]*--accept Connector/,
  },
  {
    name: "a widened field that is accepted",
    pages: one(LIST, (doc) => {
      connector(doc).rate_limit.anyOf.push({ type: "string" });
    }),
    options: { accept: ["Connector"] },
    verdict: "major",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "a narrowed field",
    pages: one(LIST, (doc) => {
      connector(doc).rate_limit = { type: "integer", title: "Rate Limit" };
    }),
    verdict: "minor",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "FastAPI's input and ctx",
    pages: one(LIST, (doc) => {
      Object.assign(doc.components.schemas.ValidationError.properties, { input: {}, ctx: { type: "object" } });
    }),
    verdict: "minor",
    touched: OPENAPI,
    reports: /schemas\/ValidationError/,
    checklist: [],
  },
  {
    name: "a path without its last slash",
    pages: SLASH,
    verdict: "major",
    touched: ["names.yaml", "openapi.yaml"],
    reports: `renamed   GET ${CONNECTORS.slice(0, -1)} (was ${LIST})`,
    checklist: [
      "src/resources/connectors.ts: the route is another",
      "test/contract/table.ts: the path is another",
      "docs/api.md: write the table of methods again: npm run generate",
      "AGENTS.md: write its table of methods again: npx vitest run test/tooling/docs-tables.test.ts -u",
    ],
  },
  {
    name: "a list that gets pages",
    pages: one(LIST, (doc) => {
      const node = operation(doc);
      node.parameters.push({ name: "page", in: "query", required: false, schema: { type: "integer" } });
      const content = node.responses["200"].content["application/json"];
      const envelope = { type: "object", required: ["items"], properties: { items: content.schema } };
      content.schema = { anyOf: [content.schema, envelope] };
    }),
    verdict: "major",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "a page for an operation that only clients knew, with the same schema",
    pages: one(GET),
    verdict: "patch",
    touched: OPENAPI,
    reports: `replaced  ${GET}`,
    checklist: [],
  },
  {
    name: "a page for an operation that only clients knew, with another schema name",
    pages: one(GET, (doc) => {
      const content = operation(doc).responses["200"].content["application/json"];
      doc.components.schemas.ConnectorResponse = { ...doc.components.schemas.Connector, title: "ConnectorResponse" };
      content.schema = { $ref: "#/components/schemas/ConnectorResponse" };
    }),
    verdict: "minor",
    touched: OPENAPI,
  },
  {
    name: "a new operation",
    pages: newOperation("usage"),
    verdict: "minor",
    touched: OPENAPI,
    checklist: [
      "openapi/names.yaml: name the method",
      "src/resources/connectors.ts: add the method connectors.usage",
      "test/contract/table.ts: add the contract test",
      "test/client/call-options.test.ts: add the test of the call's options",
      "docs/api.md: write the table of methods again: npm run generate",
      "AGENTS.md: write its table of methods again: npx vitest run test/tooling/docs-tables.test.ts -u",
    ],
  },
  {
    name: "a new operation of a new resource",
    pages: newResource("alert"),
    verdict: "minor",
    touched: OPENAPI,
    checklist: [
      "openapi/names.yaml: name the method",
      "src/resources/alerts.ts: add the resource alerts",
      "src/client.ts: add Alerts",
      "test/contract/table.ts: add the contract test",
      "test/client/call-options.test.ts: add the test of the call's options",
    ],
  },
  {
    name: "broken YAML",
    pages: { "page.md": pageOf(LIST).replace("security: []", "security: [}") },
    refused: /page\.md:\d+: the block is not valid YAML/,
  },
  { name: "no block", pages: { "page.md": "# Words only\n" }, refused: /page\.md:1: no OpenAPI block/ },
  {
    name: "pages that disagree",
    pages: {
      "1.md": pageOf(LIST),
      "2.md": pageOf(`POST ${CONNECTORS}`, (doc) => {
        connector(doc).rate_limit = { type: "string" };
      }),
    },
    refused: /2\.md:\d+: components\/schemas\/Connector differs from the one of .*1\.md:\d+[\s\S]*--accept Connector/,
  },
  {
    name: "a whole contract as JSON",
    pages: { "openapi.json": JSON.stringify(whole(() => {})) },
    verdict: "none",
    touched: [],
  },
  {
    name: "a whole contract with a new field and a new operation",
    pages: {
      "openapi.yaml": stringify(
        whole((doc) => {
          connector(doc).team = { type: "string" };
          const node = structuredClone(doc.paths[CONNECTOR].get);
          doc.paths[`${CONNECTOR}/copy`] = { get: { ...node, operationId: "copy" } };
        }),
      ),
    },
    verdict: "minor",
    touched: OPENAPI,
    checklist: [
      /names\.yaml: name/,
      /connectors\.ts: add the method connectors\.copy/,
      /table\.ts: add/,
      /docs\/api\.md/,
    ],
  },
  {
    name: "another example",
    pages: one(LIST, (doc) => {
      operation(doc).responses["200"].content["application/json"].example[0].name = "Another";
    }),
    verdict: "patch",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "OpenAPI 3.0 with nullable",
    pages: one(LIST, (doc) => {
      doc.openapi = "3.0.3";
      connector(doc).team = { type: "string", nullable: true };
    }),
    verdict: "minor",
    touched: OPENAPI,
    reports: /properties\.team: added \{"type":\["string","null"\]\}/,
    checklist: [],
  },
  {
    name: "a removed operation",
    pages: {
      "openapi.yaml": stringify(
        whole((doc) => {
          delete doc.paths[CONNECTOR].delete;
        }, true),
      ),
    },
    verdict: "major",
    touched: ["names.yaml", "openapi.yaml"],
    reports: `removed   DELETE ${CONNECTOR}`,
    checklist: [
      /^src\/resources\/connectors\.ts: delete the method of DELETE/,
      "test/contract/table.ts: delete the method's row",
      "test/client/call-options.test.ts: delete the method's row",
      /connectors\.delete is gone/,
      "docs/api.md: write the table of methods again: npm run generate",
      "AGENTS.md: write its table of methods again: npx vitest run test/tooling/docs-tables.test.ts -u",
    ],
  },
  {
    name: "a whole contract of Databar's without the operations that only clients know",
    pages: {
      "openapi.yaml": stringify(
        whole((doc) => {
          delete doc.paths[CONNECTOR].delete;
          delete doc.paths["/v1/tasks/{task_id}/cancel"];
        }),
      ),
    },
    verdict: "none",
    touched: [],
    reports: /kept {6}DELETE .*\n +the file lacks it; it is known from clients/,
  },
  {
    name: "a oneOf that widens nothing",
    pages: one(LIST, (doc) => {
      connector(doc).type = { oneOf: [{ type: "string", enum: ["simple"] }, { type: "string" }], title: "Type" };
    }),
    verdict: "none",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "a multipart body",
    pages: one(`POST ${CONNECTORS}`, (doc) => {
      operation(doc).requestBody.content = { "multipart/form-data": { schema: { type: "object" } } };
    }),
    refused: `POST ${CONNECTORS} takes multipart/form-data, which is not supported`,
  },
  {
    name: "header and cookie parameters",
    pages: one(LIST, (doc) => {
      operation(doc).parameters.push(
        { name: "x-trace", in: "header", required: false, schema: { type: "string" } },
        { name: "session", in: "cookie", required: false, schema: { type: "string" } },
      );
    }),
    verdict: "minor",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "other servers",
    pages: one(LIST, (doc) => {
      doc.servers = [{ url: "https://evil.example" }];
    }),
    verdict: "none",
    touched: [],
    reports: /kept {6}servers\n +.*evil.*\n[\s\S]* +a page does not change the host; --servers takes it/,
  },
  {
    name: "other servers with --servers",
    pages: one(LIST, (doc) => {
      doc.servers = [{ url: "https://api2.databar.ai" }];
    }),
    options: { servers: true },
    verdict: "major",
    touched: OPENAPI,
    checklist: [],
  },
  {
    name: "the key as a security scheme",
    pages: page("connectors-create.md", `POST ${CONNECTORS}`, (doc) => {
      operation(doc).parameters = [];
      doc.security = [{ APIKeyHeader: [] }];
      doc.components.securitySchemes = { APIKeyHeader: { type: "apiKey", in: "header", name: "x-apikey" } };
    }),
    verdict: "none",
    touched: OPENAPI,
    reports: /added {5}securitySchemes\/APIKeyHeader\n +the API key, which the client sends by itself/,
    checklist: [],
  },
  {
    name: "a page without the parts that only clients know",
    pages: one(`GET ${TASK}`),
    verdict: "none",
    touched: [],
    reports:
      /unchanged GET \/v1\/tasks\/\{task_id\}\n +parameters\.include_partial: kept, though not on the page \(x-added: sdk\)/,
  },
  {
    name: "a page that now states a part that only clients knew",
    pages: one(`GET ${TASK}`, (doc) => {
      operation(doc).parameters.push({ name: "include_partial", in: "query", schema: { type: "boolean" } });
    }),
    verdict: "major",
    touched: OPENAPI,
    reports: /replaced {2}GET \/v1\/tasks\/\{task_id\}/,
    checklist: [],
  },
  {
    name: "another path with the same operationId",
    pages: one(LIST, (doc) => {
      doc.paths = { "/v1/apis": { get: operation(doc) } };
    }),
    verdict: "major",
    touched: ["names.yaml", "openapi.yaml"],
    reports: `renamed   GET /v1/apis (was ${LIST})`,
    checklist: [/connectors\.ts: the route is another/, /table\.ts: the path is another/, /docs\/api\.md/],
  },
  {
    name: "a new error status",
    pages: one(LIST, (doc) => {
      operation(doc).responses["425"] = operation(doc).responses["422"];
    }),
    verdict: "minor",
    touched: OPENAPI,
    checklist: ["src/errors: no operation documented status 425 before: add it to the status table"],
  },
  {
    name: "a new tag",
    pages: one(LIST, (doc) => {
      operation(doc).tags = ["Integrations"];
    }),
    verdict: "patch",
    touched: OPENAPI,
    checklist: ["openapi/openapi.yaml: declare the tag Integrations under tags, with a description"],
  },
];
