/** Checks values against the part of JSON Schema that the contract uses, and reports issues as pydantic 2 does. */
import type { Schema } from "./contract.js";
import { type Issue, issue, type Location, missing } from "./issues.js";
import { checkBoolean, checkNumber, checkText, UnknownSchemaError } from "./scalars.js";

/** Returns the issues of a value: an empty list for a valid one. */
export type Check = (value: unknown, loc: Location) => Issue[];

const ANNOTATIONS = ["title", "description", "default", "deprecated"];

/** The supported keywords of each kind of schema. Any other is an error, so that no keyword is silently ignored. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  $ref: ["$ref"],
  anyOf: ["anyOf"],
  any: [],
  null: ["type"],
  boolean: ["type"],
  integer: ["type", "minimum", "maximum"],
  number: ["type", "minimum", "maximum"],
  string: ["type", "format", "enum", "minLength", "maxLength"],
  array: ["type", "items", "minItems", "maxItems"],
  object: ["type", "properties", "required", "additionalProperties", "minProperties", "maxProperties"],
};

/** Compiles schemas. Each component is compiled once. */
export class SchemaCompiler {
  readonly #components: Readonly<Record<string, Schema>>;
  readonly #compiled = new Map<string, Check>();

  constructor(components: Readonly<Record<string, Schema>>) {
    this.#components = components;
  }

  /**
   * Makes the check of a schema.
   *
   * @throws UnknownSchemaError if the schema uses a keyword, a type or a format that is not supported.
   */
  compile(schema: Schema, named = false): Check {
    const kind = kindOf(schema);
    const known = KEYWORDS[kind];
    if (!known) {
      throw new UnknownSchemaError(`the type ${JSON.stringify(kind)} is not supported`);
    }
    const unsupported = Object.keys(schema).find((key) => !known.includes(key) && !ANNOTATIONS.includes(key));
    if (unsupported !== undefined) {
      throw new UnknownSchemaError(`the keyword "${unsupported}" of ${kind} schemas is not supported`);
    }
    switch (kind) {
      case "$ref":
        return this.#reference(String(schema.$ref));
      case "anyOf":
        return this.#union(schema.anyOf as Schema[]);
      case "array":
        return this.#list(schema);
      case "object":
        return schema.properties === undefined ? this.#dictionary(schema) : this.#model(schema);
      case "boolean":
        return checkBoolean;
      case "integer":
      case "number":
        return checkNumber(kind, schema);
      case "string":
        return checkText(schema, named);
      case "null":
        return (value, loc) => (value === null ? [] : [issue("none_required", loc, "Input should be None", value)]);
      default:
        return () => [];
    }
  }

  #reference(reference: string): Check {
    const name = /^#\/components\/schemas\/(.+)$/.exec(reference)?.[1] ?? "";
    const schema = this.#components[name];
    if (!schema) {
      throw new UnknownSchemaError(`the contract has no ${reference}`);
    }
    let check = this.#compiled.get(name);
    if (!check) {
      // A schema may contain itself, so its check is looked up when it runs.
      this.#compiled.set(name, (value, loc) => this.#compiled.get(name)?.(value, loc) ?? []);
      check = this.compile(schema, true);
      this.#compiled.set(name, check);
    }
    return check;
  }

  /** `[x, null]` is an optional x. With several types, `loc` names the type that each issue belongs to. */
  #union(schemas: readonly Schema[]): Check {
    const rest = schemas.filter((schema) => schema.type !== "null");
    const nullable = rest.length < schemas.length;
    const branches = rest.map((schema) => ({
      label: rest.length > 1 ? [labelOf(schema)] : [],
      check: this.compile(schema),
    }));
    return (value, loc) => {
      if (nullable && value === null) {
        return [];
      }
      const issues = branches.map(({ check, label }) => check(value, [...loc, ...label]));
      return issues.some((each) => each.length === 0) ? [] : issues.flat();
    };
  }

  #list({ items, minItems, maxItems }: Schema): Check {
    const check = items === undefined ? undefined : this.compile(items as Schema);
    return (value, loc) => {
      if (!Array.isArray(value)) {
        return [issue("list_type", loc, "Input should be a valid list", value)];
      }
      const [tooLong] = sizeIssues("List", value.length, undefined, maxItems, value, loc);
      if (tooLong) {
        return [tooLong];
      }
      const issues = check ? value.flatMap((item, index) => check(item, [...loc, index])) : [];
      return issues.length > 0 ? issues : sizeIssues("List", value.length, minItems, undefined, value, loc);
    };
  }

  #dictionary({ additionalProperties, minProperties, maxProperties }: Schema): Check {
    const check = typeof additionalProperties === "object" ? this.compile(additionalProperties as Schema) : undefined;
    return (value, loc) => {
      if (!isObject(value)) {
        return [issue("dict_type", loc, "Input should be a valid dictionary", value)];
      }
      const entries = Object.entries(value);
      const issues = check ? entries.flatMap(([key, item]) => check(item, [...loc, key])) : [];
      return issues.length > 0
        ? issues
        : sizeIssues("Dictionary", entries.length, minProperties, maxProperties, value, loc);
    };
  }

  /** Fields that the schema does not name are ignored, as on the server. */
  #model({ properties, required = [], additionalProperties, minProperties, maxProperties }: Schema): Check {
    if (additionalProperties === false || typeof additionalProperties === "object" || minProperties || maxProperties) {
      throw new UnknownSchemaError("a limit on the further fields of an object with named fields is not supported");
    }
    const fields = Object.entries(properties as Readonly<Record<string, Schema>>).map(([name, schema]) => ({
      name,
      required: (required as readonly string[]).includes(name),
      check: this.compile(schema),
    }));
    return (value, loc) => {
      if (!isObject(value)) {
        const msg = "Input should be a valid dictionary or object to extract fields from";
        return [issue("model_attributes_type", loc, msg, value)];
      }
      return fields.flatMap((field) => {
        const at = [...loc, field.name];
        if (!Object.hasOwn(value, field.name)) {
          return field.required ? [missing(at, value)] : [];
        }
        return field.check(value[field.name], at);
      });
    };
  }
}

function kindOf(schema: Schema): string {
  const special = ["$ref", "anyOf"].find((key) => key in schema);
  return special ?? (typeof schema.type === "string" ? schema.type : "type" in schema ? "several types" : "any");
}

const PYTHON_NAMES: Readonly<Record<string, string>> = {
  integer: "int",
  number: "float",
  string: "str",
  boolean: "bool",
  array: "list[any]",
  object: "dict[str,any]",
};

function labelOf({ $ref, type }: Schema): string {
  return typeof $ref === "string" ? $ref.replace(/^.*\//, "") : (PYTHON_NAMES[String(type)] ?? "any");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function sizeIssues(
  kind: "List" | "Dictionary",
  size: number,
  least: unknown,
  most: unknown,
  value: unknown,
  loc: Location,
): Issue[] {
  const report = (type: string, limit: number, bound: string, key: string): Issue[] => {
    const msg = `${kind} should have ${bound} ${limit} item${limit === 1 ? "" : "s"} after validation, not ${size}`;
    return [issue(type, loc, msg, value, { field_type: kind, [key]: limit, actual_length: size })];
  };
  if (typeof least === "number" && size < least) {
    return report("too_short", least, "at least", "min_length");
  }
  return typeof most === "number" && size > most ? report("too_long", most, "at most", "max_length") : [];
}
