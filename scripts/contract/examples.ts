/** Finds every example of every documented body and checks it against its schema. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";
import {
  type Content,
  type Contract,
  ContractError,
  isObject,
  type Json,
  type JsonObject,
  type Operation,
  type Path,
  unescapeKey,
  valueAt,
} from "./document.js";

// ajv-formats is CommonJS: its function is the default of its default.
const addFormats = addFormatsModule.default;

export interface Example {
  name: string;
  /** Where it is from: `documented`, published by Databar, or `synthesised`, written for this project. */
  source: string;
  summary?: string;
  /** Fields that the server sends although the contract does not name them. */
  undocumented: string[];
  value: Json;
  /** `openapi/openapi.yaml:52:17` of a path inside the example. */
  place: (inside?: Path) => string;
}

/**
 * All examples of one body: at least one, each fitting its schema.
 *
 * @param status - The response's, or `request`.
 */
export function examplesOf(
  contract: Contract,
  check: ReturnType<typeof schemaCheck>,
  operation: Operation,
  status: string,
  { mediaType, at }: Content,
): Example[] {
  const own = [...published(contract, operation, at), ...synthesised(contract, operation.key, status, mediaType)];
  const examples = own.length > 0 ? own : synthesised(contract, "*", status, mediaType);
  const where = `${operation.key} -> ${status} ${mediaType}`;
  if (examples.length === 0) {
    throw new ContractError(
      `${contract.openapi.place(at)}: ${where} has no example; add one to openapi/examples.yaml under operations > "${operation.key}" > "${status}" > ${mediaType}`,
    );
  }
  for (const example of examples) {
    const problem = check([...at, "schema"], example.value, example.undocumented);
    if (problem) {
      throw new ContractError(
        `${example.place(problem.at)}: ${where}, example "${example.name}" does not fit its schema: ${problem.message}`,
      );
    }
  }
  return examples;
}

/** Whether a body at a path of the contract has an example, its own or one for all operations. */
export function hasExample(openapi: JsonObject, examples: JsonObject, key: string, status: string, at: Path): boolean {
  const content = valueAt(openapi, at);
  const mediaType = String(at.at(-1));
  return (
    (isObject(content) && (content.example !== undefined || content.examples !== undefined)) ||
    [key, "*"].some((each) => valueAt(examples, ["operations", each, status, mediaType]) !== undefined)
  );
}

/** The examples in the contract itself. Their source is the operation's. */
function published(contract: Contract, operation: Operation, at: Path): Example[] {
  const { example, examples } = contract.resolve(at).node as JsonObject;
  const entry = (name: string, value: Json, path: Path, summary?: Json): Example => ({
    name,
    source: operation.source,
    ...(typeof summary === "string" && { summary }),
    undocumented: [],
    value,
    place: (inside = []) => contract.openapi.place([...path, ...inside]),
  });
  const named = Object.keys(examples ?? {}).map((name) => {
    const resolved = contract.resolve([...at, "examples", name]);
    const { value, summary } = resolved.node as JsonObject;
    return entry(name, value ?? null, [...resolved.at, "value"], summary);
  });
  return example === undefined ? named : [entry("example", example, [...at, "example"]), ...named];
}

function synthesised(contract: Contract, operation: string, status: string, mediaType: string): Example[] {
  const at: Path = ["operations", operation, status, mediaType];
  const entries = valueAt(contract.examples.data, at);
  return Object.entries((entries ?? {}) as Record<string, JsonObject>).map(
    ([name, { value, summary, undocumented }]) => ({
      name,
      source: "synthesised",
      ...(typeof summary === "string" && { summary }),
      undocumented: Array.isArray(undocumented) ? undocumented.map(String) : [],
      value: value ?? null,
      place: (inside = []) => contract.examples.place([...at, name, "value", ...inside]),
    }),
  );
}

/** Refuses an example of an operation, status or media type that the contract lacks: it would never be used. */
export function checkUnusedExamples(contract: Contract): void {
  const operations = (contract.examples.data.operations ?? {}) as Record<string, Record<string, JsonObject>>;
  for (const [key, statuses] of Object.entries(operations).filter(([key]) => key !== "*")) {
    const operation = contract.operations.find((each) => each.key === key);
    for (const [status, mediaTypes] of Object.entries(statuses)) {
      const holder =
        status === "request"
          ? operation?.requestBody
          : operation?.responses.find((response) => response.status === status);
      for (const mediaType of Object.keys(mediaTypes)) {
        if (!holder?.content.some((content) => content.mediaType === mediaType)) {
          const place = contract.examples.place(["operations", key, status, mediaType]);
          throw new ContractError(`${place}: the contract documents no ${key} -> ${status} ${mediaType}`);
        }
      }
    }
  }
}

/** Checks values against the schemas of an OpenAPI document. A schema is named by its path. */
export function schemaErrors(openapi: JsonObject): (schema: Path, value: Json) => ErrorObject[] {
  // The whole document is not a schema, so it is not checked against JSON Schema's own.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats(ajv);
  ajv.addSchema(openapi, "contract");
  const compiled = new Map<string, ValidateFunction>();
  return (schema, value) => {
    const keys = schema.map((key) => encodeURIComponent(String(key).replaceAll("~", "~0").replaceAll("/", "~1")));
    const pointer = keys.join("/");
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `contract#/${pointer}` });
    compiled.set(pointer, validate);
    validate(value);
    return [...(validate.errors ?? [])];
  };
}

/**
 * Compiles the contract's schemas as closed: a field that an object schema does not name is an error. So a misspelt or
 * undocumented field of an example is found.
 */
export function schemaCheck(contract: Contract) {
  const errorsOf = schemaErrors(closed(contract.openapi.data) as JsonObject);
  return (
    schema: Path,
    value: Json,
    undocumented: readonly string[] = [],
  ): { at: Path; message: string } | undefined => {
    const accepted = (error: ErrorObject): boolean =>
      error.keyword === "additionalProperties" && undocumented.includes(error.params.additionalProperty);
    const problem = errorsOf(schema, value).find((error) => !accepted(error));
    if (!problem) {
      return undefined;
    }
    const at = problem.instancePath.split("/").slice(1).map(unescapeKey);
    const extra = problem.keyword === "additionalProperties" ? ` ("${problem.params.additionalProperty}")` : "";
    return { at, message: `${at.join(".") || "the body"} ${problem.message}${extra}` };
  };
}

/** A copy in which every object schema that names its properties admits no others. */
export function closed(node: Json): Json {
  if (Array.isArray(node)) {
    return node.map(closed);
  }
  if (typeof node !== "object" || node === null) {
    return node;
  }
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, closed(value)]));
  const isSchema = typeof node.properties === "object" && node.type === "object";
  return isSchema && node.additionalProperties === undefined ? { ...copy, additionalProperties: false } : copy;
}
