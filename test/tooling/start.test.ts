/** `npm start` as a program: its output and its exit code. */
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

/** A base URL with a closed port. */
async function deadUrl(): Promise<string> {
  const url = await serve(200, "");
  await new Promise((resolve) => server?.close(resolve));
  return url;
}

interface ExitResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(environment: Record<string, string>): Promise<ExitResult> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/start.ts"], {
    env: { PATH: process.env.PATH, ...environment },
  });
  const ended: ExitResult = { code: null, stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => {
    ended.stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    ended.stderr += chunk;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...ended, code })));
}

test("npm start without a key lists the example connector of an embedded server and exits", async () => {
  const { code, stdout, stderr } = await start({});
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    /^DATABAR_API_KEY is not set\. Connectors of an embedded server at http:\/\/127\.0\.0\.1:\d+, which /,
  );
  expect(stdout).toMatch(/\nid +name +type +method +url +limits +created\n1 +My Scoring API +enrichment +POST +https:/);
  expect(stdout).not.toContain("sk-xxx");
});

const KEY = "secret-key-5f2d";

test("npm start with a key requests the API", async () => {
  const url = await serve(200, "[]");
  const ended = await start({ DATABAR_API_KEY: KEY, DATABAR_BASE_URL: url });
  expect(ended).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("No connectors yet") });
});

test.each([
  ["a rejected key", () => serve(403, '{"detail":"Incorrect API key"}'), /^GET \S+ -> 403: Incorrect API key\n$/],
  ["an unreachable server", deadUrl, /^GET \S+ failed: \S+: connection refused \(ECONNREFUSED\)\n$/],
  ["a malformed base URL", async () => "https://api.databar.ai/v1", /^baseUrl must not end in "\/v1".*\n$/],
  [
    "the base URL of another site",
    () => serve(200, "<html>Hi</html>"),
    /^GET \S+ -> 200: the body is not JSON .*<html>Hi.*\n$/,
  ],
])("npm start with %s prints a one-line error and exits with code 1", async (_, url, line) => {
  const DATABAR_BASE_URL = await url();
  const { code, stdout, stderr } = await start({ DATABAR_API_KEY: KEY, DATABAR_BASE_URL });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(line);
  expect(stderr).not.toContain(KEY);
});

test("the connector table masks the secrets in a URL and removes escape sequences from a name", () => {
  const url = "https://u:pw@example.com/x?api_key=sk-1&q=#tok";
  const table = connectorTable([{ id: 1, name: "a\u{1b}[31m\nb", type: "simple", method: "get", url }]);
  expect(table).toContain("https://***@example.com/x?api_key=***&q=");
  expect(table).toContain("1   a [31m b  simple");
  expect(table).not.toMatch(/pw|sk-1|tok/);
});
