/** The replay: requests in, the contract's examples out. It needs no MSW and no Node. */
import { createRequestCheck, type PlainRequest, type RequestCheck } from "./checks.js";
import { type Contract, contract, KEY_HEADER, successStatus } from "./contract.js";
import { chooseExample } from "./examples.js";
import { createRouter, type Route, type Router } from "./router.js";

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

/** Answers requests as the API would, with the examples of a contract. */
export class Replay {
  /** Finds the operation of a method and a path. */
  readonly route: Router;
  readonly #contract: Contract;
  readonly #checks = new Map<string, RequestCheck>();
  readonly #answers = new Map<string, PlainAnswer>();

  constructor(source: Contract = contract) {
    this.#contract = source;
    this.route = createRouter(source.operations);
  }

  /** Answers any request but one whose path differs by its last slash alone: that needs to know the server's origin. */
  answer(request: PlainRequest): PlainAnswer | Extract<Route, { kind: "redirect" }> {
    const route = this.route(request.method, request.path);
    switch (route.kind) {
      case "operation":
        return this.refusal(route, request) ?? this.example(route.name, request.query);
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

  /** An example of an operation; a 501 that says so where the contract has none. */
  example(name: string, query = "", choice: Choice = {}): PlainAnswer {
    const operation = this.#contract.operations[name];
    const status = choice.status ?? (operation ? successStatus(operation) : "200");
    const mediaTypes = operation?.responses[status];
    if (!operation || !mediaTypes) {
      return json(501, { detail: `The contract documents no ${name} -> ${status}` });
    }
    const [mediaType] = mediaTypes;
    if (mediaType === undefined) {
      return { status: Number(status), headers: {}, body: null };
    }
    const examples = this.#contract.examples[name]?.[status]?.[mediaType] ?? {};
    const named = choice.example === undefined ? undefined : examples[choice.example];
    const chosen =
      choice.example === undefined
        ? chooseExample(operation, examples, query)
        : named && { name: choice.example, value: named.value };
    if (!chosen) {
      const wanted = choice.example === undefined ? "" : ` named "${choice.example}"`;
      return json(501, { detail: `The contract has no example${wanted} for ${name} -> ${status} ${mediaType}` });
    }
    const key = `${name} ${status} ${chosen.name}`;
    let answer = this.#answers.get(key);
    if (!answer) {
      answer = {
        status: Number(status),
        headers: { "content-type": mediaType },
        body: JSON.stringify(chosen.value),
      };
      this.#answers.set(key, answer);
    }
    return answer;
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
    hasKey: request.headers.has(KEY_HEADER),
    contentType: request.headers.get("content-type") ?? undefined,
    body: request.body === null ? "" : await request.clone().text(),
  };
}

/** A response of the platform. */
export function toResponse({ status, headers, body }: PlainAnswer): Response {
  return new Response(body, { status, headers });
}
