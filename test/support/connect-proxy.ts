/** A proxy on this machine, and a stand-in for the API at the end of every tunnel. */
import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { testCertificate, testKey } from "./certificate.js";

/** A running proxy. */
export interface ConnectProxy {
  url: string;
  /** The port of the stand-in for the API. */
  apiPort: number;
  /** The tunnels that were requested. */
  tunnels: { target: string | undefined; headers: string }[];
  /** Refuses tunnels from now on. */
  refuse(): void;
  /** Forgets the tunnels, and accepts new ones. */
  reset(): void;
  close(): void;
}

/** @param api - Answers the requests. Its certificate is not trusted by anyone. */
export async function startConnectProxy(api: RequestListener): Promise<ConnectProxy> {
  const target = createServer({ key: testKey, cert: testCertificate }, api);
  const proxy = createHttpServer((_, response) => response.writeHead(500).end());
  const tunnels: ConnectProxy["tunnels"] = [];
  let refused = false;
  proxy.on("connect", ({ url, headers }, client) => {
    tunnels.push({ target: url, headers: JSON.stringify(headers) });
    client.on("error", () => {});
    if (refused) {
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const upstream = connect(portOf(target), "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
  });
  for (const server of [target, proxy]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
  return {
    url: `http://127.0.0.1:${portOf(proxy)}`,
    apiPort: portOf(target),
    tunnels,
    refuse: () => {
      refused = true;
    },
    reset: () => {
      refused = false;
      tunnels.length = 0;
    },
    close: () => {
      target.close();
      proxy.close();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
