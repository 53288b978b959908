/** Renders the generated files: the table of operations and their examples. */
import type { Content, Contract, JsonObject, Operation } from "../contract/document.js";
import { checkUnusedExamples, examplesOf, schemaCheck } from "../contract/examples.js";

/** `operations.gen.ts`: the contract's statements about each operation. */
export function renderOperations(contract: Contract): string {
  return [
    "/** The contract's operations, by their names in the client. */",
    "export const operations = {",
    ...contract.operations.map((operation) => `  ${text(operation.name)}: ${record(operation)},`),
    "} as const;",
    "",
    "/** The facade's name of an operation. */",
    "export type OperationName = keyof typeof operations;",
    "",
  ].join("\n");
}

/** `examples.gen.ts`: every example of every body. The compiler checks each against the body's type. */
export function renderExamples(contract: Contract): string {
  checkUnusedExamples(contract);
  const check = schemaCheck(contract);
  const bodies = (operation: Operation, key: string, status: string, type: string, content: Content[]): string[] => [
    `    ${key}: {`,
    ...content.flatMap((each) => [
      `      ${text(each.mediaType)}: {`,
      ...examplesOf(contract, check, operation, status, each).map(({ name, source, summary, undocumented, value }) => {
        const body = `${type}["content"][${text(each.mediaType)}]`;
        const satisfied = undocumented.length > 0 ? `Open<${body}>` : body;
        return `        ${text(name)}: { source: ${text(source)}, summary: ${text(summary ?? "")}, value: ${text(value)} satisfies ${satisfied} },`;
      }),
      "      },",
    ]),
    "    },",
  ];
  const operations = contract.operations.map((operation) => {
    const type = `Types[${text(operation.id)}]`;
    return [
      `  ${text(operation.name)}: {`,
      ...(operation.requestBody
        ? bodies(operation, "request", "request", `NonNullable<${type}["requestBody"]>`, operation.requestBody.content)
        : []),
      ...operation.responses.flatMap(({ status, content }) =>
        bodies(operation, statusKey(status), status, `${type}["responses"][${statusKey(status)}]`, content),
      ),
      "  },",
    ].join("\n");
  });
  return [
    'import type { operations as Types } from "./schema.gen.js";',
    "",
    "/** A documented type that lets further fields pass: for examples with fields that the contract does not name. */",
    "type Open<T> = T extends (infer Item)[]",
    "  ? Open<Item>[]",
    "  : T extends object",
    "    ? { [Key in keyof T]: Open<T[Key]> } & { [extra: string]: unknown }",
    "    : T;",
    "",
    "/** Every example: operation, `request` or status, media type, name. */",
    "export const examples = {",
    ...operations,
    "};",
    "",
  ].join("\n");
}

/** `routes.gen.ts`: the routes as types, and the few facts that the client needs at run time. */
export function renderRoutes(contract: Contract): string {
  const resources = new Map<string, string[]>();
  for (const { key, name } of contract.operations) {
    const [, resource = "", method = ""] = /^(?:(.+)\.)?(.+)$/.exec(name) ?? [];
    resources.set(resource, [...(resources.get(resource) ?? []), `    ${text(method)}: ${text(key)};`]);
  }
  const bodiless = contract.operations.filter(({ responses }) =>
    responses.filter(({ status }) => status.startsWith("2")).every(({ content }) => content.length === 0),
  );
  return [
    "/** The route of each operation, by resource and method. */",
    "export interface Routes {",
    ...[...resources].flatMap(([resource, methods]) => [`  ${text(resource)}: {`, ...methods, "  };"]),
    "}",
    "",
    "/** The operations whose successful response has no body. */",
    `export const bodiless: readonly string[] = ${text(bodiless.map(({ name }) => name))};`,
    "",
    "/** The contract's server. */",
    `export const serverUrl = ${text(String(contract.resolve(["servers", 0, "url"]).node))};`,
    "",
  ].join("\n");
}

/** `json-schemas.gen.ts`: the component schemas as JSON Schema, to check values at run time. */
export function renderJsonSchemas(contract: Contract): string {
  const { schemas } = (contract.openapi.data.components ?? {}) as { schemas?: JsonObject };
  return [
    "/** The contract's component schemas; they refer to each other as `#/components/schemas/NAME`. */",
    "export const jsonSchemas: { readonly [name: string]: object } = {",
    ...Object.entries(schemas ?? {}).map(([name, schema]) => `  ${text(name)}: ${text(schema)},`),
    "};",
    "",
  ].join("\n");
}

const TABLE_START = "<!-- methods: written by npm run generate -->\n";
const TABLE_END = "<!-- methods: end -->";

/** A README with its table of methods renewed; as it is, where it has no place for one. */
export function renderReadme(readme: string, contract: Contract): string {
  const start = readme.indexOf(TABLE_START);
  const end = readme.indexOf(TABLE_END);
  if (start < 0 || end < start) {
    return readme;
  }
  const rows = contract.operations.map(({ name, method, path, source, node }) => {
    const page = (node.externalDocs as { url?: string } | undefined)?.url;
    const from = source === "documented" ? (page ? `[page](${page})` : "page") : "official clients";
    return `| \`${name}\` | \`${method} ${path}\` | ${from} |`;
  });
  const table = ["| method | HTTP | known from |", "|---|---|---|", ...rows, ""].join("\n");
  return readme.slice(0, start + TABLE_START.length) + table + readme.slice(end);
}

function record({ id, method, path, source, node, parameters, requestBody, responses }: Operation): string {
  const docs = (node.externalDocs as { url?: string } | undefined)?.url ?? null;
  const fields = { id, method, path, summary: node.summary ?? "", description: node.description ?? "", source, docs };
  const body = requestBody && {
    required: requestBody.required,
    content: Object.fromEntries(requestBody.content.map((each) => [each.mediaType, each.node.schema ?? {}])),
  };
  return [
    "{",
    ...Object.entries(fields).map(([key, value]) => `    ${key}: ${text(value)},`),
    `    parameters: [${parameters.map((parameter) => `\n      ${text(parameter)},`).join("")}${parameters.length > 0 ? "\n    " : ""}],`,
    `    requestBody: ${text(body ?? null)},`,
    "    responses: {",
    ...responses.map(
      ({ status, content }) => `      ${statusKey(status)}: ${text(content.map(({ mediaType }) => mediaType))},`,
    ),
    "    },",
    "  }",
  ].join("\n");
}

/** As openapi-typescript writes it: a number where it is one. */
function statusKey(status: string): string {
  return /^\d+$/.test(status) ? status : text(status);
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
