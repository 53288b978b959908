/**
 * Prepares the contract's schemas for validators that report drift: removes annotations, splits unions by type, and adds
 * to each schema the types that it expects.
 */
import type { JSONType } from "ajv";

import { type Contract, isObject, type Json, type JsonObject } from "../contract/document.js";

/** Keywords that say nothing about values, or that {@link DriftSchemas} handles itself. */
const KEPT = new Set([
  "type",
  "properties",
  "required",
  "items",
  "enum",
  "const",
  "format",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
]);

/** JSON Schema's types, as far as they exclude each other. */
export const DISJOINT: readonly JSONType[] = ["null", "boolean", "number", "string", "array", "object"];

/** Where component schemas are in the transformed document. */
export const DEFINITIONS = "contract#/$defs/";

/** The keyword whose schema applies to values of one type. */
export function asType(type: string): string {
  return `as_${type}`;
}

/** Transforms schemas of one contract. */
export class DriftSchemas {
  readonly #contract: Contract;

  /** By component schema: fields that servers are known to send although the contract does not name them. */
  readonly #tolerated: ReadonlyMap<string, readonly string[]>;

  constructor(contract: Contract, tolerated: ReadonlyMap<string, readonly string[]>) {
    this.#contract = contract;
    this.#tolerated = tolerated;
  }

  /** The component schemas, by name. */
  definitions(): JsonObject {
    const { schemas } = (this.#contract.openapi.data.components ?? {}) as { schemas?: JsonObject };
    return Object.fromEntries(
      Object.entries(schemas ?? {}).map(([name, schema]) => {
        const transformed = this.transform(schema);
        const { undocumented } = transformed;
        const names = [undocumented ?? [], ...(this.#tolerated.get(name) ?? [])].flat();
        return [name, undocumented ? { ...transformed, undocumented: names } : transformed];
      }),
    );
  }

  /**
   * @param isStrict - Undocumented fields and new enum values are reported. They must not decide which branch of a
   *   union a value fits.
   */
  transform(schema: Json | undefined, isStrict = true): JsonObject {
    if (!isObject(schema)) {
      return {};
    }
    const expected = this.#expected(schema);
    if (typeof schema.$ref === "string") {
      return isStrict
        ? { $ref: DEFINITIONS + nameOf(schema.$ref), expected }
        : this.transform(this.#resolve(schema), false);
    }
    const union = [schema.anyOf, schema.oneOf].find(Array.isArray);
    if (Array.isArray(schema.allOf)) {
      return { ...this.transform(this.#merged(schema), isStrict), expected };
    }
    return { ...this.#own(schema, isStrict), ...(union && this.#union(union, isStrict)), expected };
  }

  /** The keywords that a schema has itself. */
  #own(schema: JsonObject, isStrict: boolean): JsonObject {
    const entries = Object.entries(schema).filter(([key]) => KEPT.has(key));
    const own = Object.fromEntries(
      entries.map(([key, value]) => {
        if (key === "properties" && isObject(value)) {
          const properties = Object.entries(value).map(([name, inner]) => [name, this.transform(inner, isStrict)]);
          return [key, Object.fromEntries(properties)];
        }
        return [key, key === "items" ? this.transform(value, isStrict) : value];
      }),
    );
    const values = Array.isArray(own.enum) ? own.enum : "const" in own ? [own.const ?? null] : [];
    delete own.const;
    delete own.enum;
    // Comparing objects would need a function of ajv's at run time.
    if (values.length > 0 && (isStrict || values.length === 1) && values.every((value) => !isCollection(value))) {
      own.enum = values;
    }
    const { additionalProperties: others } = schema;
    if (isObject(others) && Object.keys(others).length > 0) {
      own.additionalProperties = this.transform(others, isStrict);
    } else if (isStrict && isObject(own.properties) && (others === undefined || others === false)) {
      own.undocumented = Object.keys(own.properties);
    }
    return own;
  }

  /** Branches whose types exclude each other are chosen by type, so that a branch reports its own errors. */
  #union(branches: readonly Json[], isStrict: boolean): JsonObject {
    const types = branches.map((branch) => this.#types(branch));
    const all = types.flat();
    if (new Set(all).size < all.length || types.some((own) => own.length === 0)) {
      const names = isStrict ? this.#namesOfAll(branches) : undefined;
      return { anyOf: branches.map((branch) => this.transform(branch, false)), ...(names && { undocumented: names }) };
    }
    const [first = "", ...others] = all.map((type) => (this.#hasInteger(branches, type) ? "integer" : type));
    const choices = branches.flatMap((branch, index) => {
      const { type: _, expected: __, ...rest } = this.transform(branch, isStrict);
      const own = Object.keys(rest).length > 0 ? (types[index] ?? []) : [];
      return own.map((type): [string, JsonObject] => [asType(type), rest]);
    });
    return { type: others.length > 0 ? [first, ...others] : first, ...Object.fromEntries(choices) };
  }

  /** The fields of all branches, if each branch is an object that names its fields. */
  #namesOfAll(branches: readonly Json[]): string[] | undefined {
    const objects = branches.map((branch) => this.#own(this.#resolve(branch), true).undocumented);
    return objects.every(Array.isArray) ? [...new Set(objects.flat().map(String))] : undefined;
  }

  #hasInteger(branches: readonly Json[], type: string): boolean {
    const isInteger = (branch: Json): boolean => [this.#resolve(branch).type].flat().includes("integer");
    return type === "number" && branches.some(isInteger);
  }

  /** The types that a schema accepts; none if it does not say. `integer` counts as `number`. */
  #types(schema: Json): string[] {
    const resolved = this.#resolve(schema);
    const union = [resolved.anyOf, resolved.oneOf].find(Array.isArray);
    const types = union ? union.flatMap((branch) => this.#types(branch)) : [resolved.type ?? []].flat().map(String);
    return [...new Set(types.map((type) => (type === "integer" ? "number" : type)))].filter((type) =>
      DISJOINT.some((each) => each === type),
    );
  }

  /** `integer | null`, for reports. */
  #expected(schema: JsonObject): string {
    const resolved = this.#resolve(schema);
    const union = [resolved.anyOf, resolved.oneOf].find(Array.isArray);
    if (union) {
      return [...new Set(union.map((branch) => this.#expected(branch as JsonObject)))].join(" | ");
    }
    const types = [resolved.type ?? []].flat().map(String);
    const implied = isObject(resolved.properties) || Array.isArray(resolved.allOf) ? "object" : "anything";
    const words = types.length > 0 ? types.join(" | ") : implied;
    return typeof resolved.format === "string" ? words.replace("string", `string (${resolved.format})`) : words;
  }

  /** The parts of an `allOf` as one schema. */
  #merged(schema: JsonObject): JsonObject {
    const { allOf, ...rest } = schema;
    const parts = [rest, ...(allOf as Json[]).map((part) => this.#flat(part))];
    const objects = parts.map(({ properties }) => (isObject(properties) ? properties : {}));
    const required = parts.flatMap((part) => (Array.isArray(part.required) ? part.required : []));
    const isOpen = parts.some(({ additionalProperties }) => additionalProperties !== undefined);
    return {
      ...Object.assign({}, ...parts.toReversed()),
      ...(objects.some((own) => Object.keys(own).length > 0) && { properties: Object.assign({}, ...objects) }),
      ...(required.length > 0 && { required }),
      ...(isOpen && { additionalProperties: true }),
    };
  }

  #flat(schema: Json): JsonObject {
    const resolved = this.#resolve(schema);
    return Array.isArray(resolved.allOf) ? this.#merged(resolved) : resolved;
  }

  #resolve(schema: Json | undefined): JsonObject {
    let node = isObject(schema) ? schema : {};
    for (let depth = 0; typeof node.$ref === "string" && depth < 20; depth++) {
      const target = this.#contract.resolve(["components", "schemas", nameOf(node.$ref)]).node;
      node = isObject(target) ? target : {};
    }
    return node;
  }
}

function isCollection(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

function nameOf(reference: string): string {
  return reference.split("/").at(-1) ?? "";
}
