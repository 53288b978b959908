/** Schemas for what was seen, no narrower than the samples allow. */
import type { Json, JsonObject } from "../document.js";
import { type Seen, total } from "./traffic.js";

/**
 * A field counts as always present after this many exchanges without a gap. By the rule of three, it is then absent in less
 * than 1 % of all exchanges, with 95 % confidence.
 */
export const REQUIRED_AFTER = 300;

export function isAlways(seen: Seen, field: Seen): boolean {
  return total(field) === seen.objects && seen.objectExchanges >= REQUIRED_AFTER;
}

/** Exchanges are independent samples; the items of one list are not. */
export function mark({ objectExchanges }: Seen): JsonObject {
  return { "x-source": "recorded", "x-samples": objectExchanges };
}

export function presence(seen: Seen, field: Seen): string {
  const exchanges = `${field.exchanges} of ${times(seen.objectExchanges, "response")}`;
  return seen.objects === seen.objectExchanges
    ? exchanges
    : `${exchanges} (${total(field)} of ${times(seen.objects, "object")})`;
}

export function typesOf(seen: Seen): string {
  return Object.keys(seen.types).sort().join(" | ");
}

export function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A schema for what was seen: no narrower than the samples allow. */
export function inferred(seen: Seen): JsonObject {
  const { integer, number, ...others } = seen.types;
  const types = [...Object.keys(others), ...(number ? ["number"] : integer ? ["integer"] : [])].filter(
    (type) => type !== "nothing",
  );
  const schemas = types.sort((a, b) => Number(a === "null") - Number(b === "null")).map((type) => ofType(type, seen));
  const [only] = schemas;
  return schemas.length === 1 && only ? only : { anyOf: schemas };
}

function ofType(type: string, seen: Seen): JsonObject {
  if (type === "string") {
    const format = Object.entries(seen.formats).find(([, count]) => count === seen.types.string)?.[0];
    return { type, ...(format !== undefined && { format }) };
  }
  if (type === "array") {
    return { type, items: seen.items ? inferred(seen.items) : {} };
  }
  if (type === "object") {
    const fields = [...seen.fields].map(([name, field]): [string, Json] => [name, inferred(field)]);
    const required = [...seen.fields].filter(([, field]) => isAlways(seen, field)).map(([name]) => name);
    return {
      type,
      ...(fields.length > 0 && { properties: Object.fromEntries(fields) }),
      ...(required.length > 0 && { required }),
      ...((seen.map || fields.length === 0) && { additionalProperties: true }),
    };
  }
  return { type };
}

/** Adds a type to a schema. */
export function widen(schema: JsonObject, type: string, seen: Seen): void {
  const added = ofType(type, seen);
  const key = ["anyOf", "oneOf"].find((each) => Array.isArray(schema[each]));
  if (key) {
    schema[key] = [...(schema[key] as Json[]), added];
  } else {
    const { title, description, "x-source": _, "x-samples": __, ...own } = schema;
    for (const name of Object.keys(own)) {
      delete schema[name];
    }
    Object.assign(schema, {
      anyOf: [own, added],
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
    });
  }
  Object.assign(schema, { "x-source": "recorded", "x-samples": seen.exchanges });
}
