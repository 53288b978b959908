/** What differs between two JSON values, place by place. The order of an object's keys has no meaning. */
import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type Path } from "./document.js";

export interface Difference {
  path: Path;
  /** Absent where the value is new. */
  from?: Json;
  /** Absent where the value is gone. */
  to?: Json;
}

/** The smallest places that differ; a list that differs in length is one place. */
export function differences(from: Json | undefined, to: Json | undefined, path: Path = []): Difference[] {
  if (isDeepStrictEqual(from, to)) {
    return [];
  }
  if (isObject(from) && isObject(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    return [...keys].flatMap((key) => differences(from[key], to[key], [...path, key]));
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length === to.length) {
    return from.flatMap((item, index) => differences(item, to[index], [...path, index]));
  }
  return [{ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
}

/** `rate_limit.type: "integer" -> "string"`, cut where it grows long. */
export function describe({ path, from, to }: Difference): string {
  const where = path.join(".") || "the whole";
  if (from === undefined) {
    return `${where}: added ${short(to)}`;
  }
  return to === undefined ? `${where}: removed (was ${short(from)})` : `${where}: ${short(from)} -> ${short(to)}`;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
