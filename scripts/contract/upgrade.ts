/** Writes OpenAPI 3.0's own keywords as OpenAPI 3.1 has them. */
import { isObject, type Json, type JsonObject } from "./document.js";

/** Keys whose value is data, whatever it looks like. */
const DATA = ["example", "examples", "default", "enum", "const"];

/** A copy of a document, or of a part, in which `nullable` and boolean exclusive bounds are JSON Schema's own. */
export function upgraded(node: Json): Json {
  if (Array.isArray(node)) {
    return node.map(upgraded);
  }
  if (!isObject(node)) {
    return node;
  }
  const copy: JsonObject = {};
  for (const [key, value] of Object.entries(node)) {
    copy[key] = DATA.includes(key) ? value : upgraded(value);
  }
  for (const [bound, exclusive] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    const { [bound]: limit, [exclusive]: flag } = copy;
    if (typeof flag === "boolean") {
      delete copy[exclusive];
      if (flag && limit !== undefined) {
        delete copy[bound];
        copy[exclusive] = limit;
      }
    }
  }
  if (typeof copy.nullable !== "boolean") {
    return copy;
  }
  const { nullable, ...schema } = copy;
  return nullable ? withNull(schema) : schema;
}

/** A schema that also admits null. */
export function withNull(schema: JsonObject): JsonObject {
  if (schema.type === undefined) {
    const admitsAll = Object.keys(schema).length === 0;
    return admitsAll
      ? schema
      : { anyOf: [...(Array.isArray(schema.anyOf) ? schema.anyOf : [schema]), { type: "null" }] };
  }
  const listed = Array.isArray(schema.enum) && !schema.enum.includes(null) ? { enum: [...schema.enum, null] } : {};
  return { ...schema, ...listed, type: [...([schema.type].flat() as string[]), "null"] };
}
