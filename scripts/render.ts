/** The text of the generated tables: what each operation is, and its examples. */
import type { Contract, Operation, Response } from "./contract.js";
import { checkUnusedExamples, responseExamples, schemaCheck } from "./examples.js";

/** `operations.gen.ts`: one record per operation, and every example, held by the compiler to its response type. */
export function renderOperations(contract: Contract): string {
  checkUnusedExamples(contract);
  const check = schemaCheck(contract);
  const records = contract.operations.map((operation) => `  ${text(operation.name)}: ${record(operation)},`);
  const examples = contract.operations.map((operation) => {
    const statuses = operation.responses.map((response) => {
      const mediaTypes = response.content.map(({ mediaType }) => {
        const type = `Types[${text(operation.id)}]["responses"][${statusKey(response.status)}]["content"][${text(mediaType)}]`;
        const entries = responseExamples(contract, check, operation, response.status, mediaType).map((example) => {
          const { name, source, summary, undocumented, value } = example;
          const satisfied = undocumented.length > 0 ? `Open<${type}>` : type;
          return `        ${text(name)}: { source: ${text(source)}, summary: ${text(summary ?? "")}, value: ${text(value)} satisfies ${satisfied} },`;
        });
        return [`      ${text(mediaType)}: {`, ...entries, "      },"].join("\n");
      });
      return [`    ${statusKey(response.status)}: {`, ...mediaTypes, "    },"].join("\n");
    });
    return [`  ${text(operation.name)}: {`, ...statuses, "  },"].join("\n");
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
    "/** What the contract says of each operation. */",
    "export const operations = {",
    ...records,
    "} as const;",
    "",
    "/** The facade's name of an operation. */",
    "export type OperationName = keyof typeof operations;",
    "",
    "/** Every example: operation, status, media type, name. */",
    "export const examples = {",
    ...examples,
    "};",
    "",
  ].join("\n");
}

/** `routes.gen.ts`: the little that the client needs at run time. */
export function renderRoutes(contract: Contract): string {
  const names = contract.operations.map(({ key, name }) => `  ${text(key)}: ${text(name)},`);
  const bodiless = contract.operations.filter(({ responses }) =>
    responses.filter(isSuccess).every(({ content }) => content.length === 0),
  );
  return [
    "/** The name of each operation. */",
    "export const operationNames: { readonly [route: string]: string } = {",
    ...names,
    "};",
    "",
    "/** The operations whose success carries no body. */",
    `export const bodiless: readonly string[] = ${text(bodiless.map(({ name }) => name))};`,
    "",
    "/** The contract's server. */",
    `export const serverUrl = ${text(serverUrl(contract))};`,
    "",
  ].join("\n");
}

function serverUrl(contract: Contract): string {
  return String(contract.resolve(["servers", 0, "url"]).node);
}

function record({ id, method, path, node, parameters, responses }: Operation): string {
  const docs = (node.externalDocs as { url?: string } | undefined)?.url ?? null;
  return [
    "{",
    `    id: ${text(id)},`,
    `    method: ${text(method)},`,
    `    path: ${text(path)},`,
    `    summary: ${text(node.summary ?? "")},`,
    // The contract is a collection of published pages; what comes from elsewhere says so.
    `    source: ${text(node["x-source"] ?? "documented")},`,
    `    docs: ${text(docs)},`,
    `    parameters: [${parameters.map(text).join(", ")}],`,
    "    responses: {",
    ...responses.map(
      ({ status, content }) => `      ${statusKey(status)}: ${text(content.map(({ mediaType }) => mediaType))},`,
    ),
    "    },",
    "  }",
  ].join("\n");
}

function isSuccess({ status }: Response): boolean {
  return status.startsWith("2");
}

/** As openapi-typescript writes it: a number where it is one. */
function statusKey(status: string): string {
  return /^\d+$/.test(status) ? status : text(status);
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
