/** Proves that every value of one schema fits another. Schemas are canonical. Without a proof the answer is no. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject } from "../document.js";

const STRUCTURE = ["type", "enum", "properties", "required", "additionalProperties", "items", "anyOf", "default"];

/** True only if all values that fit `inner` surely fit `outer`. */
export function isSubset(inner: Json, outer: Json): boolean {
  if (isDeepStrictEqual(inner, outer) || (isObject(outer) && Object.keys(outer).every((key) => key === "default"))) {
    return true;
  }
  if (!isObject(inner) || !isObject(outer)) {
    return false;
  }
  const { anyOf: innerBranches, ...innerRest } = inner;
  if (Array.isArray(innerBranches)) {
    return innerBranches.every((branch) => isObject(branch) && isSubset({ ...innerRest, ...branch }, outer));
  }
  if (Array.isArray(inner.type)) {
    return inner.type.every((type) => isSubset(narrowed(inner, type), outer));
  }
  const { anyOf: outerBranches, ...outerRest } = outer;
  if (Array.isArray(outerBranches)) {
    return isSubset(inner, outerRest) && outerBranches.some((branch) => isSubset(inner, branch));
  }
  const { allOf: innerParts, ...innerOwn } = inner;
  if (Array.isArray(innerParts)) {
    return innerParts.some((part) => isObject(part) && isSubset({ ...innerOwn, ...part }, outer));
  }
  const { allOf: outerParts, ...outerOwn } = outer;
  if (Array.isArray(outerParts)) {
    return isSubset(inner, outerOwn) && outerParts.every((part) => isSubset(inner, part));
  }
  return typeFits(inner, outer) && enumFits(inner, outer) && objectFits(inner, outer) && restFits(inner, outer);
}

/** One type of several; a list of values keeps those of this type. */
function narrowed(schema: JsonObject, type: Json): JsonObject {
  if (!Array.isArray(schema.enum)) {
    return { ...schema, type };
  }
  return { ...schema, type, enum: schema.enum.filter((value) => typeOf(value) === type || type === "number") };
}

function typeOf(value: Json): string {
  if (value === null) {
    return "null";
  }
  return Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
}

function typeFits(inner: JsonObject, outer: JsonObject): boolean {
  const types = outer.type === undefined ? undefined : ([outer.type].flat() as Json[]);
  return (
    types === undefined || types.includes(inner.type ?? "") || (inner.type === "integer" && types.includes("number"))
  );
}

function enumFits(inner: JsonObject, outer: JsonObject): boolean {
  if (!Array.isArray(outer.enum)) {
    return true;
  }
  const values = outer.enum;
  return (
    Array.isArray(inner.enum) && inner.enum.every((value) => values.some((each) => isDeepStrictEqual(each, value)))
  );
}

function objectFits(inner: JsonObject, outer: JsonObject): boolean {
  if (inner.type === "array") {
    return outer.items === undefined || (inner.items !== undefined && isSubset(inner.items, outer.items));
  }
  if (inner.type !== "object") {
    return true;
  }
  const own = (inner.properties ?? {}) as JsonObject;
  const others = (outer.properties ?? {}) as JsonObject;
  const rest = outer.additionalProperties ?? {};
  const isClosed = inner.additionalProperties === false;
  const required = Array.isArray(inner.required) ? inner.required : [];
  const restIsFree = isObject(rest) && Object.keys(rest).length === 0;
  return (
    (Array.isArray(outer.required) ? outer.required : []).every((name) => required.includes(name)) &&
    Object.entries(others).every(([name, schema]) => (name in own ? isSubset(own[name] ?? {}, schema) : isClosed)) &&
    Object.entries(own).every(([name, schema]) => name in others || (rest !== false && isSubset(schema, rest))) &&
    (restIsFree || isClosed || (rest !== false && isSubset(inner.additionalProperties ?? {}, rest)))
  );
}

/** Limits may be narrower; formats, patterns and the like have to be the same, or only `inner` has them. */
function restFits(inner: JsonObject, outer: JsonObject): boolean {
  return Object.entries(outer).every(([key, value]) => {
    const own = inner[key];
    if (typeof own === "number" && typeof value === "number" && /^(max|exclusiveMax)/.test(key)) {
      return own <= value;
    }
    if (typeof own === "number" && typeof value === "number" && /^(min|exclusiveMin)/.test(key)) {
      return own >= value;
    }
    return STRUCTURE.includes(key) || isDeepStrictEqual(own, value);
  });
}
