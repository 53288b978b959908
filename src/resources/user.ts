import type { User } from "../generated/schema.gen.js";
import type { ApiPromise } from "../http/api-promise.js";
import type { RequestOptions } from "../options.js";
import { Resource } from "./resource.js";

/** The account that the key belongs to. */
export class CurrentUser extends Resource {
  /**
   * Gets the account, its plan and its balance in credits. Use it to check a key.
   *
   * @throws PermissionDeniedError for a wrong key, or a plan without API access.
   * @see https://docs.databar.ai/api-reference/endpoint/user-me
   */
  me(options?: RequestOptions): ApiPromise<User> {
    return this.call("user.me", "GET /v1/user/me", {}, options);
  }
}
