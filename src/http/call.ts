/**
 * One request, from a resource method to its result. Read {@link call} from top to bottom, then attempt.ts and send.ts.
 * May import generated code, errors, options and openapi-fetch; it knows no resource.
 */
import { type ApiError, RequestError } from "../errors/classes.js";
import { ABORT_GRACE_MS, checkRequestOptions, type GracefulOptions, type ResolvedOptions } from "../options.js";
import { attempt, type Call, eventOf, reportError } from "./attempt.js";
import { abortError } from "./deadline.js";
import { type CallHook, hookCaller } from "./hooks.js";
import { Pacer } from "./pace.js";
import { buildRequest, type Init } from "./request.js";
import type { Result } from "./result.js";
import { retryDelayMs } from "./retry.js";
import { titleOf } from "./send.js";

/** What every call of a client shares. */
export interface Transport {
  client: ResolvedOptions;
  callHook: CallHook;
  pacer: Pacer;
}

export function createTransport(client: ResolvedOptions): Transport {
  return { client, callHook: hookCaller(client.hooks), pacer: new Pacer(client.runtime) };
}

/** How many calls this process has made. */
let calls = 0;

/** Retries of a 429 that do not count, because the server accepts other requests of this client meanwhile. */
const MAX_PACED_RETRIES = 20;

/**
 * Calls an operation of the contract: checks the options, builds the request once, and attempts it until it succeeds
 * or must not be retried.
 *
 * @param operation - The facade's name, for errors and hooks.
 * @param route - Method and path template, such as `GET /v1/connectors/`.
 * @param init - The request's values. Pass a function if building them may throw; the call then rejects.
 * @throws UsageError before anything is sent, otherwise a RequestError.
 */
export async function call(
  { client, callHook, pacer }: Transport,
  operation: string,
  route: string,
  init: Init | (() => Init),
  options: GracefulOptions,
): Promise<Result<unknown>> {
  checkRequestOptions(options);
  const { signal, timeoutMs = client.timeoutMs, maxRetries = client.maxRetries } = options;
  const request = buildRequest(client, operation, route, init, options);
  const abortGraceMs = options[ABORT_GRACE_MS] ?? 0;
  const call: Call = { id: ++calls, client, callHook, request, signal, timeoutMs, abortGraceMs };
  let retries = 0;
  let mayHaveActed = false;
  let isKeyRenewed = typeof client.apiKey !== "function";
  for (let number = 1; ; number++) {
    const turn = pacer.turn(signal, number > 1);
    if (turn) {
      await waitOrAbort(call, () => turn, "for its turn", number, mayHaveActed);
    }
    const { accepted } = pacer;
    try {
      const result = await attempt(call, number);
      pacer.succeeded();
      return result;
    } catch (error) {
      if (!(error instanceof RequestError)) {
        throw error;
      }
      mayHaveActed ||= error.mayHaveBeenProcessed;
      countAttempts(error, number, mayHaveActed);
      const { status, requestId, retryAfterMs } = error as Partial<ApiError>;
      pacer.failed(status, retryAfterMs);
      if ((status === 401 || status === 403) && !isKeyRenewed) {
        // The key may have been rotated: the next attempt asks for it again. The server has refused this one.
        isKeyRenewed = true;
        callHook("onRetry", () => ({ ...eventOf(call, number), status, reason: error.message, delayMs: 0, requestId }));
        continue;
      }
      const isPaced = status === 429 && pacer.accepted > accepted && number < MAX_PACED_RETRIES;
      retries = isPaced ? Math.max(retries, 1) : retries + 1;
      const failed = { method: request.method, retry: error.retry, number: retries, retryAfterMs };
      const delayMs = retries > maxRetries ? undefined : retryDelayMs(failed, client.runtime.random());
      if (delayMs === undefined) {
        throw error;
      }
      callHook("onRetry", () => ({ ...eventOf(call, number), status, reason: error.message, delayMs, requestId }));
      const sleep = () => client.runtime.sleep(delayMs, signal);
      await waitOrAbort(call, sleep, "to retry", number + 1, mayHaveActed);
    }
  }
}

/** Waits before an attempt. An abort ends the call. */
async function waitOrAbort(
  call: Call,
  wait: () => Promise<void>,
  waitingFor: string,
  number: number,
  mayHaveActed: boolean,
): Promise<void> {
  try {
    await wait();
  } catch {
    const { request, signal } = call;
    const message = `${titleOf(request)} was aborted while waiting ${waitingFor}`;
    const error = countAttempts(abortError(request, message, signal, false), number, mayHaveActed);
    reportError(call, number, error);
    throw error;
  }
}

/** An attempt reports about itself. This adds the earlier attempts of the call. */
function countAttempts(error: RequestError, number: number, mayHaveActed: boolean): RequestError {
  return Object.assign(error, {
    attempts: number - 1 + error.attempts,
    mayHaveBeenProcessed: mayHaveActed || error.mayHaveBeenProcessed,
  });
}
