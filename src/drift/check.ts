/** Finds what differs between a body and the contract: types and names of fields, never values. */

import type { Problem, Sampling, Validate, Validators } from "../generated/validators.gen.js";

/** A difference between a body and the contract. It contains no value, and no key that is data. */
export interface Drift {
  /** The facade's name of the operation, such as `connectors.list`. */
  operation: string;
  /** The HTTP status, or `request` for the body that was sent. */
  status: number | "request";
  /** Where, such as `$[].rate_limit`: `[]` is any item of a list, `*` any key of a map. */
  path: string;
  /** `breach`: the body contradicts the contract. `note`: the contract does not mention it, or it is a new value of an enum. */
  level: "breach" | "note";
  /** The kind of difference. */
  kind: "type" | "missing" | "undocumented" | "value" | "format" | "limit" | "union" | "status";
  /** What the contract documents, such as `integer | null`. */
  expected: string;
  /** The type that was found, such as `string`; `missing` for a field that is not there. */
  found: string;
}

/** These statuses say something about the key, the plan or the server's health, not about the operation. */
const GENERAL_STATUSES = [401, 403, 429];

/** An object with more undocumented fields than this is treated as a map: its keys are data. */
const MAX_EXTRAS = 20;

/** How many errors are read: a body of another kind has thousands. */
const MAX_ERRORS = 500;

const NOTHING: readonly Drift[] = [];

/** All differences of one body, each once. Pure. */
export function findDrift(
  validators: Validators,
  operation: string,
  status: number | "request",
  body: unknown,
  sampling: Sampling,
): readonly Drift[] {
  const own = validators[operation];
  const validate = own?.[status];
  if (!own || (validate === undefined && isGeneral(status))) {
    return NOTHING;
  }
  if (validate === undefined) {
    const documented = Object.keys(own).filter((each) => each !== "request");
    const expected = status === "request" ? "no body" : documented.join(", ");
    return [{ operation, status, path: "", level: "note", kind: "status", expected, found: String(status) }];
  }
  if (validate === null || validate.call(sampling, body)) {
    return NOTHING;
  }
  return explain(validate, operation, status);
}

/** The differences behind the errors of a check. */
function explain(validate: Validate, operation: string, status: number | "request"): Drift[] {
  const problems = (validate.errors ?? []).slice(0, MAX_ERRORS);
  validate.errors = null;
  const maps = pathsOfMaps(problems);
  const found = new Map<string, Drift>();
  for (const problem of problems) {
    const drift = describe(problem, maps);
    if (drift) {
      found.set(`${drift.path} ${drift.kind} ${drift.found}`, { operation, status, ...drift });
    }
  }
  return [...found.values()];
}

/** A difference in one line, such as `connectors.list 200: $[].rate_limit expected integer | null, found string`. */
export function formatDrift(drift: Drift): string {
  return `${drift.operation} ${drift.status}: ${drift.path}${drift.path && " "}${messageOf(drift)}`;
}

/** A difference without its place. */
export function messageOf({ status, kind, expected, found }: Drift): string {
  switch (kind) {
    case "status":
      return `status ${status} is not documented (${expected} are)`;
    case "missing":
      return `is missing (${expected} expected)`;
    case "undocumented":
      return `is not documented (${found})`;
    default:
      return `expected ${expected}, found ${found}`;
  }
}

function isGeneral(status: number | "request"): boolean {
  return typeof status === "number" && (status >= 500 || GENERAL_STATUSES.includes(status));
}

/** Objects with so many undocumented fields that they look like maps. */
function pathsOfMaps(problems: readonly Problem[]): ReadonlySet<string> {
  const names = new Map<string, Set<string>>();
  for (const { keyword, instancePath, params } of problems) {
    if (keyword === "undocumented") {
      const known = names.get(instancePath) ?? new Set();
      names.set(instancePath, known.add(String(params.name)));
    }
  }
  return new Set([...names].filter(([, own]) => own.size > MAX_EXTRAS).map(([path]) => path));
}

type Description = Omit<Drift, "operation" | "status">;

/** An error in the contract's terms; `undefined` for one that only repeats another. */
function describe(problem: Problem, maps: ReadonlySet<string>): Description | undefined {
  const { keyword, instancePath, params, parentSchema, data } = problem;
  const path = readablePath(instancePath);
  const expected = parentSchema.expected ?? "anything";
  const found = typeOf(data);
  switch (keyword) {
    case "type":
      return { path, level: "breach", kind: "type", expected, found };
    case "required": {
      const name = params.missingProperty ?? "";
      const missing = parentSchema.properties?.[name]?.expected ?? "anything";
      return { path: `${path}.${name}`, level: "breach", kind: "missing", expected: missing, found: "missing" };
    }
    case "undocumented": {
      const name = String(params.name);
      const shown = maps.has(instancePath) || !isFieldName(name) ? "*" : name;
      const type = typeOf(params.value);
      return { path: `${path}.${shown}`, level: "note", kind: "undocumented", expected: "no such field", found: type };
    }
    case "enum": {
      // Of a value of another type, the type is reported.
      const values = parentSchema.enum ?? [];
      const isOfType = values.some((value) => typeOf(value) === found);
      const count = `one of ${values.length} values`;
      return isOfType ? { path, level: "note", kind: "value", expected: count, found: `another ${found}` } : undefined;
    }
    case "format":
      return { path, level: "breach", kind: "format", expected, found };
    case "anyOf":
      return { path, level: "breach", kind: "union", expected, found: `${found} that fits no alternative` };
    case "if":
      return undefined;
    default:
      return { path, level: "breach", kind: "limit", expected: `${expected} within ${keyword}`, found };
  }
}

/** Whether a name looks like a field of an API, not like data: an id, an address, a column that a user named. */
export function isFieldName(name: string): boolean {
  return /^[a-z_][a-z\d_]{0,39}$/i.test(name) && !/\d{3}/.test(name) && !/[a-z]\d[a-z\d]*\d/i.test(name);
}

/** `/[]/price` as `$[].price`. */
function readablePath(pointer: string): string {
  const segments = pointer.split("/").slice(1);
  const parts = segments.map((segment) =>
    segment === "[]" ? segment : `.${segment.replaceAll("~1", "/").replaceAll("~0", "~")}`,
  );
  return `$${parts.join("")}`;
}

/** The JSON type of a value. */
export function typeOf(value: unknown): string {
  if (value === null) {
    return "null";
  }
  if (Array.isArray(value)) {
    return "array";
  }
  if (typeof value === "number") {
    return Number.isInteger(value) ? "integer" : "number";
  }
  return value === undefined ? "nothing" : typeof value;
}
