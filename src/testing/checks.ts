/** Checks a request against its operation, as FastAPI does before the operation's own code runs. */
import { keyHeader } from "../generated/routes.gen.js";
import { readBody } from "./body.js";
import type { Contract, OperationRecord, ParameterRecord } from "./contract.js";
import { type Issue, issue, missing } from "./issues.js";
import type { PlainRequest } from "./request.js";
import type { Check } from "./schema.js";
import { SchemaCompiler } from "./schema.js";

/** Why a request is refused. */
export interface Refusal {
  /** 422 for a request that breaks the schema, 400 for a body that cannot be read at all. */
  readonly status: 422 | 400;
  readonly detail: readonly Issue[] | string;
}

/** Checks a request; `values` are the decoded path parameters. Returns undefined for a valid request. */
export type RequestCheck = (request: PlainRequest, values: Readonly<Record<string, string>>) => Refusal | undefined;

interface Part {
  readonly name: string;
  readonly required: boolean;
  readonly check: Check;
}

/**
 * The one wording for a body that is not JSON. Python's reader distinguishes ten errors and their positions; the kit
 * does not.
 */
const NOT_JSON = issue("json_invalid", ["body", 0], "JSON decode error", {}, { error: "Expecting value" });

/** FastAPI's answer where reading the body fails with anything but a JSON syntax error. */
const UNREADABLE: Refusal = { status: 400, detail: "There was an error parsing the body" };

/**
 * Makes the check of one operation.
 *
 * @throws UnknownSchemaError if a schema uses a keyword that the checks do not support.
 */
export function createRequestCheck(operation: OperationRecord, schemas: Contract["schemas"]): RequestCheck {
  const compiler = new SchemaCompiler(schemas);
  const parts = (location: string): Part[] =>
    operation.parameters
      .filter((parameter) => parameter.in === location)
      .map(({ name, required, schema }: ParameterRecord) => ({ name, required, check: compiler.compile(schema) }));
  const path = parts("path");
  const query = parts("query");
  const checkBody = createBodyCheck(operation, compiler);

  return (request, values) => {
    const body = checkBody && readBody(request);
    if (body?.kind === "unreadable") {
      return UNREADABLE;
    }
    if (body?.kind === "not-json") {
      return { status: 422, detail: [NOT_JSON] };
    }
    const issues = [
      ...path.flatMap(({ name, check }) => check(values[name], ["path", name])),
      ...queryIssues(query, request.query),
      ...(request.hasKey ? [] : [missing(["header", keyHeader], null)]),
      ...(checkBody?.(body?.value) ?? []),
    ];
    return issues.length > 0 ? { status: 422, detail: issues } : undefined;
  };
}

const NOTHING = new URLSearchParams();

function queryIssues(parts: readonly Part[], query: string): Issue[] {
  const sent = query === "" ? NOTHING : new URLSearchParams(query);
  return parts.flatMap(({ name, required, check }) => {
    const value = sent.getAll(name).at(-1);
    if (value === undefined) {
      return required ? [missing(["query", name], null)] : [];
    }
    return check(value, ["query", name]);
  });
}

function createBodyCheck(
  { requestBody }: OperationRecord,
  compiler: SchemaCompiler,
): ((value: unknown) => Issue[]) | undefined {
  const [schema] = Object.values(requestBody?.content ?? {});
  if (!requestBody || !schema) {
    return undefined;
  }
  const check = compiler.compile(schema);
  return (value) => {
    if (value === undefined || value === null) {
      return requestBody.required ? [missing(["body"], null)] : [];
    }
    return check(value, ["body"]);
  };
}
