/** `npm start` as a program: what it prints, and how it ends. */
import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { connectorTable } from "../../scripts/connector-table.js";

let server: Server | undefined;
afterEach(() => server?.close());

async function serve(status: number, body: string): Promise<string> {
  server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A base URL at which nobody listens. */
async function deadUrl(): Promise<string> {
  const url = await serve(200, "");
  await new Promise((resolve) => server?.close(resolve));
  return url;
}

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(environment: Record<string, string>): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts"], {
    env: { PATH: process.env.PATH, ...environment },
  });
  const ended: Ended = { code: null, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    ended.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    ended.stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...ended, code })));
}

test("without a key it lists the contract's connector from the embedded server, and ends", async () => {
  const { code, stdout, stderr } = await start({});
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^No DATABAR_API_KEY is set: asking an embedded server at http:\/\/127\.0\.0\.1:\d+ /);
  expect(stdout).toMatch(/\nid +name +type +method +url +limits +created\n1 +My Scoring API +enrichment +POST +https:/);
  expect(stdout).not.toContain("sk-xxx");
});

const KEY = "secret-key-5f2d";

test("with a key it asks the API", async () => {
  const url = await serve(200, "[]");
  const ended = await start({ DATABAR_API_KEY: KEY, DATABAR_BASE_URL: url });
  expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("No connectors yet") });
});

test.each([
  [
    "a refused key",
    () => serve(403, '{"detail":"Incorrect API key"}'),
    /^GET \/v1\/connectors\/ -> 403: Incorrect API key\n$/,
  ],
  ["a dead server", deadUrl, /^GET \/v1\/connectors\/ failed: \S+: connection refused \(ECONNREFUSED\)\n$/],
  ["a malformed base URL", async () => "https://api.databar.ai/v1", /^baseUrl must not end in "\/v1".*\n$/],
  [
    "another site's base URL",
    () => serve(200, "<html>Hi</html>"),
    /^GET \S+ -> 200: the body is not JSON .*<html>Hi.*\n$/,
  ],
])("%s gives one clear line and a non-zero exit", async (_, url, line) => {
  const DATABAR_BASE_URL = await url();
  const { code, stdout, stderr } = await start({ DATABAR_API_KEY: KEY, DATABAR_BASE_URL });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(line);
  expect(stderr).not.toContain(KEY);
});

test("the table shows no secret of a connector's URL, and no escape sequence of its name", () => {
  const url = "https://u:pw@example.com/x?api_key=sk-1&q=#tok";
  const table = connectorTable([{ id: 1, name: "a\u{1b}[31m\nb", type: "simple", method: "get", url }]);
  expect(table).toContain("https://***@example.com/x?api_key=***&q=");
  expect(table).toContain("1   a [31m b  simple");
  expect(table).not.toMatch(/pw|sk-1|tok/);
});
