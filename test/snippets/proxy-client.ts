import { Databar, type Fetch } from "databar-client";
import { ProxyAgent } from "undici";

const dispatcher = new ProxyAgent(process.env.DATABAR_PROXY ?? "http://localhost:8080");
const fetchThroughProxy: Fetch = (url, init) => {
  const options = { ...init, dispatcher };
  return fetch(url, options);
};

const databar = new Databar({ fetch: fetchThroughProxy });
console.log((await databar.connectors.list()).length, "connectors");
