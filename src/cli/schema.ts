/** Describes the contract's schemas, and uses them to read values from text. */
import { jsonSchemas } from "../generated/json-schemas.gen.js";
import { CommandLineError } from "./failure.js";

/** The part of JSON Schema that the contract uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
}

/** The schema that a reference points to, or the schema itself. */
export function resolve(schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : ((jsonSchemas[name] ?? {}) as Schema);
}

/** A schema's type as text: `integer from 1 to 500`, `list of text`. */
export function describeType(schema: Schema): string {
  const { type, format, anyOf, items, enum: values, minimum, maximum, minItems, maxItems, maxLength } = resolve(schema);
  if (anyOf) {
    return anyOf.map(describeType).join(" or ");
  }
  if (values) {
    return values.map(String).join(" | ");
  }
  switch (type) {
    case "array":
      return `list of${count(minItems, maxItems)} ${plural(items)}`;
    case "string":
      return `${format === "uuid" ? "UUID" : "text"}${maxLength === undefined ? "" : ` up to ${maxLength} characters`}`;
    case undefined:
      return "anything";
    default:
      return `${type}${bounds(minimum, maximum)}`;
  }
}

function plural(items: Schema | undefined): string {
  const noun = items ? describeType(items) : "anything";
  return ["object", "integer", "number", "UUID"].includes(noun) ? `${noun}s` : noun;
}

function count(least: number | undefined, most: number | undefined): string {
  return most === undefined && least !== undefined ? ` at least ${least}` : bounds(least, most).replace(/from /, "");
}

function bounds(least: number | undefined, most: number | undefined): string {
  if (least === undefined) {
    return most === undefined ? "" : ` up to ${most}`;
  }
  return most === undefined ? ` from ${least}` : ` from ${least} to ${most}`;
}

/** Whether a schema, or one of its alternatives, is a list. */
export function isList(schema: Schema): boolean {
  const { type, anyOf } = resolve(schema);
  return type === "array" || (anyOf?.some(isList) ?? false);
}

/** Whether a schema is a boolean. */
export function isBoolean(schema: Schema): boolean {
  return resolve(schema).type === "boolean";
}

/**
 * Reads a value of the schema's type from text. A value of a schema with several types stays text.
 *
 * @param name - The name of the value in an error.
 * @throws CommandLineError if the text is not a value of the type.
 */
export function readValue(name: string, text: string, schema: Schema): string | number | boolean {
  switch (resolve(schema).type) {
    case "integer":
    case "number": {
      const value = Number(text);
      if (!/^-?\d+(\.\d+)?$/.test(text) || (resolve(schema).type === "integer" && !Number.isSafeInteger(value))) {
        throw new CommandLineError(`${name} must be ${withArticle(describeType(schema))}, got ${JSON.stringify(text)}`);
      }
      return value;
    }
    case "boolean":
      if (text !== "true" && text !== "false") {
        throw new CommandLineError(`${name} must be true or false, got ${JSON.stringify(text)}`);
      }
      return text === "true";
    default:
      return text;
  }
}

function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}
