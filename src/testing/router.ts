/** Finds the operation of a method and a path, as FastAPI's router does. */
import type { OperationRecord } from "./contract.js";

/** What a method and a path lead to. */
export type Route =
  | { readonly kind: "operation"; readonly name: string; readonly values: Readonly<Record<string, string>> }
  /** The path exists, but not for this method. `allow` lists the methods that it has. */
  | { readonly kind: "wrong-method"; readonly allow: string }
  /** The path exists with one trailing slash more or less. */
  | { readonly kind: "redirect"; readonly path: string }
  | { readonly kind: "unknown" };

/** Finds the route of a method and a path. The path is compared exactly, including case and trailing slash. */
export type Router = (method: string, path: string) => Route;

interface Target {
  readonly name: string;
  readonly method: string;
  /** The text of each segment. Null for a parameter. */
  readonly texts: readonly (string | null)[];
  /** The parameters, with the index of their segment. */
  readonly parameters: readonly (readonly [name: string, index: number])[];
}

/** Makes a router over a table of operations. */
export function createRouter(operations: Readonly<Record<string, OperationRecord>>): Router {
  const bySize = new Map<number, Target[]>();
  for (const [name, { method, path }] of Object.entries(operations)) {
    const segments = path.split("/").map((text, index) => ({ text, index, parameter: /^\{(.+)\}$/.exec(text)?.[1] }));
    const target: Target = {
      name,
      method,
      texts: segments.map(({ text, parameter }) => (parameter === undefined ? text : null)),
      parameters: segments.flatMap(({ index, parameter }) => (parameter === undefined ? [] : [[parameter, index]])),
    };
    bySize.set(segments.length, [...(bySize.get(segments.length) ?? []), target]);
  }
  // Paths without parameters come first: `/v1/table/create` is not a table named "create".
  for (const targets of bySize.values()) {
    targets.sort((a, b) => a.parameters.length - b.parameters.length);
  }
  const targetsOf = (segments: readonly string[]): Target[] =>
    (bySize.get(segments.length) ?? []).filter((target) => matches(target, segments));

  return (method, rawPath) => {
    const segments = decode(rawPath).split("/");
    const target = bySize.get(segments.length)?.find((each) => each.method === method && matches(each, segments));
    if (target) {
      return { kind: "operation", name: target.name, values: valuesOf(target, segments) };
    }
    const others = targetsOf(segments);
    if (others.length > 0) {
      return { kind: "wrong-method", allow: [...new Set(others.map((each) => each.method))].join(", ") };
    }
    const toggled = toggleSlash(rawPath);
    return targetsOf(decode(toggled).split("/")).length > 0 ? { kind: "redirect", path: toggled } : { kind: "unknown" };
  };
}

/** A parameter matches any text except an empty one. Most paths differ in their last segments, so these are compared first. */
function matches({ texts }: Target, segments: readonly string[]): boolean {
  for (let index = texts.length - 1; index >= 0; index--) {
    const text = texts[index];
    if (text === null ? segments[index] === "" : text !== segments[index]) {
      return false;
    }
  }
  return true;
}

function valuesOf({ parameters }: Target, segments: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, index] of parameters) {
    values[name] = segments[index] ?? "";
  }
  return values;
}

/** The server matches the decoded path, so an encoded slash separates segments. An invalid encoding stays unchanged. */
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
