/** An MSW handler of one operation of the API. */
import { HttpHandler } from "msw";
import { operations } from "../generated/operations.gen.js";
import type { PlainRequest } from "./checks.js";
import { recorded } from "./record.js";
import { type Match, Replay, toPlain } from "./replay.js";

/** The replay that all handlers share: it holds nothing but the contract. */
export const replay = new Replay();

/** Which requests a handler takes, and what it does with them. */
export interface HandlerOptions {
  /** Only requests to this origin. Default: to any. */
  origin?: string | undefined;
  /** Only requests with these values in their path. */
  values?: Readonly<Record<string, string>> | undefined;
  /** How many requests are taken; later ones are left to other handlers. Default: all. */
  times?: number | undefined;
  answer: (request: PlainRequest, match: Match) => Promise<Response> | Response;
}

/**
 * Takes the requests of an operation, and no others. MSW's own paths take any case and any last slash, and a handler
 * that gives no response for what it has matched lets the request go out to the network, with its key: so the match
 * itself is exact here.
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
      const match = replay.route(plain.method, plain.path);
      return options.answer(plain, match as Match);
    });
    this.#name = name;
    this.#options = options;
  }

  /** Decides whether a request is this handler's; a recorder has read it before. */
  override async parse({ request }: { request: Request }): ReturnType<HttpHandler["parse"]> {
    await recorded(request);
    const matches = this.#matches(request);
    if (matches) {
      this.#taken++;
    }
    return { match: { matches, params: {} }, cookies: {} };
  }

  /** Prints a request and its answer in the browser's console: half a body cannot be printed, and has done its work. */
  override async log(args: Parameters<HttpHandler["log"]>[0]): Promise<void> {
    await super.log(args).catch(() => undefined);
  }

  #matches({ method, url }: Request): boolean {
    const { origin, values = {}, times = Number.POSITIVE_INFINITY } = this.#options;
    const { origin: host, pathname } = new URL(url);
    const route = replay.route(method, pathname);
    return (
      route.kind === "operation" &&
      route.name === this.#name &&
      (origin === undefined || host === origin) &&
      Object.entries(values).every(([name, value]) => route.values[name] === value) &&
      this.#taken < times
    );
  }
}
