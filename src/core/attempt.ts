import type { RequestDetails } from "./errors.js";
import type { RequestEvent } from "./hooks.js";
import { keyForms, printable } from "./redact.js";
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
  /** The request was handed to `fetch`. */
  sent = false;
  /** The connection was provably never made. */
  nothingSent = false;
  /** Trying again cannot help. */
  hopeless = false;
  /** The key that this attempt sends. */
  key = "";
  readonly #mayHaveActedBefore: boolean;
  readonly #secrets: readonly string[];

  /**
   * @param mayHaveActedBefore - An earlier attempt of the same call may have taken effect.
   * @param secrets - What the request holds that must not be printed.
   */
  constructor(route: Route, number: number, mayHaveActedBefore: boolean, secrets: readonly string[]) {
    this.route = route;
    this.number = number;
    this.#mayHaveActedBefore = mayHaveActedBefore;
    this.#secrets = secrets;
  }

  /** `GET /v1/connectors/`: how messages begin. */
  get title(): string {
    return `${this.route.method} ${this.route.path}`;
  }

  get event(): RequestEvent {
    return { ...this.route, attempt: this.number };
  }

  /** @param mayHaveActed - The server may have acted on this attempt. */
  details(mayHaveActed: boolean): RequestDetails {
    return {
      ...this.route,
      attempts: this.number,
      mayHaveBeenProcessed: !isReadOnly(this.route.method) && (mayHaveActed || this.#mayHaveActedBefore),
    };
  }

  /** The server's text, fit for a message: one line, masked, cut. */
  printable(text: string): string {
    return printable(text, [...(this.key ? keyForms(this.key) : []), ...this.#secrets]);
  }
}
