import { Databar } from "databar-client";

const databar = new Databar();

const { data, error, response } = await databar.api.GET("/v1/connectors/{connector_id}", {
  params: { path: { connector_id: 42 } },
});
console.log(response.status, error ?? data?.name);
