/** The result of a call, which can explain what is wrong with the shape of its data. */
import { DatabarError, type RequestDetails } from "../errors/classes.js";
import type { WithResponse } from "./api-promise.js";
import { parseError } from "./response.js";
import { detailsOf, type Sent } from "./send.js";

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

  /** What an error about this result reports. */
  get details(): RequestDetails {
    return detailsOf(this.#sent.request, true);
  }

  /** The error for data that a helper cannot work with. */
  shapeError(problem: string): DatabarError {
    return parseError(this.#sent, problem, JSON.stringify(this.data), "none");
  }
}

// A test of a caller's code may replace a method: then a result is a plain object.

/** The error for data that a helper cannot work with, such as a page without items. */
export function shapeError(result: WithResponse<unknown>, problem: string): DatabarError {
  return result instanceof Result ? result.shapeError(problem) : new DatabarError(problem);
}

/** The request's secrets: they must not be printed. */
export function secretsOfResult(result: WithResponse<unknown>): readonly string[] {
  return result instanceof Result ? result.secrets : [];
}

/** What an error about a result reports. */
export function detailsOfResult(result: WithResponse<unknown>): RequestDetails {
  const unknown = { operation: "", method: "", path: "", attempts: 1, mayHaveBeenProcessed: true };
  return result instanceof Result ? result.details : unknown;
}
