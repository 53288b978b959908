import { Databar } from "databar-client";

const databar = new Databar(); // the key is in DATABAR_API_KEY

for (const { id, name, method, url } of await databar.connectors.list()) {
  console.log(id, name, method, url); // not `headers`: they hold secrets
}
