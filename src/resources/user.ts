import type { ApiPromise } from "../core/api-promise.js";
import type { Core } from "../core/core.js";
import type { RequestOptions } from "../core/options.js";
import type { User } from "../generated/schema.gen.js";

/** The account that the key belongs to. */
export class CurrentUser {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Gets the account, its plan and its balance in credits. The usual way to check a key.
   *
   * @throws PermissionDeniedError for a wrong key, or a plan without API access.
   * @see https://docs.databar.ai/api-reference/endpoint/user-me
   */
  me(options?: RequestOptions): ApiPromise<User> {
    return this.#core.call("get", "/v1/user/me", {}, options);
  }
}
