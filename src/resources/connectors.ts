import { UsageError } from "../errors/classes.js";
import type { Connector, ConnectorCreate } from "../generated/schema.gen.js";
import { type ApiPromise, apiPromise, type WithResponse } from "../http/api-promise.js";
import { shapeError } from "../http/result.js";
import type { RequestOptions } from "../options.js";
import { Resource } from "./resource.js";

/** A connector as it is sent. The fields that the server sets are refused: to copy a connector, use `duplicate`. */
export type NewConnector = ConnectorCreate & { id?: never; created_at?: never };

/** Connectors: custom HTTP APIs of the workspace. Their headers contain secrets in clear text. */
export class Connectors extends Resource {
  /**
   * Lists all connectors of the workspace.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-list
   */
  list(options?: RequestOptions): ApiPromise<Connector[]> {
    return this.call("connectors.list", "GET /v1/connectors/", {}, options);
  }

  /**
   * Gets one connector.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  get(connectorId: number, options?: RequestOptions): ApiPromise<Connector> {
    return this.call(
      "connectors.get",
      "GET /v1/connectors/{connector_id}",
      { path: { connector_id: connectorId } },
      options,
    );
  }

  /**
   * Creates a connector. The plan caps `rate_limit` and `max_concurrency`: check the values in the result.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-create
   */
  create(body: NewConnector, options?: RequestOptions): ApiPromise<Connector> {
    return this.call("connectors.create", "POST /v1/connectors/", { body }, options);
  }

  /**
   * Replaces a whole connector. A field that the body omits is reset: `type` to `enrichment`, lists to empty.
   * To change some fields, use {@link update}.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-update
   */
  replace(connectorId: number, body: NewConnector, options?: RequestOptions): ApiPromise<Connector> {
    return this.call(
      "connectors.replace",
      "PUT /v1/connectors/{connector_id}",
      { path: { connector_id: connectorId }, body },
      options,
    );
  }

  /**
   * Changes some fields of a connector and keeps the others: reads it, merges, and replaces it. These are two requests:
   * a change that somebody else makes in between is overwritten.
   *
   * @param patch - The fields to change. A field that is `undefined` is kept; `null` empties it.
   */
  update(connectorId: number, patch: Partial<ConnectorCreate>, options?: RequestOptions): ApiPromise<Connector> {
    return apiPromise(
      this.#read(connectorId, patch, options).then((body) => this.replace(connectorId, body, options).withResponse()),
    );
  }

  /**
   * Creates a copy of a connector: reads it, and creates another with the same fields.
   *
   * @param patch - The fields to change, such as `{ name: "..." }`.
   */
  duplicate(
    connectorId: number,
    patch: Partial<ConnectorCreate> = {},
    options?: RequestOptions,
  ): ApiPromise<Connector> {
    return apiPromise(
      this.#read(connectorId, patch, options).then((body) => this.create(body, options).withResponse()),
    );
  }

  /** Reads a connector and changes some of its fields. */
  async #read(
    connectorId: number,
    patch: Partial<ConnectorCreate>,
    options?: RequestOptions,
  ): Promise<ConnectorCreate> {
    if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
      throw new UsageError("The patch must be an object of the fields to change");
    }
    return mergeConnector(await this.get(connectorId, options).withResponse(), patch);
  }

  /**
   * Deletes a connector.
   *
   * @remarks Undocumented; taken from Databar's official clients.
   */
  delete(connectorId: number, options?: RequestOptions): ApiPromise<void> {
    return this.call(
      "connectors.delete",
      "DELETE /v1/connectors/{connector_id}",
      { path: { connector_id: connectorId } },
      options,
    );
  }
}

/** Without them, a response is no connector, and replacing one with it would reset it. */
const REQUIRED = ["name", "type", "method", "url"] as const satisfies readonly (keyof Connector)[];

/** The body that replaces a connector with itself, with some fields changed. Fields unknown to the contract are kept. */
function mergeConnector(result: WithResponse<Connector>, patch: Partial<ConnectorCreate>): ConnectorCreate {
  const missing = REQUIRED.filter((name) => typeof result.data?.[name] !== "string");
  if (missing.length > 0) {
    throw shapeError(result, `the connector has no ${missing.join(", ")}; nothing was changed`);
  }
  const { id: _, created_at: __, ...current } = result.data;
  const changes = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...current, ...changes };
}
