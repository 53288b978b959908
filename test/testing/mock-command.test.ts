/** `databar-client mock`: the replay server and the simulator as a command. */
import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { startReplayServer } from "../../src/testing/server.js";
import { Collector, cli } from "../support/cli.js";
import { pathOf } from "../support/contract-requests.js";

/** A server that runs: what it has written, and its address once it listens. */
function run(...args: string[]) {
  const stdout = new Collector();
  const controller = new AbortController();
  const url = new Promise<string>((resolve) => {
    stdout.on("collected", () => resolve(/http:\S+/.exec(stdout.text)?.[0] ?? ""));
  });
  const exit = cli(["mock", ...args], { stdout, signal: controller.signal, env: {} });
  return { stdout, exit, url, end: () => controller.abort() };
}

describe("databar-client mock", () => {
  test("serves until it is ended, with one line per request and no key", async () => {
    const { stdout, exit, url, end } = run("--port", "0");
    const address = await url;
    const path = pathOf("connectors.list");
    expect(stdout.text).toMatch(/^Databar replay server at http:\/\/127\.0\.0\.1:\d+ \(end with Ctrl-C\)\n$/);
    await (await fetch(`${address}${path}?page=1`, { headers: { "x-apikey": "test-key-5f2d" } })).text();
    await (await fetch(`${address}/v1/nope`)).text();
    await expect
      .poll(() => stdout.text.split("\n").slice(1, 3).join("|"))
      .toMatch(new RegExp(`^GET ${path} 200 \\d+\\.\\d ms\\|GET /v1/nope 404 \\d+\\.\\d ms$`));
    end();
    expect(await exit).toMatchObject({ code: 0, stderr: "" });
    await expect(fetch(address)).rejects.toThrow();
  });

  test("fails the requested share of requests, after the requested latency", async () => {
    const { exit, url, end } = run("--port=0", "--fail", "503:1", "--seed", "3", "--latency", "20");
    const start = performance.now();
    expect((await fetch(`${await url}/v1/user/me`)).status).toBe(503);
    expect(performance.now() - start).toBeGreaterThan(15);
    end();
    expect(await exit).toMatchObject({ code: 0 });
  });

  const headers = { "x-apikey": "test-key-5f2d", "content-type": "application/json" };

  test("with --simulate remembers runs, and spends the credits of --balance", async () => {
    const { stdout, exit, url, end } = run("--port", "0", "--simulate", "--balance", "7.5", "--seed", "3");
    const address = await url;
    expect(stdout.text).toMatch(/^Databar simulator at http:/);
    const get = async (path: string): Promise<unknown> => (await fetch(`${address}/v1${path}`, { headers })).json();
    expect(await get("/user/me")).toMatchObject({ balance: 7.5 });
    const body = JSON.stringify({ params: { domain: "northwind.example" } });
    const started = await fetch(`${address}/v1/enrichments/833/run`, { method: "POST", headers, body });
    const { task_id: id } = (await started.json()) as { task_id: string };
    expect(await get(`/tasks/${id}`)).toMatchObject({ task_id: id, status: "processing" });
    expect(await get("/user/me")).toMatchObject({ balance: 6.5 });
    end();
    expect(await exit).toMatchObject({ code: 0, stderr: "" });
  });

  test("with --simulate and --rate-limit answers 429 to the requests above the limit", async () => {
    const { exit, url, end } = run("--port", "0", "--simulate", "--rate-limit", "2");
    const address = await url;
    const statuses = await Promise.all(
      Array.from({ length: 6 }, async () => (await fetch(`${address}/v1/user/me`, { headers })).status),
    );
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(statuses).toContain(429);
    end();
    await exit;
  });

  test("with --simulate and --fail fails the requested share of requests, after the requested latency", async () => {
    const { exit, url, end } = run("--port", "0", "--simulate", "--fail", "503:1", "--latency", "20");
    const start = performance.now();
    expect((await fetch(`${await url}/v1/user/me`, { headers })).status).toBe(503);
    expect(performance.now() - start).toBeGreaterThan(15);
    end();
    await exit;
  });

  test("ends at once when the interrupt comes before the start", async () => {
    expect(await cli(["mock", "--port", "0"], { signal: AbortSignal.abort() })).toMatchObject({ code: 0 });
  });

  test("warns when other machines can reach it", async () => {
    const { exit, url, end } = run("--port", "0", "--host", "0.0.0.0");
    expect(await url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    end();
    expect(await exit).toMatchObject({
      code: 0,
      stderr: "Warning: other machines can reach 0.0.0.0. Without --host, only this machine can.\n",
    });
    const local = run("--port", "0", "--host", "localhost");
    await local.url;
    local.end();
    expect(await local.exit).toMatchObject({ code: 0, stderr: "" });
  });

  test("has a help text with its own options", async () => {
    const { code, stdout } = await cli(["mock", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage\n  databar-client mock [OPTIONS]\n");
    expect([...stdout.matchAll(/^ {2}(--[\w-]+)/gm)].map(([, name]) => name)).toEqual([
      "--port",
      "--host",
      "--simulate",
      "--rate-limit",
      "--balance",
      "--latency",
      "--fail",
      "--seed",
      "--debug",
      "--version",
    ]);
  });

  test.each([
    [["--port", "http"], '--port must be a whole number from 0 to 65535, got "http"'],
    [["--port", "65536"], '--port must be a whole number from 0 to 65535, got "65536"'],
    [["--latency", "1.5"], '--latency must be a whole number from 0 to 3600000, got "1.5"'],
    [["--seed", ""], "--seed must be a whole number"],
    [["--host", ""], "--host must be an address or a name, such as 127.0.0.1"],
    [["--fail", "503"], '--fail must be a status from 400 to 599 and a share from 0 to 1, such as 503:0.1, got "503"'],
    [["--fail", "200:0.1"], "--fail must be a status from 400 to 599"],
    [["--fail", "503:1.5"], "--fail must be a status from 400 to 599"],
    [
      ["--fail", "503:0.6", "--fail", "500:0.6"],
      "the shares of --fail must add up to at most 1, got 503:0.6 and 500:0.6",
    ],
    [["--simulate", "--rate-limit", "fast"], '--rate-limit must be a number, such as 20 or 0.5, got "fast"'],
    [["--simulate", "--balance", "-1"], "--balance needs a value: write --balance=VALUE if it starts with -"],
    [["--rate-limit", "5"], "--rate-limit goes with --simulate"],
    [["--balance", "5"], "--balance goes with --simulate"],
    [["--prot", "1"], "Unknown option --prot: did you mean --port?"],
    [["--port"], "--port needs a value: --port N"],
    [["--body", "{}"], "mock takes no --body: it goes with"],
    [["--json"], "mock takes no --json: it goes with"],
    [["extra"], 'mock takes no ids: got 1 value, "extra"; usage: databar-client mock [OPTIONS]'],
  ])("refuses %j in one line, with exit code 2", async (args, message) => {
    const { code, stdout, stderr } = await cli(["mock", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  });

  test("uses port 4010 unless another is asked for", async () => {
    const taken = createServer().listen(4010, "127.0.0.1");
    // Whoever listens there, this test or another program: the port is in use.
    await Promise.allSettled([once(taken, "listening")]);
    expect((await cli(["mock"])).stderr).toMatch(/^error: port 4010 is in use; /);
    taken.close();
  });

  test("reports a port that is in use, and how to choose another one", async () => {
    const other = await startReplayServer();
    const { port } = new URL(other.url);
    expect(await cli(["mock", "--port", port])).toMatchObject({
      code: 2,
      stderr: `error: port ${port} is in use; choose another one with --port, or any free one with --port 0\n`,
    });
    await other.close();
  });

  test("reports an address that is not an address of this machine", async () => {
    const { code, stderr } = await cli(["mock", "--port", "0", "--host", "192.0.2.1"]);
    expect(code).toBe(2);
    expect(stderr).toContain("192.0.2.1 is not an address of this machine");
  });
});
