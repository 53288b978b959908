/** The text of the generated tables: what each operation is, and its examples. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Content, type Contract, type JsonObject, KEY_HEADER, type Operation } from "../contract/document.js";
import { checkUnusedExamples, examplesOf, schemaCheck } from "../contract/examples.js";
import { root } from "../project.js";

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
  const bodiless = contract.operations.filter(({ responses }) =>
    responses.filter(({ status }) => status.startsWith("2")).every(({ content }) => content.length === 0),
  );
  return [
    "/** The route of each operation, by the facade's name for it. */",
    "export interface Routes {",
    ...contract.operations.map(({ key, name }) => `  ${text(name)}: ${text(key)};`),
    "}",
    "",
    "/** The operations whose successful response has no body. */",
    `export const bodiless: readonly string[] = ${text(bodiless.map(({ name }) => name))};`,
    "",
    "/** The contract's server. */",
    `export const serverUrl = ${text(String(contract.resolve(["servers", 0, "url"]).node))};`,
    "",
    "/** The header that carries the key. */",
    `export const keyHeader = ${text(KEY_HEADER)};`,
    "",
  ].join("\n");
}

/** `schemas.gen.ts`: the component schemas as types, for the package's root export. */
export function renderSchemaTypes(contract: Contract): string {
  const { schemas } = (contract.openapi.data.components ?? {}) as { schemas?: JsonObject };
  // The root export's ValidationError is the error class; the schema is an entry of HTTPValidationError's detail.
  const names = Object.keys(schemas ?? {}).filter((name) => name !== "ValidationError");
  return ["export type {", ...names.sort().map((name) => `  ${name},`), '} from "./schema.gen.js";', ""].join("\n");
}

/** `json-schemas.gen.ts`: the component schemas as JSON Schema, for whoever checks values at run time. */
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

const METHODS_START = "<!-- methods: written by npm run generate -->\n";
const METHODS_END = "<!-- methods: end -->";

/** The text of a guide with its tables of methods renewed. A guide without the two marks stays as it is. */
export function renderMethods(guide: string, contract: Contract): string {
  const start = guide.indexOf(METHODS_START);
  const end = guide.indexOf(METHODS_END);
  if (start < 0 || end < start) {
    return guide;
  }
  const resources = new Map<string, string[]>();
  for (const { name, method, path, source, node } of contract.operations) {
    const page = (node.externalDocs as { url?: string } | undefined)?.url;
    const from = source === "documented" ? (page ? `[page](${page})` : "page") : "official clients";
    const resource = name.slice(0, name.lastIndexOf("."));
    const rows = resources.get(resource) ?? [];
    rows.push(`| \`${name}\` | ${node.summary ?? ""} | \`${method} ${path}\` | ${from} |`);
    resources.set(resource, rows);
  }
  const tables = [...resources].flatMap(([resource, rows]) => [
    `### ${headingOf(resource)}`,
    "",
    "| Method | What it does | Request | Known from |",
    "|---|---|---|---|",
    ...rows,
    "",
  ]);
  return guide.slice(0, start + METHODS_START.length) + ["", ...tables, ""].join("\n") + guide.slice(end);
}

/** A resource's name with a link to its source, where the methods and their types are described. */
function headingOf(resource: string): string {
  const folder = `src/resources/${resource.replaceAll(".", "/")}`;
  const file = [`${folder}.ts`, `${folder}/index.ts`].find((path) => existsSync(join(root, path)));
  return file ? `[${resource}](../${file})` : resource || "Other";
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
