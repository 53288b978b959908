import createClient, { type Client } from "openapi-fetch";
import { AbortError, type ApiError, RequestError, TimeoutError, UsageError } from "../errors/classes.js";
import { API_KEY_HEADER, connectorSecrets } from "../errors/redact.js";
import type { paths } from "../generated/schema.gen.js";
import {
  type ClientOptions,
  checkHeaders,
  checkRequestOptions,
  type RequestOptions,
  type ResolvedOptions,
  resolveClientOptions,
} from "../options.js";
import { onAbort } from "./abort.js";
import { createGuardedApi } from "./api.js";
import { type ApiPromise, apiPromise, type WithResponse } from "./api-promise.js";
import { Attempt, type Route } from "./attempt.js";
import { discardBody } from "./body.js";
import type { CallInit, Success } from "./contract.js";
import { type CallHook, hookCaller } from "./hooks.js";
import { askForKey, checkResponse } from "./own-functions.js";
import { connectionError, readResponse } from "./response.js";
import { mayRetry, type Runtime, retryDelayMs, systemRuntime } from "./retry.js";
import { fillPath } from "./url.js";

/** Stands in for `Request` in openapi-fetch: a real one is costly, and `fetch` would only take it apart again. */
class OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly body: string | undefined;

  constructor(url: string, { method, body }: { method: string; body: string | undefined }) {
    this.url = url;
    this.method = method;
    this.body = body;
  }
}

/** What a resource gives for a request, without the generics: {@link Core.call} has checked it with them. */
interface Init {
  path?: object;
  query?: object;
  body?: unknown;
}

/** openapi-fetch's `request`, likewise. */
type Send = (method: string, path: string, init: object) => Promise<{ response: Response }>;

/** Makes requests: attempts, deadlines, retries, hooks. Every resource method ends here. */
export class Core {
  readonly #options: ResolvedOptions;
  /** Time and chance, for whatever waits. */
  readonly runtime: Runtime;
  readonly #callHook: CallHook;
  readonly #send: Send;

  constructor(options: ClientOptions, runtime: Runtime = systemRuntime) {
    this.#options = resolveClientOptions(options);
    this.runtime = runtime;
    this.#callHook = hookCaller(this.#options.hooks);
    this.#send = createClient<paths>({
      baseUrl: this.#options.baseUrl,
      pathSerializer: fillPath,
      bodySerializer: toJson,
      Request: OutgoingRequest as never,
    }).request as Send;
  }

  /**
   * Calls an operation of the contract and gives its documented result.
   *
   * @param operation - Its name in the facade, for errors and hooks.
   * @param route - Its method and path, as the contract has them.
   * @param init - Path values, query and body; a function, where checking them may fail: it is called as part of the call.
   * @throws UsageError before anything is sent, otherwise a {@link RequestError}.
   */
  call<R extends string>(
    operation: string,
    route: R,
    init: CallInit<R> | (() => CallInit<R>),
    options: RequestOptions | undefined,
  ): ApiPromise<Success<R>> {
    const [method = "", path = ""] = route.split(" ");
    return apiPromise(this.#run({ operation, method, path }, init, options ?? {}) as Promise<WithResponse<Success<R>>>);
  }

  /** The client's limit for one attempt, in milliseconds. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** The typed openapi-fetch client with key, base URL and guards in place. */
  createApi(): Client<paths> {
    return createGuardedApi(this.#options);
  }

  async #run(route: Route, given: Init | (() => Init), options: RequestOptions): Promise<WithResponse<unknown>> {
    checkRequestOptions(options);
    const headers =
      options.headers === undefined
        ? this.#options.headers
        : { ...this.#options.headers, ...checkHeaders(options.headers) };
    const init = typeof given === "function" ? given() : given;
    const { signal, maxRetries = this.#options.maxRetries } = options;
    const secrets = connectorSecrets(init.body);
    let mayHaveActed = false;
    for (let number = 1; ; number++) {
      const attempt = new Attempt(route, number, mayHaveActed, secrets);
      try {
        return await this.#attempt(attempt, init, headers, options);
      } catch (error) {
        if (!(error instanceof RequestError) || number > maxRetries || !mayRetry(attempt, error)) {
          throw error;
        }
        const { status, requestId, retryAfterMs } = error as Partial<ApiError>;
        const delayMs = retryDelayMs(number, retryAfterMs, this.runtime.random());
        if (delayMs === undefined) {
          throw error;
        }
        mayHaveActed = error.mayHaveBeenProcessed;
        this.#callHook("onRetry", () => ({ ...attempt.event, status, reason: error.message, delayMs, requestId }));
        try {
          await this.runtime.sleep(delayMs, signal);
        } catch (cause) {
          const message = `${attempt.title} was aborted while waiting to retry`;
          throw new AbortError(message, attempt.details(mayHaveActed), { cause });
        }
      }
    }
  }

  /** One attempt, ended by its own timer or by the caller's signal, whatever `fetch` makes of its signal. */
  async #attempt(
    attempt: Attempt,
    init: Init,
    headers: Readonly<Record<string, string>>,
    { signal, timeoutMs = this.#options.timeoutMs }: RequestOptions,
  ): Promise<WithResponse<unknown>> {
    const controller = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopListening: (() => void) | undefined;
    try {
      return await new Promise((resolve, reject) => {
        const end = (error: RequestError): void => {
          reject(error);
          controller.abort(error);
          attempt.cancelBody?.();
        };
        timer = setTimeout(() => {
          const message = `${attempt.title} took longer than ${timeoutMs} ms`;
          end(new TimeoutError(message, attempt.details(attempt.sent), timeoutMs));
        }, timeoutMs);
        stopListening = onAbort(signal, () => {
          const options = { cause: signal?.reason };
          end(new AbortError(`${attempt.title} was aborted`, attempt.details(attempt.sent), options));
        });
        this.#exchange(attempt, init, headers, controller.signal).then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      stopListening?.();
    }
  }

  /** Lets openapi-fetch build the request; the response is read here, within limits. */
  async #exchange(
    attempt: Attempt,
    init: Init,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<WithResponse<unknown>> {
    signal.throwIfAborted();
    const { response } = await this.#send(attempt.route.method, attempt.route.path, {
      params: init,
      body: init.body,
      parseAs: "stream",
      fetch: (request: OutgoingRequest) => this.#fetch(attempt, request, headers, signal),
    });
    return { data: attempt.data, response };
  }

  async #fetch(
    attempt: Attempt,
    { url, method, body }: OutgoingRequest,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const { apiKey, maxResponseBytes, fetch } = this.#options;
    const key = typeof apiKey === "string" ? apiKey : await askForKey(apiKey);
    signal.throwIfAborted();
    this.#callHook("onRequest", () => attempt.event);
    // The hook may have aborted.
    signal.throwIfAborted();
    attempt.send(url, key);
    const startedAt = performance.now();
    let response: Response;
    try {
      const sent: Record<string, string> = { ...headers };
      sent[API_KEY_HEADER] = key;
      if (body !== undefined) {
        sent["content-type"] ??= "application/json";
      }
      response = checkResponse(
        await fetch(url, { method, headers: sent, body: body ?? null, signal, redirect: "manual" }),
      );
    } catch (error) {
      signal.throwIfAborted();
      throw connectionError(error, attempt);
    }
    if (signal.aborted) {
      // A fetch of the caller's own may answer all the same.
      discardBody(response);
      throw signal.reason;
    }
    try {
      attempt.data = await readResponse(response, attempt, maxResponseBytes, signal, this.runtime.now());
      return response;
    } finally {
      this.#callHook("onResponse", () =>
        Object.assign(attempt.event, {
          status: response.status,
          durationMs: performance.now() - startedAt,
          requestId: attempt.requestIdOf(response),
        }),
      );
    }
  }
}

function toJson(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new UsageError(`The body cannot be written as JSON: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
}
