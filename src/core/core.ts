import createClient, { type Client } from "openapi-fetch";
import { operationNames } from "../generated/routes.gen.js";
import type { paths } from "../generated/schema.gen.js";
import { createGuardedApi } from "./api.js";
import { type ApiPromise, apiPromise, type WithResponse } from "./api-promise.js";
import { Attempt, type Route } from "./attempt.js";
import { discardBody } from "./body.js";
import { AbortError, ApiError, RequestError, TimeoutError, UsageError } from "./errors.js";
import { HookCaller } from "./hooks.js";
import { onAbort } from "./on-abort.js";
import {
  type ClientOptions,
  checkRequestOptions,
  type RequestOptions,
  type ResolvedOptions,
  resolveClientOptions,
} from "./options.js";
import { askForKey, checkResponse } from "./own-functions.js";
import { fillPath } from "./path.js";
import { API_KEY_HEADER, connectorSecrets } from "./redact.js";
import { connectionError, readResponse } from "./response.js";
import { mayRetry, type Runtime, retryDelayMs, systemRuntime } from "./retry.js";
import type { CallInit, Method, PathOf, Success } from "./types.js";

/** Stands in for `Request` in openapi-fetch: a real one is costly, and `fetch` would only take it apart again. */
class OutgoingRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;

  constructor(url: string, init: { method: string; headers: Headers; body: string | undefined }) {
    this.url = url;
    this.method = init.method;
    this.headers = init.headers;
    this.body = init.body;
  }
}

/** openapi-fetch's `request` without the generics: {@link Core.call} has checked its arguments with them. */
type Send = (method: string, path: string, init: object) => Promise<{ response: Response }>;

/** Makes requests: attempts, deadlines, retries, hooks. Every resource method ends here. */
export class Core {
  readonly #options: ResolvedOptions;
  /** Time and chance, for whatever waits. */
  readonly runtime: Runtime;
  readonly #hooks: HookCaller;
  readonly #send: Send;

  constructor(options: ClientOptions, runtime: Runtime = systemRuntime) {
    this.#options = resolveClientOptions(options);
    this.runtime = runtime;
    this.#hooks = new HookCaller(this.#options.hooks);
    const { baseUrl, headers } = this.#options;
    const client = createClient<paths>({
      baseUrl,
      headers,
      pathSerializer: fillPath,
      bodySerializer: toJson,
      Request: OutgoingRequest as never,
    });
    this.#send = client.request as Send;
  }

  /**
   * Calls an operation of the contract and gives its documented result.
   *
   * @param init - Path values, query and body; a function, where checking them may fail: it is called as part of the call.
   * @throws UsageError before anything is sent, otherwise a {@link RequestError}.
   */
  call<M extends Method, Path extends PathOf<M>>(
    method: M,
    path: Path,
    init: CallInit<paths[Path][M]> | (() => CallInit<paths[Path][M]>),
    options: RequestOptions | undefined,
  ): ApiPromise<Success<paths[Path][M]>> {
    const verb = method.toUpperCase();
    const route = { operation: operationNames[`${verb} ${path}`] ?? path, method: verb, path };
    return apiPromise(this.#run(route, init, options ?? {}) as Promise<WithResponse<Success<paths[Path][M]>>>);
  }

  /** The client's limit for one attempt, in milliseconds. */
  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  /** The typed openapi-fetch client with key, base URL and guards in place. */
  createApi(): Client<paths> {
    return createGuardedApi(this.#options);
  }

  async #run(route: Route, given: object | (() => object), options: RequestOptions): Promise<WithResponse<unknown>> {
    checkRequestOptions(options);
    const init = typeof given === "function" ? (given as () => object)() : given;
    const maxRetries = options.maxRetries ?? this.#options.maxRetries;
    const secrets = connectorSecrets((init as { body?: unknown }).body);
    let mayHaveActed = false;
    for (let number = 1; ; number++) {
      const attempt = new Attempt(route, number, mayHaveActed, secrets);
      try {
        return await this.#attempt(attempt, init, options);
      } catch (error) {
        const delayMs = number > maxRetries ? undefined : this.#retryDelay(attempt, error);
        if (delayMs === undefined || !(error instanceof RequestError)) {
          throw error;
        }
        mayHaveActed = error.mayHaveBeenProcessed;
        this.#hooks.call("onRetry", {
          ...attempt.event,
          status: "status" in error ? (error.status as number) : undefined,
          reason: error.message,
          delayMs,
          requestId: "requestId" in error ? (error.requestId as string | undefined) : undefined,
        });
        await this.#sleep(delayMs, options.signal, attempt, mayHaveActed);
      }
    }
  }

  #retryDelay(attempt: Attempt, error: unknown): number | undefined {
    if (attempt.hopeless || !mayRetry(attempt.route.method, error, attempt.nothingSent)) {
      return undefined;
    }
    const retryAfterMs = error instanceof ApiError ? error.retryAfterMs : undefined;
    return retryDelayMs(attempt.number, retryAfterMs, this.runtime.random());
  }

  async #sleep(ms: number, signal: AbortSignal | undefined, attempt: Attempt, mayHaveActed: boolean): Promise<void> {
    try {
      await this.runtime.sleep(ms, signal);
    } catch (cause) {
      throw new AbortError(`${attempt.title} was aborted while waiting to retry`, attempt.details(mayHaveActed), {
        cause,
      });
    }
  }

  /** One attempt, ended by its own timer or by the caller's signal, whatever `fetch` makes of its signal. */
  async #attempt(attempt: Attempt, init: object, options: RequestOptions): Promise<WithResponse<unknown>> {
    const { signal } = options;
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs;
    const aborted = (): AbortError =>
      new AbortError(`${attempt.title} was aborted`, attempt.details(attempt.sent), { cause: signal?.reason });
    if (signal?.aborted) {
      throw aborted();
    }
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
        stopListening = signal && onAbort(signal, () => end(aborted()));
        this.#exchange(attempt, init, options, controller.signal).then(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
      stopListening?.();
    }
  }

  async #exchange(
    attempt: Attempt,
    init: object,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<WithResponse<unknown>> {
    let data: unknown;
    const { response } = await this.#send(attempt.route.method, attempt.route.path, {
      ...init,
      headers: options.headers,
      // The body is read below, within limits; openapi-fetch is to leave it alone.
      parseAs: "stream",
      fetch: async (request: OutgoingRequest) => {
        const received = await this.#fetch(attempt, request, signal);
        data = received.data;
        return received.response;
      },
    });
    return { data, response };
  }

  async #fetch(attempt: Attempt, request: OutgoingRequest, signal: AbortSignal): Promise<WithResponse<unknown>> {
    const { apiKey, maxResponseBytes } = this.#options;
    const key = typeof apiKey === "string" ? apiKey : await askForKey(apiKey);
    signal.throwIfAborted();
    attempt.useKey(key);
    const { url, method, headers, body } = request;
    headers.set(API_KEY_HEADER, key);
    this.#hooks.call("onRequest", attempt.event);
    // The hook may have aborted.
    signal.throwIfAborted();
    attempt.sent = true;
    const startedAt = performance.now();
    const init = { method, headers, signal, redirect: "manual", ...(body !== undefined && { body }) } as const;
    let response: Response;
    try {
      response = checkResponse(await this.#options.fetch(url, init));
    } catch (error) {
      signal.throwIfAborted();
      throw connectionError(error, { attempt, url });
    }
    if (signal.aborted) {
      // A fetch of the caller's own may answer all the same.
      discardBody(response);
      throw signal.reason;
    }
    try {
      const context = { attempt, url, maxBytes: maxResponseBytes, signal, now: this.runtime.now() };
      return { data: await readResponse(response, context), response };
    } finally {
      this.#hooks.call("onResponse", {
        ...attempt.event,
        status: response.status,
        durationMs: performance.now() - startedAt,
        requestId: attempt.requestIdOf(response),
      });
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
