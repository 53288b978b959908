/** The snippets of the guide to proxies, through a real proxy on this machine. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ConnectProxy, startConnectProxy } from "../support/connect-proxy.js";

const run = promisify(execFile);
const KEY = "test-key-5f2d";

const keys: unknown[] = [];
let proxy: ConnectProxy;

beforeAll(async () => {
  proxy = await startConnectProxy((request, response) => {
    keys.push(request.headers["x-apikey"]);
    response.setHeader("content-type", "application/json").end('[{ "id": 1 }, { "id": 2 }]');
  });
});
beforeEach(() => {
  keys.length = 0;
  proxy.reset();
});
afterAll(() => proxy.close());

function runSnippet(name: string, variable: string, extra: Record<string, string> = {}) {
  const env = {
    PATH: process.env.PATH,
    TSX_TSCONFIG_PATH: "tsconfig.json",
    DATABAR_API_KEY: KEY,
    // The stand-in for the API has a certificate that nobody trusts.
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    [variable]: proxy.url,
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
    expect(proxy.tunnels).toMatchObject([{ target: "api.databar.ai:443" }]);
    expect(proxy.tunnels[0]?.headers).not.toContain(KEY);
  },
  20_000,
);

test("guide to proxies: a proxy that refuses the connection is a ConnectionError", async () => {
  proxy.refuse();
  await expect(runSnippet("proxy-process", "HTTPS_PROXY")).rejects.toMatchObject({
    stderr: expect.stringMatching(/ConnectionError: GET \S+ failed: https:\/\/api\.databar\.ai/),
  });
  expect(proxy.tunnels.length).toBeGreaterThan(0);
}, 20_000);
