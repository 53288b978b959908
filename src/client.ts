import type { Client } from "openapi-fetch";
import type { paths } from "./generated/schema.gen.js";
import { Core } from "./http/call.js";
import type { Runtime } from "./http/retry.js";
import type { ClientOptions } from "./options.js";
import { Connectors } from "./resources/connectors.js";
import { Enrichments } from "./resources/enrichments.js";
import { Exporters } from "./resources/exporters.js";
import { Flows } from "./resources/flows.js";
import { Folders } from "./resources/folders.js";
import { Tables } from "./resources/tables/index.js";
import { Tasks } from "./resources/tasks.js";
import { CurrentUser } from "./resources/user.js";
import { Waterfalls } from "./resources/waterfalls.js";

/**
 * A client of the Databar.ai REST API.
 *
 * @example
 * const databar = new Databar({ apiKey: "..." });
 * const connectors = await databar.connectors.list();
 */
export class Databar {
  /** The account that the key belongs to. */
  readonly user: CurrentUser;
  /** Runs under way, and their results. */
  readonly tasks: Tasks;
  /** The catalogue of enrichments, and running them. */
  readonly enrichments: Enrichments;
  /** Cascades of providers, and running them. */
  readonly waterfalls: Waterfalls;
  /** Graphs of enrichments, and running them. */
  readonly flows: Flows;
  /** Tables, their columns and rows, and what is installed on them. */
  readonly tables: Tables;
  /** The catalogue of exporters. */
  readonly exporters: Exporters;
  /** The workspace's own HTTP APIs. */
  readonly connectors: Connectors;
  /** Folders of tables. */
  readonly folders: Folders;

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
    this.user = new CurrentUser(core, "user");
    this.tasks = new Tasks(core, "tasks");
    this.enrichments = new Enrichments(core, "enrichments");
    this.waterfalls = new Waterfalls(core, "waterfalls");
    this.flows = new Flows(core, "flows");
    this.tables = new Tables(core);
    this.exporters = new Exporters(core, "exporters");
    this.connectors = new Connectors(core, "connectors");
    this.folders = new Folders(core, "folders");
    this.api = core.createApi();
  }
}
