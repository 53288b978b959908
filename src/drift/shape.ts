/** The shape of bodies: types, presence and formats. It contains no value, and no key that is data. Pure. */
import type { KnownFields } from "../generated/known-fields.gen.js";
import { isFieldName, typeOf } from "./check.js";

/** What was seen at one place of a body. Shapes of many bodies add up. */
export interface Shape {
  /** How often each JSON type was seen. */
  types: Record<string, number>;
  /** The fields of objects. */
  fields?: Record<string, Shape>;
  /** The values of objects whose keys are data. */
  map?: Shape;
  items?: Shape;
  /** How many of the texts had a format. */
  formats?: Record<string, number>;
  /** How often each documented value of an enum was seen; `(other)` for all others. */
  values?: Record<string, number>;
  /** Hashes of short lower-case texts, which may be values of an enum. */
  candidates?: string[];
}

/** How values are turned into a shape. */
export interface ShapeOptions {
  definitions: Readonly<Record<string, KnownFields>>;
  /** A hash of a text that cannot be reversed. */
  hash: (text: string) => string;
  /** Places whose keys are names, although the contract does not say so. */
  showKeys: ReadonlySet<string>;
}

/** No more items of a list are looked at; they are spread evenly. */
const MAX_ITEMS = 200;

/** A field with more different texts is no enum. */
export const MAX_CANDIDATES = 12;

/** An object with more undocumented fields is a map. */
const MAX_EXTRAS = 20;

const MAX_DEPTH = 30;

const FORMATS: readonly [name: string, pattern: RegExp][] = [
  ["uuid", /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i],
  ["date-time", /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/],
  ["date", /^\d{4}-\d\d-\d\d$/],
  ["email", /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  ["uri", /^https?:\/\/\S+$/],
];

/** The shape of a body. */
export function shapeOf(body: unknown, known: KnownFields | undefined, options: ShapeOptions): Shape {
  const shape: Shape = { types: {} };
  add(shape, body, known ?? {}, "$", options, 0);
  return shape;
}

function add(shape: Shape, value: unknown, known: KnownFields, path: string, options: ShapeOptions, depth: number) {
  const type = typeOf(value);
  count(shape.types, type);
  const own = resolve(known, options);
  if (typeof value === "string") {
    addText(shape, value, own, options);
  }
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) {
    return;
  }
  if (Array.isArray(value)) {
    const step = Math.max(1, Math.ceil(value.length / MAX_ITEMS));
    for (let index = 0; index < value.length; index += step) {
      shape.items ??= { types: {} };
      add(shape.items, value[index], own.items ?? {}, `${path}[]`, options, depth + 1);
    }
    return;
  }
  addObject(shape, value, own, path, options, depth);
}

function addObject(
  shape: Shape,
  value: object,
  known: KnownFields,
  path: string,
  options: ShapeOptions,
  depth: number,
): void {
  const names = Object.keys(value);
  const isOpen = known.fields !== undefined && known.map === undefined;
  const extras = names.filter((name) => !isDocumented(known, name));
  const areNames = (isOpen && extras.length <= MAX_EXTRAS) || options.showKeys.has(path);
  for (const name of names) {
    const documented = isDocumented(known, name) ? known.fields?.[name] : undefined;
    const inner: unknown = Reflect.get(value, name);
    if (documented || (areNames && isFieldName(name))) {
      shape.fields ??= Object.create(null) as Record<string, Shape>;
      shape.fields[name] ??= { types: {} };
      add(shape.fields[name], inner, documented ?? {}, `${path}.${name}`, options, depth + 1);
    } else {
      shape.map ??= { types: {} };
      add(shape.map, inner, known.map ?? {}, `${path}.*`, options, depth + 1);
    }
  }
}

function isDocumented(known: KnownFields, name: string): boolean {
  return known.fields !== undefined && Object.hasOwn(known.fields, name);
}

function addText(shape: Shape, text: string, known: KnownFields, { hash }: ShapeOptions): void {
  if (known.values) {
    shape.values ??= {};
    count(shape.values, known.values.includes(text) ? text : "(other)");
    return;
  }
  const format = text.length < 500 ? FORMATS.find(([, pattern]) => pattern.test(text))?.[0] : undefined;
  if (format) {
    shape.formats ??= {};
    count(shape.formats, format);
  }
  // One text more than the limit stays, as a sign that there are too many.
  const candidates = shape.candidates ?? [];
  if (!format && candidates.length <= MAX_CANDIDATES) {
    const candidate = /^[a-z][a-z_]{0,29}$/.test(text) ? hash(text) : "(free)";
    if (!candidates.includes(candidate)) {
      shape.candidates = [...candidates, candidate];
    }
  }
}

function resolve(known: KnownFields, { definitions }: ShapeOptions): KnownFields {
  return known.ref === undefined ? known : (definitions[known.ref] ?? {});
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
