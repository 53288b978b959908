import { Databar } from "databar-client";
import { EnvHttpProxyAgent, setGlobalDispatcher } from "undici";

setGlobalDispatcher(new EnvHttpProxyAgent()); // the global fetch uses it, too

const databar = new Databar();
console.log((await databar.connectors.list()).length, "connectors");
