import type { Client } from "openapi-fetch";
import { Core } from "./core/core.js";
import type { ClientOptions } from "./core/options.js";
import type { Runtime } from "./core/retry.js";
import type { paths } from "./generated/schema.gen.js";
import { Connectors } from "./resources/connectors.js";

/**
 * A client of the Databar.ai REST API.
 *
 * @example
 * const databar = new Databar({ apiKey: "..." });
 * const connectors = await databar.connectors.list();
 */
export class Databar {
  /** The workspace's own HTTP APIs. */
  readonly connectors: Connectors;

  /**
   * The typed openapi-fetch client, with key, base URL, path guard and refused redirects in place, for what the
   * methods do not cover. It returns `{ data, error, response }` and neither retries nor times out.
   */
  readonly api: Client<paths>;

  /**
   * @param options - The key, and what differs from the defaults.
   * @param runtime - Time and chance; replaced in tests.
   * @throws UsageError for a missing or malformed key, a `baseUrl` that is not safe, or any other wrong option.
   */
  constructor(options: ClientOptions = {}, runtime?: Runtime) {
    const core = new Core(options, runtime);
    this.connectors = new Connectors(core);
    this.api = core.createApi();
  }
}
