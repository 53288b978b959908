import type { HttpHandler } from "msw";
import { operations } from "../generated/operations.gen.js";
import { OperationHandler } from "./operation-handler.js";
import { refusal, toResponse } from "./replay.js";
import { ReplayTasks } from "./replay-tasks.js";

/** Options of {@link createHandlers}. */
export interface HandlersOptions {
  /** Answers requests to this origin only, such as `https://api.databar.ai`. Default: any origin. */
  origin?: string | undefined;
}

/**
 * Makes MSW handlers for every operation of the API. Each checks the request as the API does. It answers with an
 * example of the documented success, or with a 422 that names what is wrong.
 *
 * A run gets its own task id. Its task is under way at the first poll and completed at the second.
 *
 * A path must be exactly the contract's, including case and trailing slash. MSW's `onUnhandledRequest` handles any
 * other path.
 *
 * @throws TypeError if `origin` has a path or is not a URL.
 */
export function createHandlers({ origin }: HandlersOptions = {}): HttpHandler[] {
  if (origin !== undefined && (!URL.canParse(origin) || new URL(origin).origin !== origin)) {
    throw new TypeError(
      `origin must be a scheme, a host and a port, such as "https://api.databar.ai": got "${origin}"`,
    );
  }
  const tasks = new ReplayTasks();
  return Object.keys(operations).map(
    (name) =>
      new OperationHandler(name, {
        origin,
        answer: (request, match) => toResponse(refusal(match, request) ?? tasks.answer(match, request)),
      }),
  );
}
