/** Keys that identify inputs. */
import { createRandom, type Random } from "../random.js";
import type { SimulatedInput } from "./options.js";

/** The key of an input in `billed` and `submitted`: JSON of its target and parameters, with sorted names. */
export function inputKey({ target, params }: SimulatedInput): string {
  return JSON.stringify({ params, target }, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** Random numbers of a text: the same ones for the same seed and text. */
export function randomOf(text: string, seed: number): Random {
  // FNV-1a.
  let hash = 0x811c9dc5 ^ seed;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return createRandom(hash);
}

/** Increments a counter. */
export function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
