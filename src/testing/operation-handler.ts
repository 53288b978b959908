/** An MSW handler of one operation of the API. */
import { HttpHandler } from "msw";
import { operations } from "../generated/operations.gen.js";
import { recorded } from "./record.js";
import { type Match, route, toPlain } from "./replay.js";
import type { PlainRequest } from "./request.js";

/** Which requests a handler takes, and how it answers them. */
export interface HandlerOptions {
  /** Only requests to this origin. Default: any origin. */
  origin?: string | undefined;
  /** Only requests with these path parameters. */
  values?: Readonly<Record<string, string>> | undefined;
  /** How many requests are answered. Later ones are left to other handlers. Default: all. */
  times?: number | undefined;
  answer: (request: PlainRequest, match: Match, original: Request) => Promise<Response> | Response;
}

/**
 * Answers the requests of one operation.
 *
 * MSW's own paths ignore case and trailing slashes. If a handler matches and returns no response, MSW sends the request
 * to the network, key included. So this handler's match is exact.
 */
export class OperationHandler extends HttpHandler {
  readonly #name: string;
  readonly #options: HandlerOptions;
  #taken = 0;

  constructor(name: string, options: HandlerOptions) {
    const { method, path } = operations[name as keyof typeof operations];
    const display = `${options.origin ?? "*"}${path.replace(/\{(\w+)\}/g, ":$1")}`;
    super(method, display, async ({ request }) => {
      const plain = await toPlain(request);
      return options.answer(plain, route(plain.method, plain.path) as Match, request);
    });
    this.#name = name;
    this.#options = options;
  }

  /** Decides whether this handler answers a request, after the recorders have read it. */
  override async parse({ request }: { request: Request }): ReturnType<HttpHandler["parse"]> {
    await recorded(request);
    const matches = this.#matches(request);
    if (matches) {
      this.#taken++;
    }
    return { match: { matches, params: {} }, cookies: {} };
  }

  /** Prints a request and its response in the browser's console. A truncated body cannot be printed. */
  override async log(args: Parameters<HttpHandler["log"]>[0]): Promise<void> {
    await super.log(args).catch(() => undefined);
  }

  #matches({ method, url }: Request): boolean {
    const { origin, values = {}, times = Number.POSITIVE_INFINITY } = this.#options;
    const { origin: host, pathname } = new URL(url);
    const found = route(method, pathname);
    return (
      found.kind === "operation" &&
      found.name === this.#name &&
      (origin === undefined || host === origin) &&
      Object.entries(values).every(([name, value]) => found.values[name] === value) &&
      this.#taken < times
    );
  }
}
