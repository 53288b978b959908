/** The result of a call, which can explain what is wrong with the shape of its data. */
import { DatabarError } from "../errors/classes.js";
import type { WithResponse } from "./api-promise.js";
import { parseError } from "./response.js";
import type { Sent } from "./send.js";

/** Data and response. The request and its secrets are private, so that a printed result does not show them. */
export class Result<T> implements WithResponse<T> {
  readonly data: T;
  readonly response: Response;
  readonly #sent: Sent;

  constructor(data: T, sent: Sent) {
    this.data = data;
    this.response = sent.response;
    this.#sent = sent;
  }

  /** The request's secrets: they must not be printed. */
  get secrets(): readonly string[] {
    return this.#sent.secrets;
  }

  /** The error for data that a helper cannot work with. */
  shapeError(problem: string): DatabarError {
    return parseError(this.#sent, problem, JSON.stringify(this.data), "none");
  }
}

/** The error for data that a helper cannot work with, such as a page without items. */
export function shapeError(result: WithResponse<unknown>, problem: string): DatabarError {
  return result instanceof Result ? result.shapeError(problem) : new DatabarError(problem);
}
