import { Databar } from "databar-client";

const databar = new Databar(); // reads the key from DATABAR_API_KEY

for (const { id, name, method, url } of await databar.connectors.list()) {
  console.log(id, name, method, url); // do not print `headers`: they hold secrets
}
