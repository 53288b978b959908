/** Separates the notes of a contract (descriptions, examples, servers) from its demands on requests and responses. */

import { isObject, type Json, type JsonObject, MARKS } from "../document.js";

export interface Split {
  /** The document without its notes. */
  demands: JsonObject;
  /** Descriptions, titles, deprecations and the like, by place. */
  notes: Map<string, Json>;
  /** Examples, by place. */
  examples: Map<string, Json>;
}

const NOTES = ["description", "summary", "title", "deprecated", "externalDocs", "tags", "servers", "operationId"];
const EXAMPLES = ["example", "examples"];
/** Keys of a schema whose value maps names to schemas. */
const SCHEMA_MAPS = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];
/** Keys of a schema whose value is data, even if it looks like a schema. */
const DATA = ["enum", "const", "default", "required"];
/** Other keys whose value maps free names to parts. */
const MAPS = [
  "paths",
  "responses",
  "content",
  "headers",
  "schemas",
  "parameters",
  "requestBodies",
  "securitySchemes",
  "callbacks",
  "links",
  "pathItems",
];

export function splitNotes(document: JsonObject): Split {
  const notes = new Map<string, Json>();
  const examples = new Map<string, Json>();
  const strip = (node: Json, path: readonly string[], isMap: boolean, inSchema: boolean): Json => {
    if (Array.isArray(node)) {
      return node.map((item, index) => strip(item, [...path, nameOf(item) ?? String(index)], false, inSchema));
    }
    if (!isObject(node)) {
      return node;
    }
    const kept: JsonObject = {};
    for (const [key, value] of Object.entries(node)) {
      const at = [...path, key];
      if (!isMap && (MARKS as readonly string[]).includes(key)) {
        continue;
      }
      const isExample = !isMap && EXAMPLES.includes(key);
      if (isExample) {
        examples.set(placeOf(at), value);
      } else if (!isMap && (NOTES.includes(key) || key.startsWith("x-") || (path.length === 0 && key === "info"))) {
        notes.set(placeOf(at), value);
      } else if (!isMap && inSchema && DATA.includes(key)) {
        kept[key] = value;
      } else {
        const isSchema = inSchema || key === "schema" || (path.at(-1) === "schemas" && path.length === 2);
        kept[key] = strip(value, at, !isMap && (inSchema ? SCHEMA_MAPS : MAPS).includes(key), isSchema);
      }
    }
    return kept;
  };
  return { demands: strip(document, [], false, false) as JsonObject, notes, examples };
}

/** Parameters are identified by name, so their order has no meaning. */
function nameOf(item: Json): string | undefined {
  return isObject(item) && typeof item.name === "string" ? `${String(item.in)}:${item.name}` : undefined;
}

/** Whether a document has the part that a note belongs to. Notes of an added or removed part are not reported. */
export function hasParent(document: JsonObject, place: string): boolean {
  const path = (JSON.parse(place) as string[]).slice(0, -1);
  return (
    path.reduce<Json | undefined>((node, key) => {
      if (Array.isArray(node)) {
        return node.find((item) => nameOf(item) === key) ?? node[Number(key)];
      }
      return isObject(node) ? node[key] : undefined;
    }, document) !== undefined
  );
}

function placeOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** The operation and the place inside it, of a path in a document: `["GET /v1/connectors/", "200 schema.items"]`. */
export function describePath(path: readonly (string | number)[]): { operation: string; where: string } {
  const [first, second, third, ...rest] = path.map(String);
  if (first === "paths" && second !== undefined && third !== undefined) {
    return { operation: `${third.toUpperCase()} ${second}`, where: readable(rest) };
  }
  if (first === "paths" && second !== undefined) {
    return { operation: second, where: "" };
  }
  return first === "components" && third !== undefined
    ? { operation: "", where: readable([third, ...rest]) }
    : { operation: "", where: readable(path.map(String)) };
}

/** `responses > 200 > content > application/json > schema > items > properties > id` as `200 application/json [].id`. */
function readable(parts: readonly string[]): string {
  const words: string[] = [];
  let place = "";
  const flush = (): void => {
    words.push(place.replace(/^\./, ""));
    place = "";
  };
  for (const [index, part] of parts.entries()) {
    const parent = parts[index - 1];
    if (parent === "properties") {
      place += `.${part}`;
    } else if (part === "items") {
      place += "[]";
    } else if (!["responses", "content", "schema", "properties", "parameters"].includes(part)) {
      flush();
      words.push(part);
    }
  }
  flush();
  return words.filter((word) => word !== "").join(" ");
}
