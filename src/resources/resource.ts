/**
 * The facade: one class for each resource, one expression for each method. A method names its operation and its route.
 * May import everything below it: http, workflows, errors, generated.
 */

import type { Routes } from "../generated/routes.gen.js";
import { type ApiPromise, apiPromise, type WithResponse } from "../http/api-promise.js";
import { call, type Transport } from "../http/call.js";
import type { CallInit, Success } from "../http/contract.js";
import type { RequestOptions } from "../options.js";

/** What the resources share: calling an operation. */
export abstract class Resource {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Calls an operation.
   *
   * @param operation - The operation's name in the facade.
   * @param route - The operation's method and path template.
   * @param init - Path values, query and body. Pass a function if building them may throw; the call then rejects.
   * @internal
   */
  protected call<Name extends keyof Routes>(
    operation: Name,
    route: Routes[Name],
    init: CallInit<Routes[Name]> | (() => CallInit<Routes[Name]>),
    options: RequestOptions | undefined,
  ): ApiPromise<Success<Routes[Name]>> {
    const result = call(this.#transport, operation, route, init, options ?? {});
    return apiPromise(result as Promise<WithResponse<Success<Routes[Name]>>>);
  }

  /**
   * What helpers of several requests need. A getter, so that a printed client does not show the key.
   *
   * @internal
   */
  protected get transport(): Transport {
    return this.#transport;
  }
}
