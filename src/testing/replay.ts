/** The replay: requests in, the contract's examples out. It needs neither MSW nor Node. */
import { keyHeader } from "../generated/routes.gen.js";
import { decodeUtf8 } from "./body.js";
import { createRequestCheck, type RequestCheck } from "./checks.js";
import { contract, type OperationRecord, successStatus } from "./contract.js";
import { ExampleSet } from "./examples.js";
import type { PlainRequest } from "./request.js";
import { createRouter, type Route } from "./router.js";
import { fitResults } from "./row-results.js";

/** An answer, ready to be sent. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Which answer of an operation to give. */
export interface Choice {
  /** Default: the operation's success. */
  readonly status?: string | undefined;
  /** The name of an example. Default: the one that fits the request. */
  readonly example?: string | undefined;
}

/** A request that matches an operation. */
export type Match = Extract<Route, { kind: "operation" }>;

/** A request whose path needs a trailing slash more or less. */
export type Redirect = Extract<Route, { kind: "redirect" }>;

/** How an answer is delivered. */
export interface Delivery {
  /** Milliseconds before the answer is sent. Default: 0. */
  readonly delayMs?: number | undefined;
  /** `reset` breaks the connection without an answer, `truncate` after half of the body. */
  readonly broken?: "reset" | "truncate" | undefined;
  /** Called when the client has the answer, or has disconnected. */
  readonly onClose?: (() => void) | undefined;
}

/** An answer with its delivery. */
export type Delivered = (PlainAnswer | Redirect) & Delivery;

/** Finds the operation of a method and a path. */
export const route = createRouter(contract.operations);

/**
 * Answers a request as the API's framework does before an operation runs: an unknown path, a wrong method, an invalid
 * request.
 *
 * @param operate - Answers a valid request.
 * @returns A redirect for a path with a wrong trailing slash: only a server knows its own address.
 */
export function dispatch<Answer>(
  request: PlainRequest,
  operate: (match: Match, request: PlainRequest) => Answer,
): Answer | PlainAnswer | Redirect {
  const found = route(request.method, request.path);
  switch (found.kind) {
    case "operation":
      return refusal(found, request) ?? operate(found, request);
    case "wrong-method":
      return json(405, { detail: "Method Not Allowed" }, { allow: found.allow });
    case "redirect":
      return found;
    case "unknown":
      return json(404, { detail: "Not Found" });
  }
}

const checks = new Map<string, RequestCheck>();

/** The API's answer to an invalid request; undefined for a valid one. */
export function refusal({ name, values }: Match, request: PlainRequest): PlainAnswer | undefined {
  let check = checks.get(name);
  if (!check) {
    check = createRequestCheck(operationOf(name), contract.schemas);
    checks.set(name, check);
  }
  const found = check(request, values);
  return found && json(found.status, { detail: found.detail });
}

const answers = new WeakMap<object, PlainAnswer>();

/**
 * An example of an operation.
 *
 * An example that is not requested by name is fitted to the request: it has the requested ids, and as many results as
 * the request has rows.
 */
export function exampleAnswer(
  { name, values }: Omit<Match, "kind">,
  { query, body }: Pick<PlainRequest, "query" | "body">,
  { status, example }: Choice = {},
): PlainAnswer {
  const operation = operationOf(name);
  const wanted = status ?? successStatus(operation);
  const [mediaType] = operation.responses[wanted] ?? [];
  if (mediaType === undefined) {
    return { status: Number(wanted), headers: {}, body: null };
  }
  const examples = examplesOf(name, operation, wanted, mediaType);
  const chosen = example === undefined ? examples.fitting(values, query) : examples.named(example);
  if (!chosen) {
    throw new Error(`The contract has no example ${example ?? ""} for ${name} -> ${wanted} ${mediaType}`);
  }
  let answer = answers.get(chosen);
  if (!answer) {
    answer = { status: Number(wanted), headers: { "content-type": mediaType }, body: JSON.stringify(chosen.value) };
    answers.set(chosen, answer);
  }
  const isFitted = example === undefined && wanted.startsWith("2");
  const value = isFitted ? examples.withRequestedIds(fitResults(chosen.value, body ?? ""), values) : chosen.value;
  return value === chosen.value ? answer : { ...answer, body: JSON.stringify(value) };
}

const sets = new Map<string, ExampleSet>();

function examplesOf(name: string, operation: OperationRecord, status: string, mediaType: string): ExampleSet {
  const key = `${name} ${status}`;
  let examples = sets.get(key);
  if (!examples) {
    examples = new ExampleSet(operation, contract.examples[name]?.[status]?.[mediaType] ?? {}, listedItems(operation));
    sets.set(key, examples);
  }
  return examples;
}

/** The items in the examples of the list that a path such as `/v1/enrichments/{enrichment_id}` is a part of. */
function listedItems({ method, path }: OperationRecord): unknown[] {
  const list = path.replace(/\/\{\w+\}$/, "");
  if (method !== "GET" || list === path) {
    return [];
  }
  const [name] =
    Object.entries(contract.operations).find(
      ([, each]) => each.method === "GET" && (each.path === list || each.path === `${list}/`),
    ) ?? [];
  const examples = Object.values(contract.examples[name ?? ""]?.["200"]?.["application/json"] ?? {});
  return examples.flatMap(({ value }) => (Array.isArray(value) ? value : []));
}

function operationOf(name: string): OperationRecord {
  const operation = contract.operations[name];
  if (!operation) {
    throw new Error(`The contract has no operation ${name}`);
  }
  return operation;
}

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PlainAnswer {
  return { status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** The parts of a Fetch API request that the API reads. The request's body stays readable. */
export async function toPlain(request: Request): Promise<PlainRequest> {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    hasKey: request.headers.has(keyHeader),
    contentType: request.headers.get("content-type") ?? undefined,
    body: request.body === null ? "" : decodeUtf8(new Uint8Array(await request.clone().arrayBuffer())),
  };
}

/** A Fetch API response. */
export function toResponse({ status, headers, body }: PlainAnswer): Response {
  return new Response(body, { status, headers });
}
