import type { Connector, ConnectorCreate } from "../generated/schema.gen.js";
import { type ApiPromise, apiPromise } from "../http/api-promise.js";
import type { RequestOptions } from "../options.js";
import { Resource } from "./resource.js";

/** The workspace's own HTTP APIs. Their headers hold secrets in clear text. */
export class Connectors extends Resource {
  /**
   * Lists all connectors of the workspace.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-list
   */
  list(options?: RequestOptions): ApiPromise<Connector[]> {
    return this.call("connectors.list", "GET /v1/connectors/", {}, options);
  }

  /** Gets one connector. No page documents it: it is known from Databar's own clients. */
  get(connectorId: number, options?: RequestOptions): ApiPromise<Connector> {
    return this.call(
      "connectors.get",
      "GET /v1/connectors/{connector_id}",
      { path: { connector_id: connectorId } },
      options,
    );
  }

  /**
   * Creates a connector. The plan caps `rate_limit` and `max_concurrency`: look at what comes back.
   *
   * @see https://docs.databar.ai/api-reference/endpoint/connectors-create
   */
  create(body: ConnectorCreate, options?: RequestOptions): ApiPromise<Connector> {
    return this.call("connectors.create", "POST /v1/connectors/", { body }, options);
  }

  /**
   * Replaces a connector as a whole. What the body leaves out is reset: `type` to `enrichment`, lists to empty.
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
   * Changes some fields of a connector and keeps the others: reads it, merges, and replaces it. These are two requests;
   * what somebody else changes in between is overwritten.
   *
   * @param patch - The fields to change; one that is `undefined` is kept, `null` empties it.
   */
  update(connectorId: number, patch: Partial<ConnectorCreate>, options?: RequestOptions): ApiPromise<Connector> {
    const merged = this.get(connectorId, options).then((connector) => mergeConnector(connector, patch));
    return apiPromise(merged.then((body) => this.replace(connectorId, body, options).withResponse()));
  }

  /** Deletes a connector. No page documents it: it is known from Databar's own clients. */
  delete(connectorId: number, options?: RequestOptions): ApiPromise<void> {
    return this.call(
      "connectors.delete",
      "DELETE /v1/connectors/{connector_id}",
      { path: { connector_id: connectorId } },
      options,
    );
  }
}

/** A connector as the body that would leave it as it is, with some fields changed. Fields unknown to the contract stay. */
function mergeConnector(connector: Connector, patch: Partial<ConnectorCreate>): ConnectorCreate {
  const { id: _, created_at: __, ...current } = connector;
  const changes = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
  return { ...current, ...changes };
}
