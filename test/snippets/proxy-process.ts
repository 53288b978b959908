import { Databar } from "databar-client";
import { EnvHttpProxyAgent, setGlobalDispatcher } from "undici";

setGlobalDispatcher(new EnvHttpProxyAgent()); // reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY

const databar = new Databar();
console.log((await databar.connectors.list()).length, "connectors");
