/**
 * One form for contracts that mean the same: `anyOf: [X, null]`, `type: [X, "null"]` and 3.0's `nullable` are one
 * thing, lists without order are sorted, references are followed, and the key header, which the client sends by itself,
 * is gone.
 */
import { isDeepStrictEqual } from "node:util";
import {
  isKeyHeader,
  isObject,
  type Json,
  type JsonObject,
  METHODS,
  operationNodes,
  referencePath,
  stripKeyHeader,
  valueAt,
} from "../document.js";
import { upgraded, withNull } from "../upgrade.js";

export type Schema = JsonObject;

/** The canonical form of a document that has no notes (see `splitNotes`). */
export function canonical(demands: JsonObject): JsonObject {
  const document = upgraded(demands) as JsonObject;
  stripKeyHeader(document);
  stripKeyScheme(document);
  return new Canonical(document).document();
}

/** One component of a document, such as `schemas/Connector`, in canonical form. */
export function canonicalComponent(document: JsonObject, reference: string): Json {
  return new Canonical(upgraded(document) as JsonObject).schema({ $ref: `#/components/${reference}` }, []);
}

/** The names of the security schemes that are the API key in its header. */
export function keySchemes(document: JsonObject): string[] {
  const schemes = valueAt(document, ["components", "securitySchemes"]);
  return Object.entries(isObject(schemes) ? schemes : {}).flatMap(([name, scheme]) =>
    isObject(scheme) && scheme.type === "apiKey" && isKeyHeader(scheme) ? [name] : [],
  );
}

/** Removes the API key where it is a security scheme. */
function stripKeyScheme(document: JsonObject): void {
  const names = keySchemes(document);
  for (const holder of [document, ...operationNodes(document).map(({ node }) => node)]) {
    if (Array.isArray(holder.security)) {
      const others = holder.security.map((need) =>
        Object.fromEntries(Object.entries(need as JsonObject).filter(([name]) => !names.includes(name))),
      );
      holder.security = others.some((need) => Object.keys(need).length === 0) ? [] : others;
    }
  }
  for (const name of names) {
    delete (valueAt(document, ["components", "securitySchemes"]) as JsonObject)[name];
  }
}

class Canonical {
  readonly #source: JsonObject;
  /** The schemas that contain themselves: the only ones that stay a reference. */
  readonly #recursive: JsonObject = {};

  constructor(source: JsonObject) {
    this.#source = source;
  }

  document(): JsonObject {
    const { openapi, paths, security, components } = this.#source;
    const result: JsonObject = {
      openapi: String(openapi).startsWith("3.0") ? "3.1.0" : (openapi ?? "3.1.0"),
      info: { title: "API", version: "1.0.0" },
      paths: this.#paths((paths ?? {}) as JsonObject, security ?? []),
    };
    const schemes = isObject(components) ? components.securitySchemes : undefined;
    result.components = {
      ...(isObject(schemes) && Object.keys(schemes).length > 0 && { securitySchemes: schemes }),
      schemas: this.#recursive,
    };
    return result;
  }

  /** Moves shared statements, security and a path's parameters, into each operation. */
  #paths(paths: JsonObject, security: Json): JsonObject {
    return mapValues(paths, (item) => {
      const resolved = this.#resolve(item, []) as JsonObject;
      const shared = Array.isArray(resolved.parameters) ? resolved.parameters : [];
      const operations = METHODS.filter((method) => isObject(resolved[method])).map((method) => {
        const operation = resolved[method] as JsonObject;
        const parameters = this.#parameters(shared, operation.parameters);
        return [method, this.#part({ security, ...operation, parameters }, [])];
      });
      return Object.fromEntries(operations);
    });
  }

  /** Parameters of the path and of the operation, in the order of their names. */
  #parameters(shared: Json[], own: Json | undefined): Json[] {
    const byName = new Map<string, Json>();
    for (const parameter of [...shared, ...(Array.isArray(own) ? own : [])]) {
      const resolved = this.#resolve(parameter, []) as JsonObject;
      byName.set(`${String(resolved.in)}:${String(resolved.name)}`, resolved);
    }
    return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, parameter]) => parameter);
  }

  /** A part that is not a schema. */
  #part(node: Json, seen: readonly string[]): Json {
    if (Array.isArray(node)) {
      return node.map((item) => this.#part(item, seen));
    }
    const resolved = this.#resolve(node, seen);
    if (!isObject(resolved)) {
      return resolved;
    }
    const copy = Object.entries(resolved).map(([key, value]) => [
      key,
      key === "schema" ? this.schema(value, seen) : this.#part(value, seen),
    ]);
    return Object.fromEntries(copy.filter(([key, value]) => !(key === "parameters" && isDeepStrictEqual(value, []))));
  }

  #resolve(node: Json, seen: readonly string[]): Json {
    if (!isObject(node) || typeof node.$ref !== "string" || seen.length > 50) {
      return node;
    }
    return this.#resolve(this.#target(node.$ref), [...seen, node.$ref]);
  }

  #target(reference: string): Json {
    return valueAt(this.#source, referencePath(reference)) ?? {};
  }

  /** A schema, with references followed; `seen` holds those that lead here. */
  schema(node: Json, seen: readonly string[]): Json {
    if (!isObject(node)) {
      // `true` admits everything, as the empty schema does.
      return node === true ? {} : node;
    }
    if (typeof node.$ref === "string") {
      const { $ref, ...siblings } = node;
      if (seen.includes($ref)) {
        return this.#recursion($ref);
      }
      const target = this.#target($ref);
      return this.schema(isObject(target) ? { ...target, ...siblings } : target, [...seen, $ref]);
    }
    const inner = mapValues(node, (value, key) => this.#keyword(key, value, seen));
    return tidy(inner);
  }

  #recursion(reference: string): Json {
    const name = reference.split("/").at(-1) ?? "";
    if (!(name in this.#recursive)) {
      this.#recursive[name] = {};
      this.#recursive[name] = this.schema(this.#target(reference), [reference]);
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  #keyword(key: string, value: Json, seen: readonly string[]): Json {
    if (["properties", "patternProperties", "dependentSchemas"].includes(key) && isObject(value)) {
      return mapValues(value, (schema) => this.schema(schema, seen));
    }
    if (["anyOf", "oneOf", "allOf", "prefixItems"].includes(key) && Array.isArray(value)) {
      return value.map((schema) => this.schema(schema, seen));
    }
    const holdsSchema = ["items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
    return holdsSchema.includes(key) ? this.schema(value, seen) : value;
  }
}

/** One schema whose parts are canonical already. */
function tidy(node: Schema): Schema {
  const { const: constant, oneOf, discriminator: _, ...schema } = node;
  if (constant !== undefined && schema.enum === undefined) {
    schema.enum = [constant];
  }
  if (Array.isArray(oneOf) && schema.anyOf === undefined) {
    schema.anyOf = oneOf;
  }
  if (Array.isArray(schema.allOf) && schema.allOf.length === 1 && isObject(schema.allOf[0])) {
    const { allOf, ...rest } = schema;
    return tidy({ ...(allOf as Schema[])[0], ...rest });
  }
  return sorted(uniteBranches(schema));
}

/** Unions in their simplest form: null as a type, plain types as a list of types, one branch as the schema itself. */
function uniteBranches(schema: Schema): Schema {
  if (!Array.isArray(schema.anyOf)) {
    return schema;
  }
  const { anyOf, ...rest } = schema;
  const flat = (anyOf as Schema[]).flatMap((branch) => {
    const { anyOf: inner, ...others } = branch;
    return Array.isArray(inner) && Object.keys(others).length === 0 ? (inner as Schema[]) : [branch];
  });
  const isNull = (branch: Schema): boolean => isDeepStrictEqual(branch, { type: "null" });
  const branches = flat.filter((branch) => !isNull(branch));
  const hasNull = branches.length < flat.length;
  const areTypes = branches.every((branch) => isObject(branch) && isDeepStrictEqual(Object.keys(branch), ["type"]));
  if (branches.length === 0) {
    return { ...rest, type: "null" };
  }
  if (areTypes && rest.type === undefined) {
    const types = branches.flatMap(({ type }) => type as string | string[]);
    return { ...rest, type: hasNull ? [...types, "null"] : types };
  }
  if (branches.length === 1) {
    const merged = { ...branches[0], ...rest };
    return hasNull ? withNull(merged) : merged;
  }
  const all = hasNull ? [...branches, { type: "null" }] : branches;
  return { ...rest, anyOf: all.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) };
}

function sorted(schema: Schema): Schema {
  const copy = { ...schema };
  if (Array.isArray(copy.type)) {
    const types = [...new Set(copy.type)].filter((type, _, all) => !(type === "integer" && all.includes("number")));
    copy.type = types.length === 1 ? (types[0] ?? null) : types.sort();
  }
  for (const key of ["required", "enum"]) {
    if (Array.isArray(copy[key])) {
      const values = [...copy[key]].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
      copy[key] = values;
    }
  }
  if (isDeepStrictEqual(copy.required, [])) {
    delete copy.required;
  }
  return copy;
}

function mapValues(object: JsonObject, change: (value: Json, key: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}
