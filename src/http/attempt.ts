import { printableCause } from "../errors/cause.js";
import type { RequestDetails } from "../errors/classes.js";
import { printable } from "../errors/redact.js";
import type { RequestEvent } from "./hooks.js";
import { isReadOnly } from "./retry.js";

/** The operation that a call is for. */
export interface Route {
  operation: string;
  /** In capitals. */
  method: string;
  /** The path as the contract has it. */
  path: string;
}

/** One attempt at a request: what is known of it while it runs, for errors and hooks. */
export class Attempt {
  readonly route: Route;
  /** From 1. */
  readonly number: number;
  /** The URL that is asked for. */
  url = "";
  /** The request was handed to `fetch`. */
  sent = false;
  /** The connection was provably never made. */
  nothingSent = false;
  /** Trying again cannot help. */
  hopeless = false;
  /** What the body of the answer held. */
  data: unknown;
  /** Ends reading the body: that of a caller's own `fetch` may know nothing of the signal. */
  cancelBody: (() => void) | undefined;
  readonly #mayHaveActedBefore: boolean;
  /** What must not be printed. */
  readonly #secrets: string[];

  /**
   * @param mayHaveActedBefore - An earlier attempt of the same call may have taken effect.
   * @param secrets - What the request holds that must not be printed.
   */
  constructor(route: Route, number: number, mayHaveActedBefore: boolean, secrets: readonly string[]) {
    this.route = route;
    this.number = number;
    this.#mayHaveActedBefore = mayHaveActedBefore;
    this.#secrets = [...secrets];
  }

  /** Takes note of what is about to be sent, and with which key. */
  send(url: string, key: string): void {
    this.url = url;
    this.sent = true;
    this.#secrets.push(key);
  }

  /** `GET /v1/connectors/`: how messages begin. */
  get title(): string {
    return `${this.route.method} ${this.route.path}`;
  }

  get event(): RequestEvent {
    const { operation, method, path } = this.route;
    return { operation, method, path, attempt: this.number };
  }

  /** @param mayHaveActed - The server may have acted on this attempt. */
  details(mayHaveActed: boolean): RequestDetails {
    return {
      ...this.route,
      attempts: this.sent ? this.number : this.number - 1,
      mayHaveBeenProcessed: !isReadOnly(this.route.method) && (mayHaveActed || this.#mayHaveActedBefore),
    };
  }

  /** A stranger's text, fit for a message: one line, masked, cut. */
  printable(text: string, longest?: number): string {
    return printable(text, this.#secrets, longest);
  }

  /** What `fetch` threw, fit to be printed. */
  printableCause(error: unknown): unknown {
    return printableCause(error, this.#secrets);
  }

  /** The server's id of the request, where it sent one. */
  requestIdOf({ headers }: Response): string | undefined {
    const id = headers.get("x-request-id");
    return id === null ? undefined : this.printable(id);
  }
}
