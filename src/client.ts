import type { Client } from "openapi-fetch";
import type { paths } from "./generated/schema.gen.js";
import type { ApiPromise } from "./http/api-promise.js";
import { createTransport, type Transport } from "./http/call.js";
import { type CustomRequest, customRequest, type Method } from "./http/custom.js";
import { createGuardedApi } from "./http/guarded-api.js";
import { type ClientOptions, resolveClientOptions } from "./options.js";
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
 * A client for the Databar.ai REST API.
 *
 * @example
 * const databar = new Databar({ apiKey: "..." });
 * const connectors = await databar.connectors.list();
 */
export class Databar {
  /** The account that the key belongs to. */
  readonly user: CurrentUser;
  /** Tasks: the runs in progress, and their results. */
  readonly tasks: Tasks;
  /** The catalogue of enrichments, and their runs. */
  readonly enrichments: Enrichments;
  /** Waterfalls: providers that are tried in turn, and their runs. */
  readonly waterfalls: Waterfalls;
  /** Flows: graphs of enrichments, and their runs. */
  readonly flows: Flows;
  /** Tables, their columns and rows, and the enrichments, waterfalls and exporters installed on them. */
  readonly tables: Tables;
  /** The catalogue of exporters. */
  readonly exporters: Exporters;
  /** Connectors: custom HTTP APIs of the workspace. */
  readonly connectors: Connectors;
  /** Folders of tables. */
  readonly folders: Folders;

  /**
   * The typed openapi-fetch client with the same key, base URL and guards, for what the methods do not cover.
   * It returns `{ data, error, response }`, and neither retries nor times out.
   */
  readonly api: Client<paths>;
  readonly #transport: Transport;

  /**
   * @param options - The key, and whatever differs from the defaults.
   * @throws UsageError for a missing or malformed key, an unsafe `baseUrl`, or any other invalid option.
   */
  constructor(options: ClientOptions = {}) {
    const resolved = resolveClientOptions(options);
    const transport = createTransport(resolved);
    this.user = new CurrentUser(transport);
    this.tasks = new Tasks(transport);
    this.enrichments = new Enrichments(transport);
    this.waterfalls = new Waterfalls(transport);
    this.flows = new Flows(transport);
    this.tables = new Tables(transport);
    this.exporters = new Exporters(transport);
    this.connectors = new Connectors(transport);
    this.folders = new Folders(transport);
    this.api = createGuardedApi(resolved);
    this.#transport = transport;
  }

  /**
   * Sends a request to an endpoint that has no method here, with the same key, retries, deadline, guards and errors.
   *
   * @typeParam Data - The type of the result. It is not checked. An empty body is `undefined`.
   * @param method - `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
   * @param path - The path, such as `/v1/user/me`. Percent-encode the ids in it.
   * @param request - `query`, `body` (sent as JSON), and the options of a call.
   * @throws UsageError before anything is sent, otherwise a RequestError. Their `path` is the path that you passed.
   */
  request<Data = unknown>(method: Method, path: string, request?: CustomRequest): ApiPromise<Data> {
    return customRequest(this.#transport, method, path, request);
  }
}
