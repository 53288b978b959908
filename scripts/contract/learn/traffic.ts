/** Reads recorded traffic, and adds up the shapes of its exchanges. */
import { readFileSync } from "node:fs";
import type { RecordedExchange } from "../../../src/drift/record.js";
import { MAX_CANDIDATES, type Shape } from "../../../src/drift/shape.js";
import { ContractError, isObject } from "../document.js";

/** What was seen at one place of a body, in all exchanges. */
export interface Seen {
  /** In how many exchanges there was a value here. */
  exchanges: number;
  /** In how many of them there was an object, and how many objects there were in all. */
  objectExchanges: number;
  objects: number;
  /** How often each JSON type was seen. */
  types: Record<string, number>;
  formats: Record<string, number>;
  values: Record<string, number>;
  fields: Map<string, Seen>;
  map?: Seen;
  items?: Seen;
  /** The hashes of each session. Hashes of two sessions cannot be compared. */
  candidates: Map<string, Set<string>>;
}

/** All exchanges of one operation with one status. */
export interface Responses {
  operation: string;
  status: number;
  exchanges: number;
  /** The bodies that were returned. */
  response: Seen;
}

/** @throws ContractError for a file that cannot be read, or a line that is no recorded exchange. */
export function readTraffic(files: readonly string[]): Responses[] {
  const all = new Map<string, Responses>();
  for (const file of files) {
    for (const [index, line] of readLines(file).entries()) {
      if (line.trim() !== "") {
        const { operation, status, session, response } = readLine(line, `${file}:${index + 1}`);
        const key = `${operation} ${status}`;
        const responses = all.get(key) ?? { operation, status, exchanges: 0, response: nothing() };
        all.set(key, responses);
        responses.exchanges++;
        if (response) {
          addShape(responses.response, response, session);
        }
      }
    }
  }
  return [...all.values()];
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    throw new ContractError(`${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function readLine(line: string, place: string): RecordedExchange {
  let exchange: unknown;
  try {
    exchange = JSON.parse(line);
  } catch {
    throw new ContractError(`${place}: not a line of JSON; pass a file that record({ to }) has written`);
  }
  const { v, operation, status }: Record<string, unknown> = isObject(exchange) ? exchange : {};
  if (typeof operation !== "string" || typeof status !== "number") {
    throw new ContractError(`${place}: no recorded exchange; pass a file that record({ to }) has written`);
  }
  if (v !== 1) {
    throw new ContractError(`${place}: the format has version ${v}; this program reads version 1`);
  }
  return exchange as RecordedExchange;
}

function nothing(): Seen {
  return {
    exchanges: 0,
    objectExchanges: 0,
    objects: 0,
    types: {},
    formats: {},
    values: {},
    fields: new Map(),
    candidates: new Map(),
  };
}

function addShape(seen: Seen, shape: Shape, session: string): void {
  const { object = 0 } = shape.types;
  seen.exchanges++;
  seen.objects += object;
  seen.objectExchanges += object > 0 ? 1 : 0;
  addCounts(seen.types, shape.types);
  addCounts(seen.formats, shape.formats);
  addCounts(seen.values, shape.values);
  for (const [name, inner] of Object.entries(shape.fields ?? {})) {
    const field = seen.fields.get(name) ?? nothing();
    seen.fields.set(name, field);
    addShape(field, inner, session);
  }
  for (const key of ["map", "items"] as const) {
    const inner = shape[key];
    if (inner) {
      seen[key] ??= nothing();
      addShape(seen[key], inner, session);
    }
  }
  const known = seen.candidates.get(session) ?? new Set();
  for (const candidate of shape.candidates ?? []) {
    seen.candidates.set(session, known.add(candidate));
  }
}

/**
 * Adds up what was seen in two places that one schema describes.
 *
 * @param areSame - The places are in the same exchanges, which must not count twice.
 */
export function addSeen(into: Seen | undefined, other: Seen, areSame: boolean): Seen {
  const seen = into ?? nothing();
  const exchanges = (a: number, b: number): number => (areSame ? Math.max(a, b) : a + b);
  seen.exchanges = exchanges(seen.exchanges, other.exchanges);
  seen.objectExchanges = exchanges(seen.objectExchanges, other.objectExchanges);
  seen.objects += other.objects;
  addCounts(seen.types, other.types);
  addCounts(seen.formats, other.formats);
  addCounts(seen.values, other.values);
  for (const [name, field] of other.fields) {
    seen.fields.set(name, addSeen(seen.fields.get(name), field, areSame));
  }
  for (const key of ["map", "items"] as const) {
    const inner = other[key];
    if (inner) {
      seen[key] = addSeen(seen[key], inner, areSame);
    }
  }
  for (const [session, hashes] of other.candidates) {
    seen.candidates.set(session, new Set([...(seen.candidates.get(session) ?? []), ...hashes]));
  }
  return seen;
}

function addCounts(into: Record<string, number>, counts: Record<string, number> = {}): void {
  for (const [name, count] of Object.entries(counts)) {
    into[name] = (into[name] ?? 0) + count;
  }
}

/** How many values there were. */
export function total({ types }: Seen): number {
  return Object.values(types).reduce((sum, count) => sum + count, 0);
}

/** How many different short texts there were, if so few that they may be an enum. */
export function enumSize({ candidates, types }: Seen): number | undefined {
  const sizes = [...candidates.values()].map((known) => (known.has("(free)") ? Number.POSITIVE_INFINITY : known.size));
  const most = Math.max(0, ...sizes);
  return most > 0 && most <= MAX_CANDIDATES && (types.string ?? 0) >= 5 * most ? most : undefined;
}
