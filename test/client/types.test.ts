/** Code that must compile, and lines that must not. `tsc` checks both, and `npm test` runs it first. */
import { expectTypeOf, test } from "vitest";
import type { components, operations, paths } from "../../src/generated/schema.gen.js";
import { type ApiPromise, type Connector, Databar, type HTTPValidationError, type NameValue } from "../../src/index.js";

const databar = new Databar({ apiKey: "types-only", fetch: async () => Response.json([]) });

test("methods return the types of the contract", () => {
  expectTypeOf(databar.connectors.list()).toEqualTypeOf<ApiPromise<Connector[]>>();
  expectTypeOf(databar.connectors.list().withResponse()).resolves.toEqualTypeOf<{
    data: Connector[];
    response: Response;
  }>();
  expectTypeOf<Connector>().toEqualTypeOf<components["schemas"]["Connector"]>();
  expectTypeOf<Connector["rate_limit"]>().toEqualTypeOf<number | null | undefined>();
  expectTypeOf<Connector["headers"]>().toEqualTypeOf<NameValue[] | undefined>();
  expectTypeOf<HTTPValidationError["detail"]>().toExtend<{ loc: (string | number)[] }[] | undefined>();
  expectTypeOf<paths["/v1/connectors/"]["get"]>().toEqualTypeOf<operations["list_connectors_v1_connectors__get"]>();
});

test("a filter does not change the row type of the result", () => {
  const filter = { name: { equals: "a" } };
  expectTypeOf(databar.tables.rows.list("t", { filter })).toEqualTypeOf(databar.tables.rows.list("t"));
  expectTypeOf(databar.tables.rows.iterate("t", { filter })).toEqualTypeOf(databar.tables.rows.iterate("t"));
});

test("no operation has the API key as a parameter", () => {
  expectTypeOf<operations["list_connectors_v1_connectors__get"]["parameters"]["header"]>().toEqualTypeOf<undefined>();
});

test("incorrect calls do not compile", () => {
  const wrong = [
    // @ts-expect-error a misspelt option
    () => new Databar({ apikey: "k" }),
    // @ts-expect-error a wrong type
    () => new Databar({ apiKey: "k", timeoutMs: "5s" }),
    // @ts-expect-error a misspelt option of a call
    () => databar.connectors.list({ timeout: 5 }),
    // @ts-expect-error a wrong type in a call
    () => databar.connectors.list({ signal: new AbortController() }),
    // @ts-expect-error an unknown field
    async () => (await databar.connectors.list())[0]?.nmae,
    // @ts-expect-error a field that may be missing or null
    async (): Promise<number | undefined> => (await databar.connectors.list())[0]?.rate_limit,
    // @ts-expect-error a list may be empty
    async (): Promise<Connector> => (await databar.connectors.list())[0],
    // @ts-expect-error a path without its trailing slash
    () => databar.api.GET("/v1/connectors"),
    // @ts-expect-error an unknown filter condition
    () => databar.tables.rows.list("t", { filter: { name: { like: "a" } } }),
    // @ts-expect-error a column that the caller's row type does not have
    () => databar.tables.rows.iterate<{ name: string }>("t", { filter: { nmae: { equals: "a" } } }),
    // @ts-expect-error an event has no headers
    () => new Databar({ hooks: { onResponse: ({ headers }) => headers } }),
  ];
  expectTypeOf(wrong).toBeArray();
});
