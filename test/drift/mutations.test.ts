/** Forty changes of the contract, chosen by a seeded generator at places that examples reach. Each must be reported. */
import { describe, expect, test } from "vitest";
import { Contract, isObject, type Json, type JsonObject, type Path } from "../../scripts/contract/document.js";
import { compileValidators } from "../../scripts/generate/validators.js";
import { findDrift, typeOf } from "../../src/drift/check.js";
import { type Drift, driftSettled } from "../../src/drift/index.js";
import { createWatchDrift } from "../../src/drift/watch.js";
import { Databar } from "../../src/index.js";
import { startReplayServer } from "../../src/testing/server.js";
import { exampleBodies } from "../support/drift.js";

const MUTATIONS = 40;

/** A place of the contract that an example reaches. */
interface Site {
  operation: string;
  status: number | "request";
  /** The schema there, its references followed. */
  at: Path;
  schema: JsonObject;
  value: unknown;
}

/** A change of a schema; `undefined` if it does not apply to the site. The texts say what the server would have changed. */
const KINDS: Record<string, (site: Site) => ((schema: JsonObject) => void) | undefined> = {
  "a field has another name": ({ schema, value }) => {
    const name = presentNames(schema, value)[0];
    return name === undefined
      ? undefined
      : (own) => {
          const properties = own.properties as JsonObject;
          properties[`${name}_new`] = properties[name] ?? {};
          delete properties[name];
          own.required = list(own.required).map((each) => (each === name ? `${name}_new` : each));
        };
  },
  "a field is not documented": ({ schema, value }) => {
    const name = presentNames(schema, value).at(-1);
    return name === undefined
      ? undefined
      : (own) => {
          delete (own.properties as JsonObject)[name];
          own.required = list(own.required).filter((each) => each !== name);
        };
  },
  "a field that is sometimes left out is required": ({ schema, value }) => {
    const name = isObject(value) ? Object.keys(schema.properties ?? {}).find((each) => !(each in value)) : undefined;
    return name === undefined ? undefined : (own) => (own.required = [...list(own.required), name]);
  },
  "a value has another type": ({ schema, value }) =>
    typeof schema.type === "string"
      ? (own) => {
          own.type = typeOf(value) === "boolean" ? "string" : "boolean";
          delete own.enum;
          delete own.format;
        }
      : undefined,
  "null is not allowed": ({ schema, value }) =>
    value === null && Array.isArray(schema.anyOf)
      ? (own) => (own.anyOf = list(own.anyOf).filter((each) => !isObject(each) || each.type !== "null"))
      : undefined,
  "a value of an enum is gone": ({ schema, value }) =>
    Array.isArray(schema.enum) && schema.enum.length > 1 && schema.enum.includes(value as Json)
      ? (own) => (own.enum = list(own.enum).filter((each) => each !== value))
      : undefined,
  "a text has a format": ({ schema, value }) =>
    schema.type === "string" && schema.format === undefined && typeof value === "string" && value.length < 30
      ? (own) => (own.format = "uuid")
      : undefined,
  "a list has other items": ({ schema, value }) =>
    Array.isArray(value) && value.length > 0 && isObject(schema.items)
      ? (own) => (own.items = { type: Array.isArray(value[0]) ? "string" : "array", items: {} })
      : undefined,
};

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function presentNames(schema: JsonObject, value: unknown): string[] {
  const isOpen = schema.additionalProperties !== undefined;
  return isObject(value) && !isOpen ? Object.keys(schema.properties ?? {}).filter((name) => name in value) : [];
}

const contract = new Contract("openapi");

/** All places that an example reaches. A union's branch counts if it alone has the value's type. */
function sitesOf(operation: string, status: number | "request", path: Path, value: unknown): Site[] {
  const { at, node } = contract.resolve(path);
  if (!isObject(node)) {
    return [];
  }
  const own: Site = { operation, status, at, schema: node, value };
  if (Array.isArray(node.anyOf)) {
    const fitting = node.anyOf.flatMap((_, index) => {
      const branch = contract.resolve([...at, "anyOf", index]).node as JsonObject;
      return branch.type === typeOf(value) ? [index] : [];
    });
    const [only] = fitting;
    return [own, ...(fitting.length === 1 ? sitesOf(operation, status, [...at, "anyOf", only ?? 0], value) : [])];
  }
  if (Array.isArray(value) && isObject(node.items)) {
    return [own, ...value.slice(0, 2).flatMap((item) => sitesOf(operation, status, [...at, "items"], item))];
  }
  const names = presentNames(node, value);
  return [
    own,
    ...names.flatMap((name) => sitesOf(operation, status, [...at, "properties", name], (value as JsonObject)[name])),
  ];
}

/** Numbers from 0 to 1, the same in each run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sites = exampleBodies.flatMap(({ operation, status, body }) => {
  const found = contract.operations.find(({ name }) => name === operation);
  const holder =
    status === "request" ? found?.requestBody : found?.responses.find((each) => each.status === `${status}`);
  const [content] = holder?.content ?? [];
  return content ? sitesOf(operation, status, [...content.at, "schema"], body) : [];
});

const random = mulberry32(13);
const kinds = Object.entries(KINDS);

/** The kinds in turn, each at a place that the generator chooses among those that it applies to. */
const mutations = Array.from({ length: MUTATIONS }, (_, index) => {
  const [kind, change] = kinds[index % kinds.length] ?? ["", () => undefined];
  const candidates = sites.filter((site) => change(site) !== undefined);
  const site = candidates[Math.floor(random() * candidates.length)];
  if (!site) {
    throw new Error(`no example reaches a place for: ${kind}`);
  }
  const mutate = change(site);
  return { kind, site, mutate: mutate ?? (() => undefined) };
});

/** Runs something under a changed contract, and changes it back. */
async function mutated<T>(site: Site, mutate: (schema: JsonObject) => void, run: () => T): Promise<Awaited<T>> {
  const schema = contract.resolve(site.at).node as JsonObject;
  const before = structuredClone(schema);
  mutate(schema);
  try {
    return await run();
  } finally {
    for (const key of Object.keys(schema)) {
      delete schema[key];
    }
    Object.assign(schema, before);
  }
}

describe("a server that differs from the contract", () => {
  test.each(mutations.map((mutation, index) => [index + 1, mutation.kind, mutation] as const))(
    "mutation %i (%s) is reported when the examples are replayed",
    async (_, __, { site, mutate }) => {
      const found = await mutated(site, mutate, () => {
        const validators = compileValidators(contract);
        return exampleBodies
          .filter((each) => each.operation === site.operation && each.status === site.status)
          .flatMap(({ operation, status, body }) =>
            findDrift(validators, operation, status, body, { limit: Number.POSITIVE_INFINITY, offset: 0 }),
          );
      });
      expect(found, `${site.operation} ${site.status} ${site.at.join(" > ")}`).not.toEqual([]);
    },
  );

  test("is reported through a client and the replay server", async () => {
    const server = await startReplayServer();
    const found: Drift[] = [];
    try {
      const connector = contract.resolve(["components", "schemas", "Connector"]);
      const site: Site = {
        operation: "",
        status: 200,
        at: connector.at,
        schema: connector.node as JsonObject,
        value: {},
      };
      const change = (schema: JsonObject): void => {
        const { properties } = schema as { properties: JsonObject };
        properties.url = { type: "integer" };
        properties.owner = { type: "string" };
        schema.required = [...list(schema.required), "owner"];
        delete properties.created_at;
      };
      await mutated(site, change, async () => {
        const watchDrift = createWatchDrift(compileValidators(contract));
        const hooks = watchDrift({ onDrift: (drift) => found.push(drift), reported: new Set() });
        const databar = new Databar({ apiKey: "test-key-5f2d", baseUrl: server.url, hooks });
        await databar.connectors.list();
        await databar.connectors.list();
        await driftSettled();
      });
    } finally {
      await server.close();
    }
    expect(found.map(({ path, kind, expected, found }) => [path, kind, expected, found])).toEqual([
      ["$[].owner", "missing", "string", "missing"],
      ["$[].url", "type", "integer", "string"],
      ["$[].created_at", "undocumented", "no such field", "string"],
    ]);
  });
});
