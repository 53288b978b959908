import { Databar } from "databar-client";
import { EnvHttpProxyAgent } from "undici";

const dispatcher = new EnvHttpProxyAgent(); // reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY

const databar = new Databar({
  fetch: (url, init) => {
    const options = { ...init, dispatcher };
    return fetch(url, options);
  },
});
console.log((await databar.connectors.list()).length, "connectors");
