/** `validators.gen.js`: for each body of the contract, the function that collects what differs from its schema. */
import { _, Ajv } from "ajv";
import standaloneModule from "ajv/dist/standalone/index.js";
import type { Validate, Validators } from "../../src/generated/validators.gen.js";
import type { Contract, Json, JsonObject } from "../contract/document.js";
import { addDriftKeywords } from "./drift-keywords.js";
import { DEFINITIONS, DriftSchemas } from "./drift-schema.js";

// The module is CommonJS: its function is the default of its default.
const standalone = standaloneModule.default;

/**
 * The formats that are checked: so loosely that a report does not depend on the finer points of a standard, and without
 * regular expressions, which would take longer than the rest of a check. This is code, for the generated file.
 */
const FORMATS: Record<string, string> = {
  uuid: "text.length === 36 && text.charCodeAt(8) === 45 && text.charCodeAt(23) === 45",
  "date-time": "text.length > 15 && text.charCodeAt(4) === 45 && text.charCodeAt(13) === 58",
  date: "text.length === 10 && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45",
  email: 'text.indexOf("@") > 0',
  uri: 'text.indexOf(":") > 0',
};

type Format = (text: string) => boolean;

/** The bodies of a contract: operation, then status or `request`; the id of a schema, `null` for a body without JSON. */
type Bodies = Record<string, Record<string, string | null>>;

/** The text of the module and of its declaration. */
export function renderValidators(contract: Contract): { code: string; declaration: string } {
  const { ajv, bodies } = prepare(contract);
  const ids = [...new Set(Object.values(bodies).flatMap((own) => Object.values(own)))].filter((id) => id !== null);
  const names = new Map(ids.map((id, index) => [id, `check${index}`]));
  const text = standalone(ajv, Object.fromEntries([...names].map(([id, name]) => [name, id])));
  const table = Object.entries(bodies).map(([operation, own]) => {
    const entries = Object.entries(own).map(([status, id]) => `${status}: ${id === null ? null : names.get(id)}`);
    return `  ${JSON.stringify(operation)}: { ${entries.join(", ")} },`;
  });
  return {
    code: [
      PUSH,
      `const formats = { ${Object.entries(FORMATS).map(([name, code]) => `${JSON.stringify(name)}: (text) => ${code}`)} };`,
      compact(text),
      "export const validators = {",
      ...table,
      "};",
      "",
    ].join("\n"),
    declaration: DECLARATION,
  };
}

const DECLARATION = `/** How much of a body is checked. It is the \`this\` of the generated functions. */
export interface Sampling {
  /** The largest number of items of a list, or of keys of a map, that are checked. */
  limit: number;
  /** Where the checked items of a longer list start: from 0 up to, not including, 1. */
  offset: number;
}

/** An error as ajv reports it in verbose mode, with a path that names no index and no key of a map. */
export interface Problem {
  keyword: string;
  instancePath: string;
  params: { missingProperty?: string; name?: string; value?: unknown; format?: string };
  parentSchema: { expected?: string; enum?: readonly unknown[]; properties?: Record<string, { expected?: string }> };
  data: unknown;
}

/** A generated function: whether a body fits, and in \`errors\` what does not. */
export interface Validate {
  (this: Sampling, body: unknown): boolean;
  errors?: readonly Problem[] | null;
}

/** Operation, then status or \`request\`: the check of the body, \`null\` for a body without JSON. */
export type Validators = Readonly<Record<string, Readonly<Record<string, Validate | null>>>>;

export declare const validators: Validators;
`;

/** Collects an error. ajv writes these lines for each check: one function takes a third of their size. */
const PUSH = `function push(errors, keyword, instancePath, params, parentSchema, data) {
  const error = { keyword, instancePath, params, parentSchema, data };
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}`;

/** What ajv writes for an error, its parts in parentheses. */
const ERROR =
  /const (err\d+) = \{instancePath(?::([^,]+))?,schemaPath:"[^"]*",keyword:"(\w+)",params:(\{[^{}]*\}),schema:[^:]*,parentSchema:([^,:]+),data(?::(\w+(?:\.\w+|\["[^"]*"\])*))?\};if\(vErrors === null\)\{vErrors = \[\1\];\}else \{vErrors\.push\(\1\);\}errors\+\+;/g;

/** ajv's text with shorter errors, one statement of the module a line, and without exports: only the table is exported. */
function compact(text: string): string {
  return (
    text
      .replace(/^"use strict";/, "")
      .replaceAll(/export const (check\d+) = (\w+);/g, "const $1 = $2;")
      .replaceAll(
        ERROR,
        (_, __, path = "instancePath", keyword: string, params: string, parent: string, data = "data") =>
          `vErrors = push(vErrors,"${keyword}",${path},${/missing|name/.test(params) ? params : "{}"},${parent},${data});errors++;`,
      )
      // The only part of the context that anything reads is the path.
      .replaceAll(/\{instancePath="", parentData, parentDataProperty, rootData=data\}=\{\}/g, 'instancePath = ""')
      .replaceAll(
        /\{instancePath(?::([^,{}]+))?,parentData(?::[^,{}]+)?,parentDataProperty(?::[^,{}]+)?,rootData\}/g,
        (_, path) => path ?? "instancePath",
      )
      .replaceAll(/\/\*# sourceURL="[^"]*" \*\/;/g, "")
      .replaceAll(/;(?=const (?:schema|check)\d|function )/g, ";\n")
      .replaceAll(/\}(?=const schema\d|function )/g, "}\n")
  );
}

/** The same functions for a contract that is read at run time. Each is compiled when it is asked for. */
export function compileValidators(contract: Contract): Validators {
  const { ajv, bodies } = prepare(contract);
  const validators: Record<string, Record<string, Validate | null>> = {};
  for (const [operation, own] of Object.entries(bodies)) {
    const table: Record<string, Validate | null> = {};
    for (const [status, id] of Object.entries(own)) {
      const get = (): Validate | null => (id === null ? null : (ajv.getSchema(id) as Validate));
      Object.defineProperty(table, status, { enumerable: true, get });
    }
    validators[operation] = table;
  }
  return validators;
}

/** Fields that the examples declare as undocumented: the server is known to send them. By status. */
function knownExtras({ examples }: Contract): Record<string, string[]> {
  const extras: Record<string, string[]> = {};
  for (const statuses of Object.values(examples.data.operations ?? {})) {
    for (const [status, mediaTypes] of Object.entries(statuses as JsonObject)) {
      const named = Object.values((mediaTypes ?? {}) as JsonObject).flatMap((each) =>
        Object.values(each as JsonObject),
      );
      const names = named.flatMap((example) => (example as { undocumented?: string[] }).undocumented ?? []);
      if (names.length > 0) {
        extras[status] = [...new Set([...(extras[status] ?? []), ...names])];
      }
    }
  }
  return extras;
}

/** The same fields by component schema: those that bodies of such a status consist of. */
function tolerated(contract: Contract): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [status, names] of Object.entries(knownExtras(contract))) {
    const add = (node: Json | undefined): void => {
      if (typeof node !== "object" || node === null) {
        return;
      }
      const name = Array.isArray(node) ? undefined : /^#\/components\/schemas\/(.+)$/.exec(String(node.$ref))?.[1];
      if (name !== undefined && !found.has(name)) {
        found.set(name, names);
        add(contract.resolve(["components", "schemas", name]).node);
      }
      Object.values(node).forEach(add);
    };
    const responses = contract.operations.flatMap((operation) => operation.responses);
    for (const { content } of responses.filter((each) => each.status === status)) {
      for (const { node } of content) {
        add(node.schema);
      }
    }
  }
  return found;
}

function prepare(contract: Contract): { ajv: Ajv; bodies: Bodies } {
  const schemas = new DriftSchemas(contract, tolerated(contract));
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    messages: false,
    verbose: true,
    passContext: true,
    validateSchema: false,
    // Length in UTF-16 units: it needs no function of ajv's at run time.
    unicode: false,
    formats: Object.fromEntries(
      Object.entries(FORMATS).map(([name, code]) => [name, new Function("text", `return ${code};`) as Format]),
    ),
    logger: false,
    code: { source: true, esm: true, formats: _`formats` },
  });
  addDriftKeywords(ajv);
  ajv.addSchema({ $id: "contract", $defs: schemas.definitions() });
  const ids = new Map<string, string>();
  const idOf = (schema: JsonObject): string => {
    const { $ref, expected: __, ...rest } = schema;
    if (typeof $ref === "string" && $ref.startsWith(DEFINITIONS) && Object.keys(rest).length === 0) {
      return $ref;
    }
    const text = JSON.stringify(schema);
    const id = ids.get(text) ?? `body${ids.size}`;
    if (!ids.has(text)) {
      ids.set(text, id);
      ajv.addSchema({ ...schema, $id: id });
    }
    return id;
  };
  const body = (content: readonly { mediaType: string; node: JsonObject }[]): string | null => {
    const json = content.find(({ mediaType }) => /[/+]json$/.test(mediaType));
    return json ? idOf(schemas.transform(json.node.schema)) : null;
  };
  const bodies = Object.fromEntries(
    contract.operations.map(({ name, requestBody, responses }) => [
      name,
      {
        ...(requestBody && { request: body(requestBody.content) }),
        ...Object.fromEntries(responses.map(({ status, content }) => [status, body(content)])),
      },
    ]),
  );
  return { ajv, bodies };
}
