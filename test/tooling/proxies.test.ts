/** The snippets of the guide to proxies, through a real proxy on this machine. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { testCertificate, testKey } from "../support/certificate.js";

const run = promisify(execFile);
const KEY = "test-key-5f2d";

/** Stands in for the API, at the end of every tunnel. */
const api = createServer({ key: testKey, cert: testCertificate }, (request, response) => {
  keys.push(request.headers["x-apikey"]);
  response.setHeader("content-type", "application/json").end('[{ "id": 1 }, { "id": 2 }]');
});
const proxy = createHttpServer((_, response) => response.writeHead(500).end());
const keys: unknown[] = [];
const tunnels: { target: string | undefined; headers: string }[] = [];
let refused = false;

proxy.on("connect", ({ url, headers }, client) => {
  tunnels.push({ target: url, headers: JSON.stringify(headers) });
  client.on("error", () => {});
  if (refused) {
    client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    return;
  }
  const upstream = connect(portOf(api), "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    upstream.pipe(client).pipe(upstream);
  });
  upstream.on("error", () => client.destroy());
});

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  for (const server of [api, proxy]) {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  }
});
beforeEach(() => {
  keys.length = 0;
  tunnels.length = 0;
  refused = false;
});
afterAll(() => {
  api.close();
  proxy.close();
});

function runSnippet(name: string, variable: string, extra: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH,
    TSX_TSCONFIG_PATH: "tsconfig.json",
    DATABAR_API_KEY: KEY,
    // The stand-in for the API has a certificate that nobody trusts.
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    [variable]: `http://127.0.0.1:${portOf(proxy)}`,
    ...extra,
  };
  return run(process.execPath, ["--import", "tsx", `test/snippets/${name}.ts`], { env });
}

const ways = [
  { way: "set for the whole process", name: "proxy-process", variable: "HTTPS_PROXY" },
  { way: "set for one client", name: "proxy-client", variable: "HTTPS_PROXY" },
];

test.each(ways)(
  "guide to proxies: a proxy $way carries the requests, and sees the host but not the key",
  async ({ name, variable }) => {
    const { stdout } = await runSnippet(name, variable);
    expect(stdout).toBe("2 connectors\n");
    expect(keys).toEqual([KEY]);
    expect(tunnels).toMatchObject([{ target: "api.databar.ai:443" }]);
    expect(tunnels[0]?.headers).not.toContain(KEY);
  },
  20_000,
);

test("guide to proxies: a proxy that refuses the connection is a ConnectionError", async () => {
  refused = true;
  await expect(runSnippet("proxy-process", "HTTPS_PROXY")).rejects.toMatchObject({
    stderr: expect.stringContaining("ConnectionError: GET /v1/connectors/ failed: https://api.databar.ai"),
  });
  expect(tunnels.length).toBeGreaterThan(0);
}, 20_000);
