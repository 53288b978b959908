import type { ApiPromise } from "../core/api-promise.js";
import type { Core } from "../core/core.js";
import type { RequestOptions } from "../core/options.js";
import type { Connector } from "../generated/schema.gen.js";

/** The workspace's own HTTP APIs. Their headers hold secrets in clear text. */
export class Connectors {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * Lists all connectors of the workspace.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-list
   */
  list(options?: RequestOptions): ApiPromise<Connector[]> {
    return this.#core.call("get", "/v1/connectors/", {}, options);
  }
}
