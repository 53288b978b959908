/** Connectors that can be created, read, replaced and deleted. */
import { json, type Match, type PlainAnswer } from "../replay.js";
import type { Schemas } from "./options.js";

/** Answers the operations on connectors. */
export class Connectors {
  readonly #connectors = new Map<number, Schemas["Connector"]>();
  readonly #now: () => number;
  #nextId = 1;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Undefined for an operation that is not simulated here. */
  answer({ name, values }: Match, body: unknown): PlainAnswer | undefined {
    const id = Number(values.connector_id);
    const connector = this.#connectors.get(id);
    switch (name) {
      case "connectors.list":
        return json(200, [...this.#connectors.values()]);
      case "connectors.create":
        return json(201, this.#store(this.#nextId++, new Date(this.#now()).toISOString(), body));
      case "connectors.get":
        return connector ? json(200, connector) : NOT_FOUND;
      case "connectors.replace":
        return connector ? json(200, this.#store(id, connector.created_at ?? null, body)) : NOT_FOUND;
      case "connectors.delete":
        return this.#connectors.delete(id) ? { status: 204, headers: {}, body: null } : NOT_FOUND;
    }
    return undefined;
  }

  /** Fields that the body omits get their defaults, also when a connector is replaced. */
  #store(id: number, created_at: string | null, body: unknown): Schemas["Connector"] {
    const given = body as Schemas["ConnectorCreate"];
    const named = (values: Schemas["NameValue"][] = []): Schemas["NameValue"][] =>
      values.map(({ name, value = "" }) => ({ name, value }));
    const connector: Schemas["Connector"] = {
      id,
      name: given.name,
      type: given.type ?? "enrichment",
      method: given.method,
      url: given.url,
      headers: named(given.headers),
      parameters: named(given.parameters),
      body: named(given.body),
      body_template: given.body_template ?? null,
      rate_limit: given.rate_limit ?? null,
      max_concurrency: given.max_concurrency ?? null,
      created_at,
    };
    this.#connectors.set(id, connector);
    return connector;
  }
}

const NOT_FOUND = json(404, { detail: "Connector not found" });
