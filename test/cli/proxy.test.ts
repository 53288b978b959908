/** The command line behind a proxy on this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { CommandLineError } from "../../src/cli/failure.js";
import { findProxy, type ProxyTools, useProxy } from "../../src/cli/proxy.js";
import { type BuiltCli, buildCli } from "../support/build-cli.js";
import { cli } from "../support/cli.js";
import { type ConnectProxy, startConnectProxy } from "../support/connect-proxy.js";

const KEY = "proxy-key-91c4-77ab";
const PASSWORD = "pass-44d1-8e0f";

let program: BuiltCli;
let proxy: ConnectProxy;
const keys: unknown[] = [];

beforeAll(async () => {
  program = buildCli();
  proxy = await startConnectProxy((request, response) => {
    keys.push(request.headers["x-apikey"]);
    response.setHeader("content-type", "application/json").end('[{"id":1}]');
  });
});
beforeEach(() => {
  keys.length = 0;
  proxy.reset();
});
afterAll(() => {
  proxy.close();
  program.remove();
});

/** Lists connectors in a process. */
function run(args: string[], env: Record<string, string> = {}, path = program.path) {
  const child: ChildProcess = spawn(process.execPath, [path, "connectors", "list", "--jsonl", ...args], {
    // The stand-in for the API has a certificate that nobody trusts, and Node prints a warning about that.
    env: {
      PATH: process.env.PATH,
      DATABAR_API_KEY: KEY,
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
      NODE_NO_WARNINGS: "1",
      ...env,
    },
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.on("data", (chunk) => {
      text[name] += chunk;
    });
  }
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((done) =>
    child.on("close", (code) => done({ ...text, code })),
  );
}

describe("cli proxy", () => {
  test.each<[string, (url: string) => [string[], Record<string, string>]]>([
    ["--proxy", (url) => [["--proxy", url], {}]],
    ["--proxy without a scheme", (url) => [["--proxy", url.replace("http://", "")], {}]],
    ["HTTPS_PROXY", (url) => [[], { HTTPS_PROXY: url }]],
    ["https_proxy", (url) => [[], { https_proxy: url }]],
    ["--proxy instead of HTTPS_PROXY", (url) => [["--proxy", url], { HTTPS_PROXY: "http://127.0.0.1:9" }]],
  ])("of %s carries the request, and sees the host but not the key", async (_, make) => {
    const outcome = await run(...make(proxy.url));
    expect(outcome).toEqual({ code: 0, stdout: '{"id":1}\n', stderr: "" });
    expect(keys).toEqual([KEY]);
    expect(proxy.tunnels).toMatchObject([{ target: "api.databar.ai:443" }]);
    expect(proxy.tunnels[0]?.headers).not.toContain(KEY);
  });

  test("is not used for a host in NO_PROXY, nor for an http address on this machine", async () => {
    const direct = ["--base-url", `https://127.0.0.1:${proxy.apiPort}`];
    expect(await run([...direct, "--proxy", proxy.url])).toMatchObject({ code: 0 });
    expect(proxy.tunnels).toHaveLength(1);
    const except = { HTTPS_PROXY: proxy.url, NO_PROXY: "example.com,127.0.0.1" };
    expect(await run(direct, except)).toMatchObject({ code: 0 });
    expect(proxy.tunnels).toHaveLength(1);
    expect(findProxy(proxy.url, "http://localhost:4010", {})).toBeUndefined();
    expect(findProxy(undefined, undefined, { HTTP_PROXY: "", HTTPS_PROXY: "" })).toBeUndefined();
  });

  test("that refuses the connection is reported without its password, with exit code 3", async () => {
    proxy.refuse();
    const url = proxy.url.replace("http://", `http://ada:${PASSWORD}@`);
    const { code, stderr } = await run(["--proxy", url, "--max-retries", "0", "--debug"]);
    expect(code).toBe(3);
    expect(stderr).toContain("check the network, the proxy and --base-url");
    expect(proxy.tunnels[0]?.headers).toContain(`Basic ${btoa(`ada:${PASSWORD}`)}`);
    for (const secret of [PASSWORD, btoa(`ada:${PASSWORD}`), KEY]) {
      expect(stderr).not.toContain(secret);
    }
  });

  test.each([["socks5://127.0.0.1:1080"], ["http://"], [`http://ada:${PASSWORD}@:x`], [""]])(
    "is refused as --proxy=%s, which the error does not quote",
    async (url) => {
      const { code, stderr, requests } = await cli(["user", "me", `--proxy=${url}`]);
      expect({ code, requests }).toEqual({ code: 2, requests: [] });
      expect(stderr).toBe("error: --proxy must be an http or https URL, such as http://proxy.example:8080\n");
    },
  );

  test("without undici is Node's own where Node has one, else refused as --proxy and reported as HTTPS_PROXY", async () => {
    const isOwn = "setGlobalProxyFromEnv" in http;
    // The same program in a folder from which undici is not found.
    const folder = mkdtempSync(join(tmpdir(), "databar-proxy-"));
    try {
      cpSync(join(dirname(program.path), ".."), folder, { recursive: true });
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(resolve("node_modules/openapi-fetch"), join(folder, "node_modules/openapi-fetch"));
      const path = join(folder, "dist/cli.js");
      const asked = await run(["--proxy", proxy.url], {}, path);
      expect(asked.code).toBe(isOwn ? 0 : 2);
      expect(asked.stderr).toMatch(
        isOwn
          ? /^$/
          : /^error: --proxy cannot be used: on Node \S+, install undici beside databar-client \(npm install undici@7\), or .*\n$/,
      );
      const direct = ["--base-url", `https://127.0.0.1:${proxy.apiPort}`];
      const warned = await run(direct, { HTTPS_PROXY: proxy.url }, path);
      expect(warned).toMatchObject({ code: 0, stdout: '{"id":1}\n' });
      expect(warned.stderr).toMatch(
        isOwn ? /^$/ : /^The proxy of the environment is not used: on Node \S+, install undici/,
      );
      expect(proxy.tunnels).toHaveLength(isOwn ? 2 : 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("cli proxy on a Node that can set one", () => {
  const tools = (setGlobalProxy: ReturnType<Awaited<ProxyTools["setGlobalProxy"]>>): ProxyTools => ({
    setGlobalProxy: () => setGlobalProxy,
    undici: () => Promise.reject(new Error("not installed")),
  });

  test("is Node's own, with the hosts of NO_PROXY", async () => {
    const set = vi.fn();
    const found = findProxy("proxy.example:8080", undefined, { no_proxy: "a.example" });
    expect(found).toBeDefined();
    expect(found && (await useProxy(found, {}, () => {}, tools(Promise.resolve(set))))).toBeUndefined();
    const url = "http://proxy.example:8080/";
    expect(set.mock.calls).toEqual([[{ HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: "a.example" }]]);
  });

  test("is refused if neither Node nor undici can use it, and a proxy of the environment is reported", async () => {
    const warnings: string[] = [];
    const neither = tools(Promise.resolve(undefined));
    const ofOption = findProxy("http://proxy.example:8080", undefined, {});
    const ofEnvironment = findProxy(undefined, undefined, { HTTPS_PROXY: "http://proxy.example:8080" });
    if (!ofOption || !ofEnvironment) {
      throw new Error("no proxy found");
    }
    await expect(useProxy(ofOption, {}, () => {}, neither)).rejects.toThrow(CommandLineError);
    expect(await useProxy(ofEnvironment, {}, (text) => warnings.push(text), neither)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining("The proxy of the environment is not used")]);
  });
});
