import type { Connector, ConnectorCreate } from "../generated/schema.gen.js";
import { type ApiPromise, apiPromise } from "../http/api-promise.js";
import type { RequestOptions } from "../options.js";
import { Resource } from "./resource.js";

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
  create(body: ConnectorCreate, options?: RequestOptions): ApiPromise<Connector> {
    return this.call("connectors.create", "POST /v1/connectors/", { body }, options);
  }

  /**
   * Replaces a whole connector. A field that the body omits is reset: `type` to `enrichment`, lists to empty.
   * To change some fields, use {@link update}.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-update
   */
  replace(connectorId: number, body: ConnectorCreate, options?: RequestOptions): ApiPromise<Connector> {
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
    const merged = this.get(connectorId, options).then((connector) => mergeConnector(connector, patch));
    return apiPromise(merged.then((body) => this.replace(connectorId, body, options).withResponse()));
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

/** The body that replaces a connector with itself, with some fields changed. Fields unknown to the contract are kept. */
function mergeConnector(connector: Connector, patch: Partial<ConnectorCreate>): ConnectorCreate {
  const { id: _, created_at: __, ...current } = connector;
  const changes = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...current, ...changes };
}
