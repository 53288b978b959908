/** `known-fields.gen.ts`: the names of fields in each body, so that a recorder can tell them from keys that are data. */
import type { KnownFields } from "../../src/generated/known-fields.gen.js";

import { type Contract, isObject, type Json, type JsonObject } from "../contract/document.js";

export function renderKnownFields(contract: Contract): string {
  const { schemas } = (contract.openapi.data.components ?? {}) as { schemas?: JsonObject };
  const definitions = Object.entries(schemas ?? {}).map(([name, schema]) => [name, knownFields(contract, schema)]);
  const bodies = contract.operations.map(({ name, requestBody, responses }) => {
    const all = [...(requestBody ? [{ status: "request", content: requestBody.content }] : []), ...responses];
    const known = all.flatMap(({ status, content }) => {
      const json = content.find(({ mediaType }) => /[/+]json$/.test(mediaType));
      return json ? [[status, knownFields(contract, json.node.schema)]] : [];
    });
    return [name, Object.fromEntries(known)];
  });
  const table = (entries: unknown[][]): string[] =>
    entries.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return [
    TYPE,
    "",
    "/** The component schemas. */",
    "export const definitions: Readonly<Record<string, KnownFields>> = {",
    ...table(definitions),
    "};",
    "",
    "/** Operation, then status or `request`. */",
    "export const bodies: Readonly<Record<string, Readonly<Record<string, KnownFields>>>> = {",
    ...table(bodies),
    "};",
    "",
  ].join("\n");
}

const TYPE = `/** The names that the contract documents in a body. */
export interface KnownFields {
  fields?: Readonly<Record<string, KnownFields>>;
  /** Further keys are data; their values have this shape. */
  map?: KnownFields;
  items?: KnownFields;
  /** The name of a component schema. */
  ref?: string;
  /** The values of an enum. */
  values?: readonly string[];
}`;

/** The fields of a schema. The alternatives of a union are one: a name that one of them documents is no data. */
export function knownFields(contract: Contract, schema: Json | undefined): KnownFields {
  if (!isObject(schema)) {
    return {};
  }
  if (typeof schema.$ref === "string") {
    return { ref: schema.$ref.split("/").at(-1) ?? "" };
  }
  const parts = ["anyOf", "oneOf", "allOf"].flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : []));
  const inner = parts.map((part) => knownFields(contract, part));
  return merged([
    own(contract, schema),
    ...(parts.length > 1 ? inner.map((part) => followed(contract, part, inner)) : inner),
  ]);
}

/** A reference among other alternatives is replaced by its fields. */
function followed(contract: Contract, part: KnownFields, all: readonly KnownFields[]): KnownFields {
  const hasOthers = all.some((each) => each !== part && Object.keys(each).length > 0);
  return part.ref !== undefined && hasOthers
    ? knownFields(contract, contract.resolve(["components", "schemas", part.ref]).node)
    : part;
}

function own(contract: Contract, schema: JsonObject): KnownFields {
  const { properties, items, additionalProperties: others, enum: values } = schema;
  const isObjectType = [schema.type].flat().includes("object") || isObject(properties);
  const fields = Object.entries(isObject(properties) ? properties : {}).map(([name, inner]): [string, KnownFields] => [
    name,
    knownFields(contract, inner),
  ]);
  const isMap = isObject(others) || others === true || fields.length === 0;
  return {
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
    ...(isObjectType && isMap && { map: knownFields(contract, isObject(others) ? others : {}) }),
    ...(isObject(items) && { items: knownFields(contract, items) }),
    ...(Array.isArray(values) && { values: values.map(String) }),
  };
}

function merged(parts: readonly KnownFields[]): KnownFields {
  const fields = Object.assign({}, ...parts.map((part) => part.fields));
  const items = parts.find((part) => part.items)?.items;
  const map = parts.find((part) => part.map)?.map;
  const ref = parts.find((part) => part.ref)?.ref;
  const values = parts.flatMap((part) => part.values ?? []);
  return {
    ...(Object.keys(fields).length > 0 && { fields }),
    ...(map && { map }),
    ...(items && { items }),
    ...(ref !== undefined && { ref }),
    ...(values.length > 0 && { values }),
  };
}
