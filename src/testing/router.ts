/** From a method and a path to the operation, as FastAPI's router decides it. */
import type { OperationRecord } from "./contract.js";

/** What the router says of a request. */
export type Route =
  | { readonly kind: "operation"; readonly name: string; readonly values: Readonly<Record<string, string>> }
  /** The path exists, but not for this method: `allow` names those that do. */
  | { readonly kind: "wrong-method"; readonly allow: string }
  /** The path exists with its last slash added or taken away. */
  | { readonly kind: "redirect"; readonly path: string }
  | { readonly kind: "unknown" };

/** Finds what serves a method and a path; the path is taken as it stands in the URL, slash and case included. */
export type Router = (method: string, path: string) => Route;

interface Target {
  readonly name: string;
  readonly method: string;
  /** The path's segments; a parameter is its name in an array of one. */
  readonly segments: readonly (string | readonly [string])[];
}

/** Makes a router over a table of operations. */
export function createRouter(operations: Readonly<Record<string, OperationRecord>>): Router {
  const literal = new Map<string, Target[]>();
  const templates = new Map<number, Target[]>();
  for (const [name, { method, path }] of Object.entries(operations)) {
    const segments = path.split("/").map(segment);
    const target = { name, method, segments };
    if (path.includes("{")) {
      add(templates, segments.length, target);
    } else {
      add(literal, path, target);
    }
  }

  const targets = (path: string): Target[] => {
    const segments = path.split("/");
    const matching = (templates.get(segments.length) ?? []).filter((target) => matches(target, segments));
    return [...(literal.get(path) ?? []), ...matching];
  };

  return (method, rawPath) => {
    const path = decode(rawPath);
    const quick = literal.get(path)?.find((target) => target.method === method);
    if (quick) {
      return { kind: "operation", name: quick.name, values: {} };
    }
    const found = targets(path);
    const target = found.find((each) => each.method === method);
    if (target) {
      return { kind: "operation", name: target.name, values: valuesOf(target, path.split("/")) };
    }
    if (found.length > 0) {
      return { kind: "wrong-method", allow: [...new Set(found.map((each) => each.method))].join(", ") };
    }
    return targets(toggleSlash(path)).length > 0
      ? { kind: "redirect", path: toggleSlash(rawPath) }
      : { kind: "unknown" };
  };
}

function add<Key>(map: Map<Key, Target[]>, key: Key, target: Target): void {
  map.set(key, [...(map.get(key) ?? []), target]);
}

function segment(text: string): string | readonly [string] {
  const name = /^\{(.+)\}$/.exec(text)?.[1];
  return name === undefined ? text : [name];
}

/** A parameter takes any text but none. */
function matches({ segments }: Target, path: readonly string[]): boolean {
  return segments.every((part, index) => (typeof part === "string" ? part === path[index] : path[index] !== ""));
}

function valuesOf({ segments }: Target, path: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    segments.flatMap((part, index) => (typeof part === "string" ? [] : [[part[0], path[index] ?? ""]])),
  );
}

/** The server matches the decoded path, so an encoded slash parts segments. What cannot be decoded stays as it is. */
function decode(path: string): string {
  if (!path.includes("%")) {
    return path;
  }
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function toggleSlash(path: string): string {
  return path.endsWith("/") ? path.replace(/\/+$/, "") : `${path}/`;
}
