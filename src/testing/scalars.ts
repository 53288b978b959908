/** Checks of single values. They are as lax as pydantic 2: a number may be sent as a string, as in a URL. */
import type { Schema } from "./contract.js";
import { type Issue, issue, type Location } from "./issues.js";

/** The contract uses a keyword, a type, a format or a reference that these checks do not support. */
export class UnknownSchemaError extends Error {
  override readonly name = "UnknownSchemaError";
}

type ScalarCheck = (value: unknown, loc: Location) => Issue[];

const BOOLEAN_STRINGS = ["true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"];

/** Accepts true, false, 0, 1 and the strings that pydantic reads as booleans. */
export const checkBoolean: ScalarCheck = (value, loc) => {
  if (typeof value === "boolean" || value === 0 || value === 1) {
    return [];
  }
  if (typeof value === "string" || typeof value === "number") {
    const known = typeof value === "string" && BOOLEAN_STRINGS.includes(value.toLowerCase());
    const msg = "Input should be a valid boolean, unable to interpret input";
    return known ? [] : [issue("bool_parsing", loc, msg, value)];
  }
  return [issue("bool_type", loc, "Input should be a valid boolean", value)];
};

const KINDS = {
  integer: { prefix: "int", noun: "an integer", pattern: /^\s*[-+]?\d+(_\d+)*(\.0+)?\s*$/ },
  number: { prefix: "float", noun: "a number", pattern: /^\s*[-+]?(\d+(_\d+)*\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i },
} as const;

/** Floats from here on do not fit pydantic's 64-bit integer. */
const INTEGER_LIMIT = 2 ** 63;

/** Accepts numbers, and strings and booleans that pydantic reads as numbers, within the schema's bounds. */
export function checkNumber(kind: "integer" | "number", { minimum, maximum }: Schema): ScalarCheck {
  const { prefix, noun, pattern } = KINDS[kind];
  const valid = `Input should be a valid ${kind}`;
  return (value, loc) => {
    if (typeof value !== "number" && typeof value !== "string" && typeof value !== "boolean") {
      return [issue(`${prefix}_type`, loc, valid, value)];
    }
    if (typeof value === "string" && !pattern.test(value)) {
      return [issue(`${prefix}_parsing`, loc, `${valid}, unable to parse string as ${noun}`, value)];
    }
    const number = Number(typeof value === "string" ? value.replaceAll("_", "") : value);
    const unfit = kind === "integer" ? integerIssue(number, value, loc) : undefined;
    if (unfit) {
      return [unfit];
    }
    if (typeof minimum === "number" && number < minimum) {
      const msg = `Input should be greater than or equal to ${minimum}`;
      return [issue("greater_than_equal", loc, msg, value, { ge: minimum })];
    }
    if (typeof maximum === "number" && number > maximum) {
      const msg = `Input should be less than or equal to ${maximum}`;
      return [issue("less_than_equal", loc, msg, value, { le: maximum })];
    }
    return [];
  };
}

/** Strings of digits may be of any size: Python's integers have no limit. */
function integerIssue(number: number, value: unknown, loc: Location): Issue | undefined {
  if (typeof value === "string") {
    return undefined;
  }
  if (!Number.isFinite(number)) {
    return issue("finite_number", loc, "Input should be a finite number", value);
  }
  if (!Number.isInteger(number)) {
    const msg = "Input should be a valid integer, got a number with a fractional part";
    return issue("int_from_float", loc, msg, value);
  }
  return Math.abs(number) < INTEGER_LIMIT
    ? undefined
    : issue("int_parsing_size", loc, "Unable to parse input string as an integer, exceeded maximum size", value);
}

/**
 * Accepts strings of the schema's length, format and choice.
 *
 * @param named - Whether the schema is a component. The server reads a named choice as an enum, another as a literal.
 */
export function checkText({ format, enum: choice, minLength, maxLength }: Schema, named: boolean): ScalarCheck {
  if (format !== undefined && format !== "uuid") {
    throw new UnknownSchemaError(`the format ${JSON.stringify(format)} is not supported`);
  }
  if (choice !== undefined) {
    return checkChoice(choice as readonly string[], named);
  }
  if (format === "uuid") {
    return checkUuid;
  }
  return (value, loc) => {
    if (typeof value !== "string") {
      return [issue("string_type", loc, "Input should be a valid string", value)];
    }
    return lengthIssues(value, minLength, maxLength, loc);
  };
}

/** Counts code points, as Python does. */
function lengthIssues(value: string, least: unknown, most: unknown, loc: Location): Issue[] {
  const characters = (limit: number): string => `${limit} character${limit === 1 ? "" : "s"}`;
  const length = (): number => [...value].length;
  if (typeof least === "number" && value.length < 2 * least && length() < least) {
    const msg = `String should have at least ${characters(least)}`;
    return [issue("string_too_short", loc, msg, value, { min_length: least })];
  }
  // A code point has at most two units: no need to count a string that is longer than twice the limit.
  if (typeof most === "number" && value.length > most && (value.length > 2 * most || length() > most)) {
    const msg = `String should have at most ${characters(most)}`;
    return [issue("string_too_long", loc, msg, value, { max_length: most })];
  }
  return [];
}

function checkChoice(choice: readonly string[], named: boolean): ScalarCheck {
  const quoted = choice.map((each) => `'${each}'`);
  const expected = [quoted.slice(0, -1).join(", "), ...quoted.slice(-1)].filter(Boolean).join(" or ");
  const type = named ? "enum" : "literal_error";
  return (value, loc) =>
    typeof value === "string" && choice.includes(value)
      ? []
      : [issue(type, loc, `Input should be ${expected}`, value, { expected })];
}

const HYPHENATED = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/** The four spellings that pydantic accepts. */
const UUID = new RegExp(`^([0-9a-f]{32}|(urn:uuid:)?${HYPHENATED}|\\{${HYPHENATED}\\})$`, "i");

/** The one wording for a string that is not a UUID. The server's parser distinguishes four errors; the kit does not. */
const NOT_A_UUID = "unable to parse string as a UUID";

const checkUuid: ScalarCheck = (value, loc) => {
  if (typeof value !== "string") {
    return [issue("uuid_type", loc, "UUID input should be a string, bytes or UUID object", value)];
  }
  return UUID.test(value)
    ? []
    : [issue("uuid_parsing", loc, `Input should be a valid UUID, ${NOT_A_UUID}`, value, { error: NOT_A_UUID })];
};
