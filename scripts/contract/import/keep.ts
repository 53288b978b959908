/** Replaces a stored part by the published one and keeps the parts that this project added or corrected. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject, type Path } from "../document.js";

/** Collects the kept parts: `parameters.include_partial: kept, though not on the page (x-added: sdk)`. */
export type Notes = string[];

/**
 * The page's value, in the order of the stored one.
 *
 * @param isOurs - Whether a key at the top belongs to this project; further down the marks alone decide.
 */
export function merged(
  old: Json | undefined,
  page: Json,
  notes: Notes,
  path: Path = [],
  isOurs: (key: string) => boolean = () => false,
): Json {
  if (Array.isArray(old) && Array.isArray(page)) {
    return mergedList(old, page, notes, path);
  }
  if (!isObject(old) || !isObject(page)) {
    return isDeepStrictEqual(old, page) ? (old ?? null) : page;
  }
  if (typeof old["x-corrected"] === "string") {
    if (!isDeepStrictEqual(withoutMarks(old), withoutMarks(page))) {
      notes.push(`${path.join(".")}: kept, though the page differs (x-corrected: ${old["x-corrected"]})`);
    }
    return old;
  }
  const added = listOf(old["x-added"]);
  const corrected = listOf(old["x-corrected"]).filter((key) => !isDeepStrictEqual(old[key], page[key]));
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(old)) {
    const at = [...path, key];
    const own = page[key];
    if (key === "x-added" || key === "x-corrected") {
      const left = key === "x-added" ? added.filter((name) => !(name in page)) : corrected;
      Object.assign(result, left.length > 0 && { [key]: left });
    } else if (corrected.includes(key)) {
      notes.push(`${at.join(".")}: kept, though the page differs (x-corrected)`);
      result[key] = value;
    } else if (own !== undefined) {
      result[key] = key === "required" ? withKept(own, value, old, page) : merged(value, own, notes, at);
    } else if (added.includes(key) || markOf(value)) {
      notes.push(`${at.join(".")}: kept, though not on the page (x-added: ${markOf(value) ?? "this key"})`);
      result[key] = value;
    } else if (isOurs(key)) {
      result[key] = value;
    }
  }
  return inOrder(result, page);
}

/** Merges items that have the same name, or the same place. Added items stay. */
function mergedList(old: Json[], page: Json[], notes: Notes, path: Path): Json[] {
  const nameOf = (item: Json): string | undefined =>
    isObject(item) && typeof item.name === "string" ? `${String(item.in)} ${item.name}` : undefined;
  const isNamed = page.every(nameOf);
  const result = page.map((item, index) => {
    const other = isNamed ? old.find((each) => nameOf(each) === nameOf(item)) : old[index];
    const hasPlace = isNamed || old.length === page.length;
    const name = isObject(item) && typeof item.name === "string" ? item.name : index;
    return hasPlace ? merged(other, item, notes, [...path, name]) : item;
  });
  const kept = old.filter((item) => {
    const isAdded = markOf(item) !== undefined && !page.some((each) => isNamed && nameOf(each) === nameOf(item));
    if (isAdded) {
      const name = String((item as JsonObject).name ?? "item");
      notes.push(`${[...path, name].join(".")}: kept, though not on the page (x-added: ${markOf(item)})`);
    }
    return isAdded;
  });
  const all = [...result, ...kept];
  // The order of parameters has no meaning, so stored items keep their place.
  const placeOf = (item: Json): number => old.findIndex((each) => nameOf(each) === nameOf(item));
  const isStored = isNamed && kept.length > 0 && all.every((item) => placeOf(item) >= 0);
  return isStored ? all.sort((a, b) => placeOf(a) - placeOf(b)) : all;
}

/** A page's list of required names, with those of kept properties as they were. */
function withKept(page: Json, old: Json, stored: JsonObject, published: JsonObject): Json {
  if (!Array.isArray(page) || !Array.isArray(old)) {
    return page;
  }
  const properties = Object.entries(isObject(stored.properties) ? stored.properties : {});
  const own = isObject(published.properties) ? published.properties : {};
  const kept = properties
    .filter(([name, value]) => isObject(value) && (value["x-corrected"] || (markOf(value) && !(name in own))))
    .map(([name]) => name);
  const names = [
    ...page.filter((name) => !kept.includes(String(name))),
    ...old.filter((name) => kept.includes(String(name))),
  ];
  return isDeepStrictEqual(new Set(names), new Set(old)) ? old : names;
}

/** Puts new keys after the key that precedes them on the page. */
function inOrder(result: JsonObject, page: JsonObject): JsonObject {
  const keys = Object.keys(result);
  let position = 0;
  for (const key of Object.keys(page)) {
    if (keys.includes(key)) {
      position = keys.indexOf(key) + 1;
    } else {
      keys.splice(position++, 0, key);
    }
  }
  return Object.fromEntries(keys.map((key) => [key, result[key] ?? page[key] ?? null]));
}

/** Where an added or corrected part is known from; `undefined` without a mark. */
function markOf(part: Json): string | undefined {
  const mark = isObject(part) ? (part["x-added"] ?? part["x-corrected"]) : undefined;
  return typeof mark === "string" ? mark : undefined;
}

function listOf(mark: Json | undefined): string[] {
  return Array.isArray(mark) ? mark.map(String) : [];
}

function withoutMarks(part: JsonObject): JsonObject {
  const { "x-added": _, "x-corrected": __, ...rest } = part;
  return rest;
}
