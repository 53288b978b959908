/** Checks a request against its operation, as FastAPI does before the operation's own code runs. */
import { keyHeader } from "../generated/routes.gen.js";
import type { Contract, OperationRecord, ParameterRecord } from "./contract.js";
import { type Issue, issue, missing } from "./issues.js";
import { jsonError } from "./json-error.js";
import type { Check } from "./schema.js";
import { SchemaCompiler } from "./schema.js";

/** A request, as far as the API looks at it. */
export interface PlainRequest {
  readonly method: string;
  /** As it stands in the URL. */
  readonly path: string;
  /** Without its question mark. */
  readonly query: string;
  /** Whether the key header is there; it may be empty. */
  readonly hasKey: boolean;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** Says what is wrong with a request, the path's values decoded. */
export type RequestCheck = (request: PlainRequest, values: Readonly<Record<string, string>>) => Issue[];

interface Part {
  readonly name: string;
  readonly required: boolean;
  readonly check: Check;
}

/**
 * Makes the check of one operation.
 *
 * @throws UnknownSchemaError where a schema of the contract uses what the checks do not know.
 */
export function createRequestCheck(operation: OperationRecord, schemas: Contract["schemas"]): RequestCheck {
  const compiler = new SchemaCompiler(schemas);
  const parts = (location: string): Part[] =>
    operation.parameters
      .filter((parameter) => parameter.in === location)
      .map(({ name, required, schema }: ParameterRecord) => ({ name, required, check: compiler.compile(schema) }));
  const path = parts("path");
  const query = parts("query");
  const body = createBodyCheck(operation, compiler);

  return (request, values) => {
    const unreadable: Issue[] = [];
    const sent = body && readBody(request, unreadable);
    if (unreadable.length > 0) {
      return unreadable;
    }
    return [
      ...path.flatMap(({ name, check }) => check(values[name], ["path", name])),
      ...queryIssues(query, request.query),
      ...(request.hasKey ? [] : [missing(["header", keyHeader], null)]),
      ...(body?.(sent) ?? []),
    ];
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

/** The JSON that was sent; undefined for none. A body that is not said to be JSON is a text, and fits no object. */
function readBody({ body, contentType }: PlainRequest, issues: Issue[]): unknown {
  if (body === "") {
    return undefined;
  }
  if (contentType && !/^application\/(json|[^;\s]*\+json)\s*(;|$)/i.test(contentType)) {
    return body;
  }
  try {
    return JSON.parse(body);
  } catch {
    const { position, message } = jsonError(body);
    issues.push(issue("json_invalid", ["body", position], "JSON decode error", {}, { error: message }));
    return undefined;
  }
}
