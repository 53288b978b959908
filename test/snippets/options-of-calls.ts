import { Databar } from "databar-client";

const databar = new Databar({ timeoutMs: 10_000 });

const connector = await databar.connectors.get(42, { timeoutMs: 5_000, maxRetries: 0 });
console.log(connector.name);

const { data, response } = await databar.connectors.list().withResponse();
console.log(data.length, "connectors, status", response.status);
