/** Keys of inputs: the same target with the same parameters has the same key, whatever the order of the names. */
import { createHash } from "node:crypto";
import type { Params } from "../workflows/estimate.js";
import type { JobTarget } from "./records.js";

/** JSON with sorted names, without undefined values. Equal values have equal texts. */
export function canonicalJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/**
 * Makes a function that returns the key of an input: the SHA-256 of the target with its options and of the parameters,
 * in hex. The order of the names does not matter.
 */
export function keyOf(target: JobTarget): (params: Params) => string {
  const prefix = `${canonicalJson(target)}\n`;
  return (params) => sha256(prefix + canonicalJson(params));
}

/** Identifies a row with everything that the caller passed along. */
export function digestOf(key: string, data: unknown, refused: string | undefined): string {
  return sha256(`${key}\n${JSON.stringify(data) ?? ""}\n${refused ?? ""}`).slice(0, 16);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
