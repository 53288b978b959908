/** Checks of single values. They are as lax as pydantic 2: a number may come as text, as it does in a URL. */
import type { Schema } from "./contract.js";
import { type Issue, issue, type Location } from "./issues.js";
import { uuidProblem } from "./uuid.js";

/** The contract uses a keyword, a type, a format or a reference that these checks do not know. */
export class UnknownSchemaError extends Error {
  override readonly name = "UnknownSchemaError";
}

type ScalarCheck = (value: unknown, loc: Location) => Issue[];

const TRUTHS = ["true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"];

/** Takes true, false, 0, 1 and the words for them. */
export const checkBoolean: ScalarCheck = (value, loc) => {
  if (typeof value === "boolean" || value === 0 || value === 1) {
    return [];
  }
  if (typeof value === "string" || typeof value === "number") {
    const known = typeof value === "string" && TRUTHS.includes(value.toLowerCase());
    const msg = "Input should be a valid boolean, unable to interpret input";
    return known ? [] : [issue("bool_parsing", loc, msg, value)];
  }
  return [issue("bool_type", loc, "Input should be a valid boolean", value)];
};

const WORDS = {
  integer: { prefix: "int", noun: "integer", pattern: /^\s*[-+]?\d+(_\d+)*(\.0*)?\s*$/ },
  number: { prefix: "float", noun: "number", pattern: /^\s*[-+]?(\d+(_\d+)*\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i },
} as const;

/** Takes numbers, and texts and truths that stand for one, within the schema's bounds. */
export function checkNumber(kind: "integer" | "number", { minimum, maximum }: Schema): ScalarCheck {
  const { prefix, noun, pattern } = WORDS[kind];
  const valid = `Input should be a valid ${noun}`;
  return (value, loc) => {
    if (typeof value !== "number" && typeof value !== "string" && typeof value !== "boolean") {
      return [issue(`${prefix}_type`, loc, valid, value)];
    }
    if (typeof value === "string" && !pattern.test(value)) {
      return [
        issue(
          `${prefix}_parsing`,
          loc,
          `${valid}, unable to parse string as ${kind === "integer" ? "an" : "a"} ${noun}`,
          value,
        ),
      ];
    }
    const number = Number(typeof value === "string" ? value.replaceAll("_", "") : value);
    if (kind === "integer" && !Number.isInteger(number)) {
      return [issue("int_from_float", loc, `${valid}, got a number with a fractional part`, value)];
    }
    if (typeof minimum === "number" && number < minimum) {
      const msg = `Input should be greater than or equal to ${minimum}`;
      return [issue("greater_than_equal", loc, msg, value, { ge: minimum })];
    }
    if (typeof maximum === "number" && number > maximum) {
      return [
        issue("less_than_equal", loc, `Input should be less than or equal to ${maximum}`, value, { le: maximum }),
      ];
    }
    return [];
  };
}

/**
 * Takes texts of the schema's length, format and choice.
 *
 * @param named - The schema is a component: a choice of its own name is an enum to the server, another a literal.
 */
export function checkText({ format, enum: choice, minLength, maxLength }: Schema, named: boolean): ScalarCheck {
  if (format !== undefined && format !== "uuid") {
    throw new UnknownSchemaError(`the format ${JSON.stringify(format)} is not known`);
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

/** Characters are counted as Python does: by code point. */
function lengthIssues(value: string, least: unknown, most: unknown, loc: Location): Issue[] {
  const characters = (limit: number): string => `${limit} character${limit === 1 ? "" : "s"}`;
  const length = (): number => [...value].length;
  if (typeof least === "number" && length() < least) {
    const msg = `String should have at least ${characters(least)}`;
    return [issue("string_too_short", loc, msg, value, { min_length: least })];
  }
  if (typeof most === "number" && value.length > most && length() > most) {
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

const checkUuid: ScalarCheck = (value, loc) => {
  if (typeof value !== "string") {
    return [issue("uuid_type", loc, "UUID input should be a string, bytes or UUID object", value)];
  }
  const error = uuidProblem(value);
  return error === undefined
    ? []
    : [issue("uuid_parsing", loc, `Input should be a valid UUID, ${error}`, value, { error })];
};
