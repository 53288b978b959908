import { expect, test } from "vitest";
import { rejection, scripted } from "../support/scripted.js";

const stored = {
  id: 42,
  name: "Scoring",
  type: "exporter",
  method: "post",
  url: "https://api.example.com/v1/score",
  headers: [{ name: "Authorization", value: "Bearer sk-xxx" }],
  parameters: [{ name: "domain", value: "" }],
  body: [],
  body_template: "{{ domain }}",
  rate_limit: 10,
  max_concurrency: null,
  created_at: "2025-01-15T10:30:00Z",
  retry_policy: { tries: 3 },
};

function connectorServer() {
  return scripted(({ method, body }) => (method === "GET" ? stored : { ...stored, ...(body as object) }));
}

test("connectors.update changes only the given fields and keeps all others, including the type and unknown fields", async () => {
  const { databar, requests } = connectorServer();
  const updated = await databar.connectors.update(42, { name: "Scoring 2", rate_limit: null });
  const { id: _, created_at: __, ...kept } = stored;
  expect(requests.map(({ method, target }) => `${method} ${target}`)).toEqual([
    "GET /v1/connectors/42",
    "PUT /v1/connectors/42",
  ]);
  expect(requests[1]?.body).toEqual({ ...kept, name: "Scoring 2", rate_limit: null });
  expect(updated).toMatchObject({ id: 42, name: "Scoring 2" });
});

test("connectors.update keeps a field that is passed as undefined", async () => {
  const { databar, requests } = connectorServer();
  await databar.connectors.update(42, { name: undefined as never, url: "https://b.example.com" });
  expect(requests[1]?.body).toMatchObject({ name: "Scoring", url: "https://b.example.com" });
});

test("connectors.update(...).withResponse() returns the response to the PUT request", async () => {
  const { databar } = connectorServer();
  const { data, response } = await databar.connectors.update(42, {}).withResponse();
  expect({ id: data.id, status: response.status }).toEqual({ id: 42, status: 200 });
});

test("connectors.update sends no PUT if it cannot read the connector", async () => {
  const { databar, requests } = scripted(() => Response.json({ detail: "Not found" }, { status: 404 }));
  expect(await rejection(databar.connectors.update(42, { name: "x" }))).toMatchObject({ status: 404, method: "GET" });
  expect(requests).toHaveLength(1);
});

test("a waterfall run omits an empty list of providers", async () => {
  const { databar, requests } = scripted(() => ({ task_id: "t", status: "processing" }));
  await databar.waterfalls.run("email_getter", { params: {}, enrichments: [] });
  await databar.waterfalls.bulkRun("email_getter", { params: [], enrichments: [] });
  await databar.tables.waterfalls.add("t1", { waterfall: "email_getter", mapping: {}, enrichments: [] });
  await databar.waterfalls.run("email_getter", { params: {}, enrichments: [833] });
  expect(requests.map(({ body }) => body)).toEqual([
    { params: {} },
    { params: [] },
    { waterfall: "email_getter", mapping: {} },
    { params: {}, enrichments: [833] },
  ]);
});
