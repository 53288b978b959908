import { UsageError } from "../errors/classes.js";
import type { Connector, ConnectorCreate } from "../generated/schema.gen.js";
import { type ApiPromise, apiPromise, type WithResponse } from "../http/api-promise.js";
import { shapeError } from "../http/result.js";
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
    return apiPromise(this.#readAndReplace(connectorId, patch, options));
  }

  async #readAndReplace(
    connectorId: number,
    patch: Partial<ConnectorCreate>,
    options?: RequestOptions,
  ): Promise<WithResponse<Connector>> {
    if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
      throw new UsageError("The patch must be an object of the fields to change");
    }
    const current = await this.get(connectorId, options).withResponse();
    return this.replace(connectorId, mergeConnector(current, patch), options).withResponse();
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
