/** Finds a value that one schema admits and another refuses. It tries border values of the first. */
import type { ErrorObject } from "ajv/dist/2020.js";
import { isObject, type Json, type JsonObject, type Path, referencePath, valueAt } from "../document.js";
import type { schemaErrors } from "../examples.js";

/** From this depth on, lists are empty and objects bare, so that schemas that contain themselves come to an end. */
const BARE_DEPTH = 6;
const MAX_DEPTH = 20;
const MAX_TRIES = 3000;

const FORMATS: Record<string, string> = {
  "date-time": "2025-01-15T10:30:00Z",
  date: "2025-01-15",
  time: "10:30:00Z",
  email: "someone@example.com",
  uuid: "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
  uri: "https://example.com/",
  hostname: "example.com",
  ipv4: "192.0.2.1",
};

export interface Counterexample {
  value: Json;
  /** The part of the value that is refused: `[].rate_limit`. */
  place: string;
  reason: string;
}

type Errors = ReturnType<typeof schemaErrors>;

/** Looks for counterexamples between two documents in canonical form; their errors are found by `schemaErrors`. */
export function counterexamples(admitting: JsonObject, admits: Errors, refuses: Errors) {
  /** Values that fit the schema at a path of one document and break the one there of the other, one for each place. */
  return (path: Path): Counterexample[] => {
    const schema = valueAt(admitting, path);
    const found = new Map<string, Counterexample>();
    for (const value of new Values(admitting).of(schema ?? {}).slice(0, MAX_TRIES)) {
      const [problem] = refuses(path, value);
      const place = problem ? placeOf(problem) : "";
      if (problem && !found.has(place) && admits(path, value).length === 0) {
        found.set(place, { value, place, reason: `${place || "the body"} ${problem.message}` });
      }
    }
    return [...found.values()];
  };
}

/** The plainest value that fits a schema of a document in canonical form. */
export function plainValue(document: JsonObject, schema: Json): Json {
  return new Values(document).of(schema)[0] ?? null;
}

function placeOf({ instancePath, keyword, params }: ErrorObject): string {
  const keys = instancePath.split("/").slice(1);
  const all = keyword === "required" ? [...keys, String(params.missingProperty)] : keys;
  return all
    .map((key) => (/^\d+$/.test(key) ? "[]" : `.${key}`))
    .join("")
    .replace(/^\./, "");
}

/** Values at the borders of a schema: each alternative once, inside an otherwise plain value. */
class Values {
  readonly #document: JsonObject;

  constructor(document: JsonObject) {
    this.#document = document;
  }

  /** The plain value first. */
  of(node: Json, depth = 0): Json[] {
    const schema = this.#resolve(node);
    if (depth > MAX_DEPTH || !isObject(schema)) {
      return [null];
    }
    const { anyOf, allOf, ...rest } = schema;
    if (Array.isArray(allOf)) {
      return this.of(Object.assign({}, rest, ...allOf.map((part) => this.#resolve(part))), depth);
    }
    if (Array.isArray(anyOf)) {
      return anyOf.flatMap((branch) => this.of({ ...rest, ...(this.#resolve(branch) as JsonObject) }, depth + 1));
    }
    if (Array.isArray(schema.enum)) {
      return schema.enum;
    }
    const types = schema.type === undefined ? guessedTypes(schema) : ([schema.type].flat() as string[]);
    return types.flatMap((type) => this.#ofType(type, schema, depth));
  }

  #ofType(type: string, schema: JsonObject, depth: number): Json[] {
    switch (type) {
      case "null":
        return [null];
      case "boolean":
        return [true, false];
      case "integer":
        return numbers(schema).filter(Number.isInteger);
      case "number":
        return numbers(schema);
      case "string":
        return strings(schema);
      case "array":
        return this.#arrays(schema, depth);
      default:
        return this.#objects(schema, depth);
    }
  }

  #arrays(schema: JsonObject, depth: number): Json[] {
    if (depth >= BARE_DEPTH && typeof schema.minItems !== "number") {
      return [[]];
    }
    const items = this.of(schema.items ?? {}, depth + 1);
    const [plain = null] = items;
    const sizes = [schema.minItems, schema.maxItems, 0].filter((size): size is number => typeof size === "number");
    const bySize = sizes.filter((size) => size <= 1000).map((size) => Array<Json>(size).fill(plain));
    const few = Math.max(1, typeof schema.minItems === "number" ? schema.minItems : 1);
    return [
      Array<Json>(few).fill(plain),
      ...items.slice(1).map((item) => [item, ...Array<Json>(few - 1).fill(plain)]),
      ...bySize,
    ];
  }

  #objects(schema: JsonObject, depth: number): Json[] {
    const required = Array.isArray(schema.required) ? schema.required : [];
    const isWanted = (name: string): boolean => depth < BARE_DEPTH || required.includes(name);
    const properties = Object.entries((schema.properties ?? {}) as JsonObject).filter(([name]) => isWanted(name));
    const values = properties.map(([name, inner]) => ({ name, values: this.of(inner, depth + 1) }));
    const plain: JsonObject = Object.fromEntries(values.map(({ name, values: [first = null] }) => [name, first]));
    const variants = values.flatMap(({ name, values: [, ...others] }) =>
      others.map((value) => ({ ...plain, [name]: value })),
    );
    const without = properties.filter(([name]) => !required.includes(name)).map(([name]) => omit(plain, name));
    const extra = isObject(schema.additionalProperties)
      ? this.of(schema.additionalProperties, depth + 1).map((value) => ({ ...plain, extra: value }))
      : [];
    const least = Object.fromEntries(Object.entries(plain).filter(([name]) => required.includes(name)));
    return [plain, ...without, ...extra, least, ...variants];
  }

  #resolve(node: Json): Json {
    const reference = isObject(node) ? node.$ref : undefined;
    if (typeof reference !== "string") {
      return node;
    }
    return valueAt(this.#document, referencePath(reference)) ?? {};
  }
}

function guessedTypes(schema: JsonObject): string[] {
  if (schema.properties !== undefined) {
    return ["object"];
  }
  return schema.items === undefined ? ["string", "number", "boolean", "null", "array", "object"] : ["array"];
}

function numbers(schema: JsonObject): number[] {
  const bounds = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
  const limits = bounds.map((key) => schema[key]).filter((limit): limit is number => typeof limit === "number");
  const near = limits.flatMap((limit) => [limit, limit + 1, limit - 1]);
  return [1, ...near, 0, -1, 1.5, 100_000];
}

function strings(schema: JsonObject): string[] {
  const format = FORMATS[String(schema.format)];
  const lengths = [schema.minLength, schema.maxLength].filter((size): size is number => typeof size === "number");
  const sized = lengths.filter((size) => size <= 100_000).map((size) => "x".repeat(size));
  return [...(format === undefined ? ["text"] : [format]), ...sized, "", "x".repeat(300)];
}

function omit(object: JsonObject, name: string): JsonObject {
  const { [name]: _, ...rest } = object;
  return rest;
}
