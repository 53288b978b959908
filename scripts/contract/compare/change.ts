/** A change that a comparison finds, and its level. */
import type { Json } from "../document.js";

export const LEVELS = ["none", "patch", "minor", "major"] as const;

/**
 * `major`: a correct program breaks, when it runs or when it is built. `minor`: something new may be used. `patch`:
 * descriptions, examples, deprecations. `none`: the contracts mean the same.
 */
export type Level = (typeof LEVELS)[number];

export interface Change {
  level: Level;
  kind: "wire" | "compile" | "example";
  /** `GET /v1/connectors/`; empty for what belongs to no operation. */
  operation: string;
  /** The place: `200 application/json [].rate_limit` or `Connector.rate_limit`. */
  where: string;
  message: string;
  /** A body that the new contract allows and the old one does not. */
  counterexample?: Json;
}

export function worst(levels: readonly Level[]): Level {
  return LEVELS[Math.max(0, ...levels.map((level) => LEVELS.indexOf(level)))] ?? "none";
}
