/** `databar-client mock`, as the command line calls it. */
import { expect, test } from "vitest";
import { runMock } from "../../src/testing/mock-command.js";
import { startReplayServer } from "../../src/testing/server.js";

/** A run under way: what it has written, its address once it listens. */
function run(...args: string[]) {
  const out = { stdout: "", stderr: "" };
  const controller = new AbortController();
  let onLine = (): void => {};
  const first = new Promise<void>((resolve) => {
    onLine = resolve;
  });
  const exit = runMock(args, {
    stdout: {
      write(text) {
        out.stdout += text;
        onLine();
      },
    },
    stderr: {
      write(text) {
        out.stderr += text;
      },
    },
    signal: controller.signal,
  });
  const url = first.then(() => /http:\S+/.exec(out.stdout)?.[0] ?? "");
  return { out, exit, url, end: () => controller.abort() };
}

test("serves until it is ended, with one line per request and no key", async () => {
  const { out, exit, url, end } = run("--port", "0");
  const address = await url;
  expect(out.stdout).toMatch(/^Databar replay server at http:\/\/127\.0\.0\.1:\d+ \(end with Ctrl-C\)\n$/);
  await (await fetch(`${address}/v1/connectors/?page=1`, { headers: { "x-apikey": "test-key-5f2d" } })).text();
  await (await fetch(`${address}/v1/nope`)).text();
  await expect
    .poll(() => out.stdout.split("\n").slice(1, 3).join("|"))
    .toMatch(/^GET \/v1\/connectors\/ 200 \d+\.\d ms\|GET \/v1\/nope 404 \d+\.\d ms$/);
  end();
  expect(await exit).toBe(0);
  expect(out.stderr).toBe("");
  await expect(fetch(address)).rejects.toThrow();
});

test("fails and waits as it is told", async () => {
  const { exit, url, end } = run("--port=0", "--fail", "503:1", "--seed", "3", "--latency", "20");
  const start = performance.now();
  expect((await fetch(`${await url}/v1/user/me`)).status).toBe(503);
  expect(performance.now() - start).toBeGreaterThan(15);
  end();
  expect(await exit).toBe(0);
});

test("ends at an interrupt, and leaves no listener behind", async () => {
  const before = process.listenerCount("SIGINT");
  const { exit, url } = run("--port", "0");
  await url;
  expect(process.listenerCount("SIGINT")).toBe(before + 1);
  process.emit("SIGINT");
  expect(await exit).toBe(0);
  expect([process.listenerCount("SIGINT"), process.listenerCount("SIGTERM")]).toEqual([
    before,
    process.listenerCount("SIGTERM"),
  ]);
});

test("a signal that is aborted already ends it at once", async () => {
  expect(
    await runMock(["--port", "0"], { stdout: { write() {} }, stderr: { write() {} }, signal: AbortSignal.abort() }),
  ).toBe(0);
});

test("warns where other machines can ask", async () => {
  const { out, exit, url, end } = run("--port", "0", "--host", "0.0.0.0");
  expect(await url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(out.stderr).toBe("Warning: 0.0.0.0 can be reached by other machines. Without --host only this one can ask.\n");
  end();
  expect(await exit).toBe(0);
  const local = run("--port", "0", "--host", "localhost");
  await local.url;
  local.end();
  await local.exit;
  expect(local.out.stderr).toBe("");
});

test("shows its help", async () => {
  const { out, exit } = run("--help");
  expect(await exit).toBe(0);
  expect(out.stdout).toMatch(
    /^Usage: databar-client mock \[options\]\n(?:.*\n)* {2}--port.*\n {2}--host.*\n {2}--latency.*\n {2}--fail.*\n {2}--seed /,
  );
});

test.each([
  [["--port", "http"], '--port must be a whole number from 0 to 65535: got "http"'],
  [["--port", "65536"], '--port must be a whole number from 0 to 65535: got "65536"'],
  [["--latency", "1.5"], '--latency must be a whole number from 0 to 3600000: got "1.5"'],
  [["--seed", ""], "--seed must be a whole number"],
  [["--host", ""], "--host must be an address or a name, such as 127.0.0.1"],
  [["--fail", "503"], '--fail must be a status from 400 to 599 and a share from 0 to 1, such as 503:0.1: got "503"'],
  [["--fail", "200:0.1"], "--fail must be a status from 400 to 599"],
  [["--fail", "503:1.5"], "--fail must be a status from 400 to 599"],
  [
    ["--fail", "503:0.6", "--fail", "500:0.6"],
    "the shares of --fail must not make more than 1: got 503:0.6 and 500:0.6",
  ],
  [["--prot", "1"], "Unknown option '--prot'"],
  [["--port"], "argument missing"],
  [["extra"], "Unexpected argument 'extra'"],
])("%j is refused in one clear line, with exit 2", async (args, message) => {
  const { out, exit } = run(...args);
  expect(await exit).toBe(2);
  expect(out.stdout).toBe("");
  expect(out.stderr).toContain(message);
  expect(out.stderr).toMatch(/^databar-client mock: .*\nTry: databar-client mock --help\n$/);
});

test("says that a port is taken, and which way out there is", async () => {
  const other = await startReplayServer();
  const { port } = new URL(other.url);
  const { out, exit } = run("--port", port);
  expect(await exit).toBe(2);
  expect(out.stderr).toBe(
    `databar-client mock: port ${port} is taken: another program listens there. Choose another with --port, or any free one with --port 0.\n`,
  );
  await other.close();
});

test("says that an address is not this machine's", async () => {
  const { out, exit } = run("--port", "0", "--host", "192.0.2.1");
  expect(await exit).toBe(2);
  expect(out.stderr).toContain("192.0.2.1 is not an address of this machine");
});
