/** What runs cost: from the catalogue's prices, before anything is paid. */
import { describe, expect, test } from "vitest";
import type { Enrichment, Waterfall } from "../../src/index.js";
import { findMissingParameters } from "../../src/index.js";
import { rejection, scripted } from "../support/scripted.js";

const base = { id: 7, name: "n", description: "", data_source: "", auth_method: "databar" };
const param = (name: string, is_required = true) => ({ name, is_required, type_field: "text", description: "" });

/** The price comes as the server may send it: a number, a text, or nothing. */
function enrichment(price: unknown, more: Partial<Enrichment> = {}) {
  return scripted(() => ({ ...base, price, params: [param("domain"), param("name", false)], ...more }));
}

const inputs = [{ domain: "a.example" }, { domain: "b.example" }, { domain: "c.example" }];

describe("the estimate of an enrichment", () => {
  test("is the price times the number of inputs, from one GET", async () => {
    const { databar, requests } = enrichment(2, { pricing: { type: "fixed" } });
    expect(await databar.enrichments.estimate(7, inputs)).toEqual({
      rows: 3,
      credits: { min: 6, max: 6 },
      reason: "2 credits per input",
      missing: [],
    });
    expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual(["GET /v1/enrichments/7"]);
  });

  test.each([[["a.example"]], [[null]], [{}], [undefined]])(
    "of inputs that are %j is a UsageError before any request",
    async (wrong) => {
      const { databar, requests } = enrichment(2);
      const error = await rejection(databar.enrichments.estimate(7, wrong as never));
      expect(error).toMatchObject({ name: "UsageError" });
      expect(requests).toEqual([]);
    },
  );

  test.each([
    [
      { type: "fixed", parameter: "limit" },
      { min: 6, max: 6 },
    ],
    [{ type: "per_parameter" }, "unknown"],
    [{ type: "other" }, "unknown"],
  ])("with the pricing %j is %j", async (pricing, credits) => {
    const { databar } = enrichment(2, { pricing } as object);
    expect(await databar.enrichments.estimate(7, inputs)).toMatchObject({ credits });
  });

  test("reads a price that the server sends as a text, and adds up without rounding errors", async () => {
    const { credits } = await enrichment("0.1").databar.enrichments.estimate(7, inputs);
    expect(credits).toEqual({ min: 0.3, max: 0.3 });
  });

  test("is multiplied by the parameter that sets the price, for each input", async () => {
    const pricing = { type: "per_parameter", parameter: "limit" } as const;
    const many = [{ limit: 10 }, { limit: "5" }];
    const { databar } = enrichment(0.25, { pricing, params: [] });
    expect(await databar.enrichments.estimate(7, many)).toMatchObject({
      credits: { min: 3.75, max: 3.75 },
      reason: "0.25 credits per input times limit",
    });
  });

  test.each([[undefined], [""], ["many"], [-1], [null]])(
    "is unknown if the parameter that sets the price is %j",
    async (limit) => {
      const pricing = { type: "per_parameter", parameter: "limit" } as const;
      const { databar } = enrichment(0.25, { pricing });
      expect((await databar.enrichments.estimate(7, [{ limit }, { limit: 1 }])).credits).toBe("unknown");
    },
  );

  test("ranges from one page to all requested pages", async () => {
    const { databar } = enrichment(2);
    expect(await databar.enrichments.estimate(7, inputs, { pagination: { pages: 4 } })).toMatchObject({
      credits: { min: 6, max: 24 },
      reason: "2 credits per input, for each of 1 to 4 pages",
    });
  });

  test.each([[undefined], [null], [""], ["free"], [Number.NaN], [-1]])("is unknown for the price %j", async (price) => {
    const { databar } = enrichment(price);
    expect(await databar.enrichments.estimate(7, inputs)).toMatchObject({
      credits: "unknown",
      reason: "the catalogue has no price",
    });
  });

  test("is unknown for a pricing type that the contract does not have", async () => {
    const { databar } = scripted(() => ({ ...base, price: 1, pricing: { type: "per_result" } }));
    expect(await databar.enrichments.estimate(7, inputs)).toMatchObject({
      credits: "unknown",
      reason: "the pricing type per_result is not known",
    });
  });

  test("names each input that lacks a required parameter", async () => {
    const { databar } = enrichment(1);
    const given = [{ domain: "a.example" }, {}, { domain: " " }, { domain: null, name: "" }];
    expect((await databar.enrichments.estimate(7, given)).missing).toEqual([
      { row: 1, parameter: "domain", problem: "missing" },
      { row: 2, parameter: "domain", problem: "blank" },
      { row: 3, parameter: "domain", problem: "blank" },
    ]);
  });
});

test("a required parameter with the value 0 or false is not missing", () => {
  expect(findMissingParameters(["a", "b"], [{ a: 0, b: false }])).toEqual([]);
});

describe("the estimate of a waterfall", () => {
  const waterfall: Waterfall = {
    identifier: "email_getter",
    name: "n",
    input_params: [{ name: "company", type: "text", required: true }],
    available_enrichments: [
      { id: 1, name: "a", price: "0.5" },
      { id: 2, name: "b", price: 1, enabled_by_default: true },
      { id: 3, name: "c", price: "4", enabled_by_default: false },
    ],
    email_verifiers: [{ id: 10, name: "v", price: "0.25" }],
  };
  const people = [{ company: "a" }, { company: "" }];
  const { databar } = scripted(() => waterfall);

  test("ranges from 0 to the prices of all default providers, for each input", async () => {
    expect(await databar.waterfalls.estimate("email_getter", people)).toEqual({
      rows: 2,
      credits: { min: 0, max: 3 },
      reason: "0 credits per input if no provider finds a result, 1.5 if it uses all 2",
      missing: [{ row: 1, parameter: "company", problem: "blank" }],
    });
  });

  test("counts the named providers and the verifier", async () => {
    const options = { enrichments: [1, 3], email_verifier: 10 };
    const { credits } = await databar.waterfalls.estimate("email_getter", people, options);
    expect(credits).toEqual({ min: 0, max: 9.5 });
  });

  test.each([
    ["a provider is not listed", { enrichments: [1, 99] }],
    ["the verifier is not listed", { email_verifier: 99 }],
  ])("is unknown if %s", async (_, options) => {
    expect((await databar.waterfalls.estimate("email_getter", people, options)).credits).toBe("unknown");
  });

  test("is unknown if a provider has no price", async () => {
    const { databar: other } = scripted(() => ({ ...waterfall, available_enrichments: [{ id: 1, name: "a" }] }));
    expect((await other.waterfalls.estimate("email_getter", people)).credits).toBe("unknown");
  });
});

describe("the estimate of a flow", () => {
  const flow = { id: "f", name: "n", inputs: [{ id: "domain", required: true }], config: { nodes: ["n1"] } };

  test("is the server's estimate of its graph, for each input", async () => {
    const { databar, requests } = scripted(({ method }) =>
      method === "GET" ? flow : { min: "1", max: "4.5", currency: "credits" },
    );
    expect(await databar.flows.estimate("f", [{ domain: "a" }, {}])).toEqual({
      rows: 2,
      credits: { min: 2, max: 9 },
      reason: "1 to 4.5 credits per input, as the server estimates",
      missing: [{ row: 1, parameter: "domain", problem: "missing" }],
    });
    expect(requests.map(({ method, target, body }) => [method, target, body])).toEqual([
      ["GET", "/v1/flows/f", undefined],
      ["POST", "/v1/flows/cost-estimate", { config: { nodes: ["n1"] } }],
    ]);
  });

  test.each([{}, { min: "1", max: "" }, { min: 1, max: 2, currency: "eur" }])(
    "is unknown if the server answers %j",
    async (answer) => {
      const { databar } = scripted(({ method }) => (method === "GET" ? flow : answer));
      expect((await databar.flows.estimate("f", [{ domain: "a" }])).credits).toBe("unknown");
    },
  );
});
