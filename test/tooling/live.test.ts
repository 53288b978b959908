import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { checkLive, exitCode, formatResults, type Result } from "../../scripts/contract/live.js";
import { scratchFolder } from "../support/contract-folder.js";
import { runScript } from "../support/run-script.js";

const CONTRACT = `
openapi: 3.1.0
info: { title: Things, version: '1' }
paths:
  /v1/things:
    post: { operationId: create, responses: { '200': { description: No } } }
    get:
      operationId: list
      responses:
        '200':
          description: Things
          content:
            application/json:
              schema: { type: array, items: { $ref: '#/components/schemas/Thing' } }
  /v1/things/{thing_id}:
    delete: { operationId: remove, responses: { '204': { description: No } } }
    get:
      operationId: get
      parameters: [{ name: thing_id, in: path, required: true, schema: { type: integer } }]
      responses:
        '200':
          description: Thing
          content:
            application/json:
              schema: { $ref: '#/components/schemas/Thing' }
  /v1/things/{thing_id}/parts/:
    get:
      operationId: parts
      parameters: [{ name: thing_id, in: path, required: true, schema: { type: integer } }]
      responses:
        '200':
          description: Parts
          content:
            application/json:
              schema:
                type: object
                required: [items]
                properties:
                  items: { type: array, items: { type: object, additionalProperties: { type: string } } }
  /v1/tasks/{task_id}:
    get:
      operationId: task
      parameters: [{ name: task_id, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: Task } }
components:
  schemas:
    Thing:
      type: object
      required: [id, name, price]
      properties:
        id: { type: integer }
        name: { type: string }
        price: { type: number }
        state: { type: string, enum: [new, old] }
        owner:
          anyOf:
            - type: object
              required: [email]
              properties: { email: { type: string } }
            - type: 'null'
`;

const THING = { id: 7, name: "private name", price: 1.5, state: "new", owner: { email: "private@example.com" } };

interface Served {
  status?: number;
  contentType?: string | null;
  body?: unknown;
}

const GOOD: Record<string, Served> = {
  "/v1/things": { body: [THING, { ...THING, id: 8, owner: null }] },
  "/v1/things/7": { body: THING },
  "/v1/things/7/parts/": { body: { items: [{ "private column": "private value" }] } },
};

let close: (() => Promise<void>) | undefined;

afterEach(async () => {
  await close?.();
  close = undefined;
});

async function serve(answers: Record<string, Served>): Promise<{ baseUrl: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    const { status = 200, contentType = "application/json", body } = answers[request.url ?? ""] ?? { status: 404 };
    response.writeHead(status, contentType === null ? {} : { "content-type": contentType });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

function contractFolder(): string {
  const folder = scratchFolder();
  writeFileSync(join(folder, "openapi.yaml"), CONTRACT);
  writeFileSync(join(folder, "examples.yaml"), "source: synthesised\noperations: {}\n");
  writeFileSync(join(folder, "names.yaml"), "{}\n");
  return folder;
}

function check(baseUrl: string): Promise<Result[]> {
  return checkLive({ apiKey: "private-key-1", baseUrl, openapi: contractFolder(), pauseMs: 0, timeoutMs: 5000 });
}

/** `breach $[].price expected number, found string`, for all operations. */
function reported(results: readonly Result[]): string[] {
  return results.flatMap(({ operation, findings }) =>
    findings.map(({ level, path, message }) => `${operation} ${level} ${path} ${message}`.replaceAll(/ +/g, " ")),
  );
}

describe("contract:live", () => {
  it("finds nothing in answers that keep the contract, and sends GET alone", async () => {
    const { baseUrl, seen } = await serve(GOOD);
    const results = await check(baseUrl);
    expect(reported(results)).toEqual([]);
    expect(exitCode(results)).toBe(0);
    expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /v1/things",
      "GET /v1/things/7",
      "GET /v1/things/7/parts/",
    ]);
    expect(new Set(seen.map(({ headers }) => headers["x-apikey"]))).toEqual(new Set(["private-key-1"]));
    expect(results.at(-1)).toBeDefined();
    expect(results.find(({ operation }) => operation === "GET /v1/tasks/{task_id}")).toEqual({
      operation: "GET /v1/tasks/{task_id}",
      findings: [],
      skipped: "no list gave a task_id",
    });
  });

  const { name: _, ...nameless } = THING;
  it.each<[string, Served, string[], number]>([
    [
      "a renamed field",
      { body: [{ ...nameless, title: "private name" }] },
      ["breach $[].name is missing (string expected)", "note $[].title is not documented (string)"],
      1,
    ],
    [
      "a price as a string",
      { body: [THING, { ...THING, price: "1.50" }] },
      ["breach $[].price expected number, found string"],
      1,
    ],
    [
      "a new value of an enum",
      { body: [{ ...THING, state: "private" }] },
      ["note $[].state expected one of 2 values, found another string"],
      0,
    ],
    ["an undocumented field", { body: [{ ...THING, extra: 1 }] }, ["note $[].extra is not documented (integer)"], 0],
    [
      "an undocumented field inside a union",
      { body: [{ ...THING, owner: { email: "a", phone: null } }] },
      ["note $[].owner.phone is not documented (null)"],
      0,
    ],
    [
      "a missing content type",
      { contentType: null, body: [THING] },
      ["breach no content type; application/json is documented"],
      1,
    ],
    [
      "another content type",
      { contentType: "text/html; charset=utf-8", body: [THING] },
      ["breach content type text/html instead of application/json"],
      1,
    ],
    ["a body that is not JSON", { body: "<html>private</html>" }, ["breach the body is not JSON"], 1],
    [
      "a 500",
      { status: 500, contentType: "text/plain", body: "private" },
      ["breach status 500 is not documented (200 are)"],
      1,
    ],
    ["null for a list", { body: "null" }, ["breach $ expected array, found null"], 1],
  ])("finds %s and invents nothing", async (_, served, expected, code) => {
    const { baseUrl } = await serve({ ...GOOD, "/v1/things": served });
    const results = await check(baseUrl);
    expect(reported(results)).toEqual(expected.map((line) => `GET /v1/things ${line}`));
    expect(exitCode(results)).toBe(code);
    expect(`${formatResults(results)}${JSON.stringify(results)}`).not.toContain("private");
  });

  it("masks keys that are data", async () => {
    const { baseUrl } = await serve({ ...GOOD, "/v1/things/7/parts/": { body: { items: [{ "private column": 5 }] } } });
    expect(reported(await check(baseUrl))).toEqual([
      "GET /v1/things/{thing_id}/parts/ breach $.items[].* expected string, found integer",
    ]);
  });

  it("counts a refusal as not checked", async () => {
    const { baseUrl } = await serve({ ...GOOD, "/v1/things/7": { status: 403, body: { detail: "plan" } } });
    const results = await check(baseUrl);
    expect(results.find(({ operation }) => operation === "GET /v1/things/{thing_id}")?.skipped).toBe(
      "the server refused with status 403",
    );
    expect(exitCode(results)).toBe(0);
  });

  it("reports that the API could not be reached", async () => {
    const { baseUrl } = await serve({});
    await close?.();
    const results = await check(baseUrl);
    expect(exitCode(results)).toBe(2);
    expect(formatResults(results)).toMatch(/skipped {2}GET \/v1\/things \(the API could not be reached: /);
    expect(formatResults(results)).toMatch(/0 of 4 GET operations checked; 0 breach\(es\), 0 note\(s\)\.$/);
  });

  it("runs as a command, in JSON and with its exit code, and only with a key", { timeout: 30_000 }, async () => {
    const { baseUrl } = await serve({ ...GOOD, "/v1/things/7": { body: { ...THING, price: "1" } } });
    const args = ["--base-url", baseUrl, "--openapi", contractFolder(), "--format", "json"];
    const { code, stdout } = await runScript("live", args, { DATABAR_API_KEY: "private-key-1" });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ exitCode: 1, results: expect.any(Array) });
    expect(reported(JSON.parse(stdout).results)).toEqual([
      "GET /v1/things/{thing_id} breach $.price expected number, found string",
    ]);
    const keyless = await runScript("live", args, { DATABAR_API_KEY: "" });
    expect(keyless).toMatchObject({ code: 2, stderr: expect.stringContaining("DATABAR_API_KEY is not set") });
  });
});
