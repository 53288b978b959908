/** Checks one response against the contract. Findings contain types, never values. */
import type { ErrorObject } from "ajv/dist/2020.js";
import {
  type Contract,
  isObject,
  type Json,
  type JsonObject,
  type Operation,
  type Path,
  unescapeKey,
} from "../document.js";
import type { schemaErrors } from "../examples.js";

export interface Finding {
  /** A `breach` contradicts the contract. A `note` is something that the contract does not mention. */
  level: "breach" | "note";
  /** `$[].rate_limit`, or empty for status and content type. */
  path: string;
  message: string;
}

/** A server's response. */
export interface Answer {
  status: number;
  contentType: string | null;
  text: string;
}

/** Finds the differences between a response and the contract. */
export function checkAnswer(
  contract: Contract,
  errorsOf: ReturnType<typeof schemaErrors>,
  operation: Operation,
  { status, contentType, text }: Answer,
): Finding[] {
  const response = operation.responses.find((each) => each.status === String(status));
  if (!response) {
    const known = operation.responses.map((each) => each.status).join(", ");
    return [breach("", `status ${status} is not documented (${known} are)`)];
  }
  if (response.content.length === 0) {
    return text === "" ? [] : [breach("", `status ${status} has a body, and none is documented`)];
  }
  const mediaType = contentType?.split(";")[0]?.trim().toLowerCase();
  const content = response.content.find((each) => each.mediaType === mediaType);
  const isJson = (type: string | undefined): boolean => /[/+]json$/.test(type ?? "");
  const documented = content ?? response.content.find((each) => isJson(each.mediaType));
  const types = response.content.map((each) => each.mediaType).join(", ");
  const wrong = mediaType ? `content type ${mediaType} instead of ${types}` : `no content type; ${types} is documented`;
  const findings = content ? [] : [breach("", wrong)];
  if (!documented || !isJson(documented.mediaType)) {
    return findings;
  }
  const value = parsed(text);
  if (value === undefined) {
    return [...findings, breach("", "the body is not JSON")];
  }
  const schema = [...documented.at, "schema"];
  const broken = wrongValues(errorsOf(schema, value), documentedNames(contract.openapi.data));
  return unique([...findings, ...broken, ...undocumented(contract, errorsOf, schema, value, "$")]);
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function wrongValues(errors: readonly ErrorObject[], names: ReadonlySet<string>): Finding[] {
  // A union that the value does not fit has an error for each branch. Only the union's own error is reported.
  const unions = errors.filter(({ keyword }) => ["anyOf", "oneOf"].includes(keyword)).map((each) => each.schemaPath);
  const isInside = ({ schemaPath }: ErrorObject): boolean => unions.some((union) => schemaPath.startsWith(`${union}/`));
  return errors
    .filter((error) => !isInside(error))
    .map((error) => {
      const path = pathOf(error.instancePath, names);
      if (error.keyword === "required") {
        return breach(`${path}.${error.params.missingProperty}`, "is missing");
      }
      // The message of an enum error may contain values that the server sent.
      return breach(path, error.keyword === "enum" ? "is none of the documented values" : String(error.message));
    });
}

/** `/0/price` as `$[].price`. Undocumented keys may be data, so they are printed as `*`. */
function pathOf(pointer: string, names: ReadonlySet<string>): string {
  const keys = pointer.split("/").slice(1).map(unescapeKey);
  return `$${keys.map((key) => (/^\d+$/.test(key) ? "[]" : names.has(key) ? `.${key}` : ".*")).join("")}`;
}

/** All names of properties in the contract. */
function documentedNames(node: Json, found = new Set<string>()): ReadonlySet<string> {
  if (isObject(node) && isObject(node.properties)) {
    for (const name of Object.keys(node.properties)) {
      found.add(name);
    }
  }
  for (const value of Object.values(node ?? {})) {
    if (typeof value === "object") {
      documentedNames(value, found);
    }
  }
  return found;
}

/** Fields that no fitting schema documents. */
function undocumented(
  contract: Contract,
  errorsOf: ReturnType<typeof schemaErrors>,
  schema: Path,
  value: Json,
  path: string,
): Finding[] {
  const schemas = fitting(contract, errorsOf, schema, value);
  if (Array.isArray(value)) {
    const items = schemas.filter(({ node }) => isObject(node.items));
    return items.flatMap(({ at }) =>
      value.flatMap((item) => undocumented(contract, errorsOf, [...at, "items"], item, `${path}[]`)),
    );
  }
  if (!isObject(value)) {
    return [];
  }
  const named = schemas.filter(({ node }) => isObject(node.properties));
  const isOpen = named.length === 0 || schemas.some(({ node }) => node.additionalProperties !== undefined);
  return Object.entries(value).flatMap(([name, inner]) => {
    const holders = named.filter(({ node }) => name in (node.properties as JsonObject));
    if (holders.length === 0) {
      return isOpen
        ? []
        : [{ level: "note" as const, path: `${path}.${name}`, message: `is not documented (${typeOf(inner)})` }];
    }
    return holders.flatMap(({ at }) =>
      undocumented(contract, errorsOf, [...at, "properties", name], inner, `${path}.${name}`),
    );
  });
}

/** A schema with the parts of its unions that the value fits; all parts if it fits none. */
function fitting(
  contract: Contract,
  errorsOf: ReturnType<typeof schemaErrors>,
  path: Path,
  value: Json,
): { at: Path; node: JsonObject }[] {
  const { at, node } = contract.resolve(path);
  if (!isObject(node)) {
    return [];
  }
  const parts = (key: string): Path[] => {
    const list = node[key];
    return Array.isArray(list) ? list.map((_, index) => [...at, key, index]) : [];
  };
  const union = [...parts("anyOf"), ...parts("oneOf")];
  const fits = union.filter((part) => errorsOf(part, value).length === 0);
  const all = [...parts("allOf"), ...(fits.length > 0 ? fits : union)];
  return [{ at, node }, ...all.flatMap((part) => fitting(contract, errorsOf, part, value))];
}

function typeOf(value: Json): string {
  if (value === null) {
    return "null";
  }
  return Array.isArray(value) ? "array" : typeof value;
}

function breach(path: string, message: string): Finding {
  return { level: "breach", path, message };
}

function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
