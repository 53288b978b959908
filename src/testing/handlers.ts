import type { HttpHandler } from "msw";
import { operations } from "../generated/operations.gen.js";
import { OperationHandler, replay } from "./operation-handler.js";
import { toResponse } from "./replay.js";

/** Options of {@link createHandlers}. */
export interface HandlersOptions {
  /** Only requests to this origin, such as `https://api.databar.ai`, are answered. Default: to any. */
  origin?: string | undefined;
}

/**
 * Makes MSW handlers for every operation of the API. Each checks the request as the API would and answers the first
 * example of the documented success, or a 422 that names what is wrong.
 *
 * A path must be the contract's own, last slash and case included: anything else is left to MSW's `onUnhandledRequest`.
 *
 * @throws TypeError for an `origin` that is more than an origin.
 */
export function createHandlers({ origin }: HandlersOptions = {}): HttpHandler[] {
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
    throw new TypeError(
      `origin must be a scheme, a host and a port, such as "https://api.databar.ai": got "${origin}"`,
    );
  }
  return Object.keys(operations).map(
    (name) =>
      new OperationHandler(name, {
        origin,
        answer: (request, match) => toResponse(replay.refusal(match, request) ?? replay.example(match, request)),
      }),
  );
}
