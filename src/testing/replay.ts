/** The replay: requests in, the contract's examples out. It needs no MSW and no Node. */
import { keyHeader } from "../generated/routes.gen.js";
import { createRequestCheck, type PlainRequest, type RequestCheck } from "./checks.js";
import { type Contract, contract, type OperationRecord, successStatus } from "./contract.js";
import { ExampleSet } from "./examples.js";
import { createRouter, type Route, type Router } from "./router.js";
import { fitResults } from "./row-results.js";

/** An answer, ready to be sent. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** What of an operation is to be answered. */
export interface Choice {
  /** Default: the operation's success. */
  readonly status?: string | undefined;
  /** The name of an example. Default: the one that fits the request. */
  readonly example?: string | undefined;
}

/** A request that has reached an operation. */
export type Match = Extract<Route, { kind: "operation" }>;

/** What of a request an example is chosen by. */
export type Content = Pick<PlainRequest, "query" | "body">;

/** A path that differs from an operation's by its last slash alone. */
export type Redirect = Extract<Route, { kind: "redirect" }>;

/** Answers requests as the API would, with the examples of a contract. */
export class Replay {
  /** Finds the operation of a method and a path. */
  readonly route: Router;
  readonly #contract: Contract;
  readonly #checks = new Map<string, RequestCheck>();
  readonly #examples = new Map<string, ExampleSet>();
  readonly #answers = new WeakMap<object, PlainAnswer>();

  constructor(source: Contract = contract) {
    this.#contract = source;
    this.route = createRouter(source.operations);
  }

  /**
   * Answers any request but one to be redirected: where to, only a server knows.
   *
   * @param choose - Says what of an operation is to be answered. Default: what fits the request.
   */
  answer(request: PlainRequest, choose?: (match: Match) => Choice | undefined): PlainAnswer | Redirect {
    const route = this.route(request.method, request.path);
    switch (route.kind) {
      case "operation":
        return this.refusal(route, request) ?? this.example(route, request, choose?.(route));
      case "wrong-method":
        return json(405, { detail: "Method Not Allowed" }, { allow: route.allow });
      case "redirect":
        return route;
      case "unknown":
        return json(404, { detail: "Not Found" });
    }
  }

  /** The 422 of a request that the API would not accept; undefined for a good one. */
  refusal({ name, values }: Match, request: PlainRequest): PlainAnswer | undefined {
    let check = this.#checks.get(name);
    const operation = this.#contract.operations[name];
    if (!check && operation) {
      check = createRequestCheck(operation, this.#contract.schemas);
      this.#checks.set(name, check);
    }
    const issues = check?.(request, values) ?? [];
    return issues.length > 0 ? json(422, { detail: issues }) : undefined;
  }

  /**
   * An example of an operation; a 501 that says so where the contract has none. One that is not asked for by its name
   * has as many results as the request has rows.
   */
  example({ name, values }: Omit<Match, "kind">, request: Content, { status, example }: Choice = {}): PlainAnswer {
    const operation = this.#contract.operations[name];
    const wanted = status ?? (operation ? successStatus(operation) : "200");
    const mediaTypes = operation?.responses[wanted];
    if (!operation || !mediaTypes) {
      return json(501, { detail: `The contract documents no ${name} -> ${wanted}` });
    }
    const [mediaType] = mediaTypes;
    if (mediaType === undefined) {
      return { status: Number(wanted), headers: {}, body: null };
    }
    const examples = this.#examplesOf(name, operation, wanted, mediaType);
    const chosen = example === undefined ? examples.fitting(values, request.query) : examples.named(example);
    if (!chosen) {
      const which = example === undefined ? "" : ` named "${example}"`;
      return json(501, { detail: `The contract has no example${which} for ${name} -> ${wanted} ${mediaType}` });
    }
    let answer = this.#answers.get(chosen);
    if (!answer) {
      answer = { status: Number(wanted), headers: { "content-type": mediaType }, body: JSON.stringify(chosen.value) };
      this.#answers.set(chosen, answer);
    }
    const isFree = example === undefined && wanted.startsWith("2");
    const value = isFree ? fitResults(chosen.value, request.body) : chosen.value;
    return value === chosen.value ? answer : { ...answer, body: JSON.stringify(value) };
  }

  #examplesOf(name: string, operation: OperationRecord, status: string, mediaType: string): ExampleSet {
    const key = `${name} ${status}`;
    let examples = this.#examples.get(key);
    if (!examples) {
      examples = new ExampleSet(operation, this.#contract.examples[name]?.[status]?.[mediaType] ?? {});
      this.#examples.set(key, examples);
    }
    return examples;
  }
}

/** An answer with a JSON body. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): PlainAnswer {
  return { status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** What the replay looks at in a request of the platform. Its body stays readable. */
export async function toPlain(request: Request): Promise<PlainRequest> {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    hasKey: request.headers.has(keyHeader),
    contentType: request.headers.get("content-type") ?? undefined,
    body: request.body === null ? "" : await request.clone().text(),
  };
}

/** A response of the platform. */
export function toResponse({ status, headers, body }: PlainAnswer): Response {
  return new Response(body, { status, headers });
}
