import { Databar } from "databar-client";
import { EnvHttpProxyAgent, fetch } from "undici";

const dispatcher = new EnvHttpProxyAgent(); // reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY

const databar = new Databar({ fetch: (url, init) => fetch(url, { ...init, dispatcher }) });
console.log((await databar.connectors.list()).length, "connectors");
