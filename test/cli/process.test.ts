/** The command line as a process, against a server on the loopback address. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { scripts } from "../../src/cli/complete.js";
import { type BuiltCli, buildCli } from "../support/build-cli.js";

const KEY = "process-key-91c4";

let program: BuiltCli;
beforeAll(() => {
  program = buildCli();
});
afterAll(() => program.remove());

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

function start(command: string, args: string[], environment: Record<string, string> = {}): Child {
  return spawn(command, args, { env: { PATH: process.env.PATH, DATABAR_API_KEY: KEY, ...environment } });
}

function ended(child: Child): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    text.stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...text, code })));
}

const run = (args: string[]) => ended(start(process.execPath, [program.path, ...args]));

test("cli process exits with 0 and prints only the result on stdout", async () => {
  const url = await serve((_, response) => response.end('[{"id":1}]'));
  expect(await run(["connectors", "list", "--base-url", url])).toEqual({
    code: 0,
    stdout: '[\n  {\n    "id": 1\n  }\n]\n',
    stderr: "",
  });
});

test("cli process exits with 1 after an API error, and --debug shows no key that the server echoes", async () => {
  const url = await serve(({ headers }, response) =>
    response.writeHead(403).end(JSON.stringify({ detail: `key ${headers["x-apikey"]} is wrong` })),
  );
  const { code, stdout, stderr } = await run(["user", "me", "--debug", "--base-url", url]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("403: key *** is wrong; check DATABAR_API_KEY");
  expect(stderr).toContain("    at ");
  expect(stderr).not.toContain(KEY);
});

test("cli process exits with 2 after a usage error, and with 3 if the connection is refused", async () => {
  const url = await serve(() => {});
  await new Promise((resolve) => server?.close(resolve));
  const [wrong, dead] = await Promise.all([
    run(["conectors"]),
    run(["user", "me", "--max-retries", "0", "--base-url", url]),
  ]);
  expect(wrong).toMatchObject({ code: 2, stdout: "" });
  expect(dead).toMatchObject({ code: 3, stdout: "", stderr: expect.stringContaining("connection refused") });
});

describe.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("cli process at %s", (signal) => {
  test("cancels the request and exits with 130", async () => {
    let asked: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      asked = resolve;
    });
    let hungUp: () => void = () => {};
    const closed = new Promise<void>((resolve) => {
      hungUp = resolve;
    });
    const url = await serve((request) => {
      request.socket.on("close", hungUp);
      asked();
    });
    const child = start(process.execPath, [program.path, "connectors", "list", "--base-url", url]);
    const end = ended(child);
    await arrived;
    child.kill(signal);
    expect(await end).toEqual({ code: 130, stdout: "", stderr: "error: interrupted\n" });
    await closed;
  });

  test("names the task that is still running and the command that waits for it", async () => {
    let looked: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const url = await serve((request, response) => {
      response.end(JSON.stringify({ task_id: "task-5", status: "processing" }));
      if (request.method === "GET") {
        response.on("finish", looked);
      }
    });
    const body = ["--body", '{"params":{}}', "--yes"];
    const child = start(process.execPath, [
      program.path,
      "enrichments",
      "run-and-wait",
      "8",
      ...body,
      "--base-url",
      url,
    ]);
    const end = ended(child);
    await waiting;
    child.kill(signal);
    expect(await end).toEqual({
      code: 130,
      stdout: "",
      stderr: `The run was accepted as task task-5\nerror: interrupted; task task-5 is still running: databar-client tasks wait task-5 --base-url ${url}\n`,
    });
  });
});

describe("cli process whose result cannot be written", () => {
  const body = ["--body", '{"params":{}}', "--yes"];
  const data = { email: "ada@example.com" };

  /** A server whose task ends at the second poll, and a promise of the first poll. */
  async function serveRun(result: string = JSON.stringify(data)): Promise<{ url: string; polled: Promise<void> }> {
    let onPoll: () => void = () => {};
    const polled = new Promise<void>((resolve) => {
      onPoll = resolve;
    });
    let polls = 0;
    const url = await serve((request, response) => {
      const status = request.method === "GET" && ++polls > 1 ? "completed" : "processing";
      response.on("finish", () => polls > 0 && onPoll());
      response.end(`{"task_id":"task-5","status":"${status}","data":${status === "completed" ? result : null}}`);
    });
    return { url, polled };
  }
  const runAndWait = (url: string): string[] => [
    ...["enrichments", "run-and-wait", "8", ...body, "--poll-interval-ms", "50", "--base-url", url],
  ];
  const accepted = "The run was accepted as task task-5\n";
  const next = (url: string): string =>
    `task task-5 has ended: databar-client tasks get task-5 prints it`.replace(
      "get task-5",
      `get task-5 --base-url ${url}`,
    );

  test("to a full disk names the task and exits with 4", async () => {
    const { url } = await serveRun();
    const line = '"$@" > /dev/full';
    const child = start("bash", ["--norc", "-c", line, "bash", process.execPath, program.path, ...runAndWait(url)]);
    const { code, stderr } = await ended(child);
    expect(code).toBe(4);
    expect(stderr).toBe(
      `${accepted}error: the result cannot be written: ENOSPC: no space left on device, write; ${next(url)}\n`,
    );
  });

  test("because its reader has ended names the task and exits with 4", async () => {
    const { url, polled } = await serveRun();
    const child = start(process.execPath, [program.path, ...runAndWait(url)]);
    const end = ended(child);
    await polled;
    child.stdout.destroy();
    const { code, stderr } = await end;
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: `${accepted}error: the output was closed before the result was written; ${next(url)}\n`,
    });
  });

  test("because it is nested too deeply names the task and exits with 1", async () => {
    const { url } = await serveRun("[".repeat(20_000) + "]".repeat(20_000));
    const { code, stdout, stderr } = await run(runAndWait(url));
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.startsWith(`${accepted}error: `)).toBe(true);
    expect(stderr.endsWith(`; ${next(url)}\n`)).toBe(true);
  });

  test("of a run without a wait names the task that is still running", async () => {
    const { url } = await serveRun();
    const command = ["enrichments", "run", "8", ...body, "--base-url", url];
    const child = start("bash", [
      "--norc",
      "-c",
      '"$@" > /dev/full',
      "bash",
      process.execPath,
      program.path,
      ...command,
    ]);
    const { code, stderr } = await ended(child);
    expect(code).toBe(4);
    expect(stderr).toContain(`; task task-5 is still running: databar-client tasks wait task-5 --base-url ${url}\n`);
  });

  test("of a change says that the request has succeeded, also if its reader has ended", async () => {
    const url = await serve((_, response) => response.end('{"id":1,"name":"x"}'));
    const command = ["folders", "create", "--body", '{"name":"x"}', "--base-url", url];
    for (const line of ['"$@" > /dev/full', 'set -o pipefail; "$@" | true']) {
      const child = start("bash", ["--norc", "-c", line, "bash", process.execPath, program.path, ...command]);
      const { code, stderr } = await ended(child);
      expect(code).toBe(4);
      expect(stderr).toMatch(/; the request has succeeded: do not repeat it only to see its result\n$/);
    }
  });
});

test("cli process ends an iteration quietly when it is piped into head", async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    const items = Array.from({ length: 500 }, (__, id) => ({ id, text: "x".repeat(200) }));
    response.end(JSON.stringify({ items, has_next_page: true }));
  });
  const line = `"$0" "$1" enrichments iterate --jsonl --base-url ${url} | head -1; echo "exit \${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await ended(start("bash", ["--norc", "-c", line, process.execPath, program.path]));
  expect(stdout).toBe(`{"id":0,"text":"${"x".repeat(200)}"}\nexit 0\n`);
  expect(stderr).toBe("");
  expect(requests).toBeLessThan(5);
});

test("databar-client mock keeps serving when its log is closed", async () => {
  const child = start(process.execPath, [program.path, "mock", "--port", "0"]);
  const url = await new Promise<string>((resolve) => {
    child.stdout.once("data", (line) => resolve(/http:\S+/.exec(String(line))?.[0] ?? ""));
  });
  child.stdout.destroy();
  const end = new Promise((resolve) => child.on("close", resolve));
  for (let turn = 0; turn < 3; turn++) {
    const response = await fetch(`${url}/v1/user/me`, { headers: { "x-apikey": KEY, connection: "close" } });
    expect(response.status).toBe(200);
    await response.text();
  }
  child.kill("SIGINT");
  expect(await end).toBe(0);
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("databar-client mock exits with 0 at %s", async (signal) => {
  const child = start(process.execPath, [program.path, "mock", "--port", "0"]);
  child.stdout.once("data", () => child.kill(signal));
  expect(await ended(child)).toMatchObject({ code: 0, stderr: "" });
});

test("cli process sends rows while standard input is still open", async () => {
  let inserted = 0;
  let arrived: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const url = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
    }
    const { rows } = JSON.parse(Buffer.concat(chunks).toString());
    inserted += rows.length;
    response.end(JSON.stringify({ results: rows.map((_: unknown, index: number) => ({ index })) }));
    arrived();
  });
  const child = start(process.execPath, [
    program.path,
    "tables",
    "rows",
    "insert-many",
    "t",
    "--body",
    "-",
    "--base-url",
    url,
  ]);
  const end = ended(child);
  child.stdin.write('{"fields":{}}\n'.repeat(50));
  await first;
  expect(inserted).toBe(50);
  child.stdin.end('{"fields":{}}\n'.repeat(10));
  const { code, stdout } = await end;
  expect({ code, results: JSON.parse(stdout).length, inserted }).toEqual({ code: 0, results: 60, inserted: 60 });
});

describe("cli completion in bash", () => {
  /** Runs the script as bash does after Tab. `replaced` is the part of the last word that bash replaces. */
  async function offered(line: string, replaced = line.split(/[\s=:@]/).at(-1) ?? ""): Promise<string[]> {
    const folder = mkdtempSync(join(tmpdir(), "databar-completion-"));
    writeFileSync(
      join(folder, "databar-client"),
      `#!/bin/sh\nexec "${process.execPath}" "${resolve(program.path)}" "$@"\n`,
      {
        mode: 0o755,
      },
    );
    const script = `${scripts.bash}
cd test/support
COMP_LINE=$1; COMP_POINT=\${#COMP_LINE}; _databar_client databar-client "$2" ""; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const environment = { PATH: `${folder}:${process.env.PATH}` };
    const { stdout, stderr } = await ended(
      start("bash", ["--norc", "-c", script, "bash", line, replaced], environment),
    );
    rmSync(folder, { recursive: true });
    expect(stderr).toBe("");
    return stdout.split("\n").filter(Boolean);
  }

  test.each([
    ["databar-client ta", ["tasks", "tables"]],
    ["databar-client completion ", ["bash", "zsh", "fish"]],
    ["databar-client --base-url=http://x:1 tables rows up", ["update", "upsert", "update-many", "upsert-many"]],
    ["databar-client tables rows list T --query=p", ["page=", "per_page="]],
    ["databar-client connectors create --body @mock", ["mock-api.ts"]],
    ["databar-client connectors get 3 ", []],
  ])("offers for %j what can follow", async (line, words) => {
    expect((await offered(line)).sort()).toEqual(words.sort());
  });

  test("keeps the @ of a file name if bash replaces the @, too", async () => {
    expect(await offered("databar-client connectors create --body @mock", "@mock")).toEqual(["@mock-api.ts"]);
  });
});
