/** Requests that do not reach the API: failed connections and redirects. */
import dns from "node:dns";
import { createServer as createTlsServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ConnectionError, type RedirectError } from "../../src/index.js";
import { calls, client, failureOf, fakeRuntime, METHODS } from "../support/calls.js";
import { testCertificate, testKey } from "../support/certificate.js";
import {
  answer,
  closedPort,
  eventually,
  type FaultServer,
  type Recorder,
  startFaultServer,
  startRecorder,
} from "../support/fault-server.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";

let server: FaultServer;
let recorder: Recorder;
let pairs = 0;

beforeAll(async () => {
  [server, recorder] = await Promise.all([startFaultServer(), startRecorder()]);
});
afterAll(async () => {
  await Promise.all([server.close(), recorder.close()]);
  console.log(`Unreachable and redirects: ${pairs} failure x method pairs.`);
});

describe.each(METHODS)("a %s", (method) => {
  test("to a closed port is retried, because nothing was sent", async () => {
    const runtime = fakeRuntime();
    const error = await failureOf(calls[method](client(await closedPort(), {}, runtime)));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code: "ECONNREFUSED", attempts: 3, mayHaveBeenProcessed: false });
    expect((error as Error).message).toMatch(
      / failed: http:\/\/127\.0\.0\.1:\d+: connection refused \(ECONNREFUSED\)$/,
    );
    expect((error as ConnectionError).cause).toMatchObject({ cause: { syscall: "connect" } });
    expect(runtime.waits).toEqual([250, 500]);
    pairs++;
  });

  test.each(["ENOTFOUND", "EAI_AGAIN"])(
    "to an unresolvable host name (%s) is retried, because nothing was sent",
    async (code) => {
      const lookup = vi.spyOn(dns, "lookup").mockImplementation(((_: string, __: object, done: (e: Error) => void) => {
        done(Object.assign(new Error(`getaddrinfo ${code}`), { code, syscall: "getaddrinfo" }));
      }) as typeof dns.lookup);
      const error = await failureOf(calls[method](client("https://api.databar.test")));
      expect(lookup).toHaveBeenCalledTimes(3);
      expect(error).toMatchObject({ code, attempts: 3, mayHaveBeenProcessed: false });
      expect((error as Error).message).toContain(` failed: https://api.databar.test: host name not resolved (${code})`);
      pairs++;
    },
  );

  test("to a server with an untrusted certificate is not retried", async () => {
    let connections = 0;
    const received: string[] = [];
    const tls = createTlsServer({ key: testKey, cert: testCertificate }, (socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk) => received.push(chunk.toString("latin1")));
    });
    tls.on("connection", () => connections++);
    tls.on("tlsClientError", () => {});
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    const address = tls.address();
    const port = typeof address === "object" ? address?.port : 0;
    const error = await failureOf(calls[method](client(`https://127.0.0.1:${port}`)));
    tls.close();
    expect(error).toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT", attempts: 1, mayHaveBeenProcessed: false });
    expect((error as Error).message).toContain("certificate not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)");
    expect(connections).toBe(1);
    expect(received).toEqual([]);
    pairs++;
  });

  test("to an https URL of a plain HTTP server throws an error that names the cause", async () => {
    const plain = await startRecorder();
    const error = await failureOf(calls[method](client(plain.url.replace("http:", "https:"), { maxRetries: 0 })));
    await plain.close();
    expect(error).toBeInstanceOf(ConnectionError);
    expect((error as Error).message).toMatch(/the server does not speak TLS \(\w+\)$/);
    expect(plain.received).not.toContain("apikey");
    pairs++;
  });
});

const STATUSES = [300, 301, 302, 303, 304, 305, 307, 308];
/** These statuses ask the client to send the same request elsewhere, so the server has not processed it. */
const NOT_ACTED = [307, 308];

const PATHS = {
  GET: FIXTURE.path,
  POST: "/v1/enrichments/7/run",
  PUT: "/v1/connectors/7",
  PATCH: "/v1/table/t/rows",
  DELETE: "/v1/folders/7",
};

const slashHint = "the same path with or without its last slash: the contract and the server differ";
const httpHint = "http instead of https: the key would travel in clear text";

interface Target {
  /** @param origin - The origin of the request. @param path - The path of the request. */
  location: (origin: string, path: string) => string | undefined;
  origin: (origin: string) => string | undefined;
  hints: string[];
  https?: boolean;
}

const otherSlash = (path: string): string => (path.endsWith("/") ? path.slice(0, -1) : `${path}/`);

const targets: Readonly<Record<string, Target>> = {
  "the same URL": { location: (origin, path) => `${origin}${path}`, origin: (origin) => origin, hints: [] },
  "another port": { location: () => `${recorder.url}/x`, origin: () => recorder.url, hints: [] },
  "the path with or without its trailing slash": {
    location: (origin, path) => `${origin}${otherSlash(path)}`,
    origin: (origin) => origin,
    hints: [slashHint],
  },
  "a relative path with or without its trailing slash, and a query": {
    location: (_, path) => `${otherSlash(path)}?a=1`,
    origin: (origin) => origin,
    hints: [slashHint],
  },
  "http instead of https": {
    location: (origin, path) => `${origin.replace("https:", "http:")}${path}x`,
    origin: (origin) => origin.replace("https:", "http:"),
    hints: [httpHint],
    https: true,
  },
  "http and the path with or without its trailing slash": {
    location: (origin, path) => `${origin.replace("https:", "http:")}${otherSlash(path)}`,
    origin: (origin) => origin.replace("https:", "http:"),
    hints: [slashHint, httpHint],
    https: true,
  },
  "a missing location": { location: () => undefined, origin: () => undefined, hints: [] },
  "an invalid URL": { location: () => "http://[", origin: () => undefined, hints: [] },
  "another scheme": { location: () => "javascript:alert(1)", origin: () => "javascript:", hints: [] },
  "a path of 15 000 slashes": {
    location: (origin) => `${origin}/${"/".repeat(15_000)}x`,
    origin: (origin) => origin,
    hints: [],
  },
};

describe.each(Object.entries(targets))("a redirect to %s", (_, { location, origin, hints, https }) => {
  test.each(STATUSES)("with status %i is rejected on every method after one request", async (status) => {
    for (const method of METHODS) {
      const base = https ? server.url.replace("http:", "https:") : server.url;
      const target = location(base, PATHS[method]);
      server.behave((socket) => socket.write(answer(status, "", target === undefined ? {} : { location: target })));
      // Simulates a proxy that terminates TLS.
      const fetch = (url: string | URL | Request, init?: RequestInit) =>
        globalThis.fetch(String(url).replace("https:", "http:"), init);
      const error = await failureOf(calls[method](client(base, https ? { fetch } : {})));
      const to = origin(base);
      const reason = hints.length > 0 ? ` (${hints.join("; ")})` : "";
      expect(error).toMatchObject({
        name: "RedirectError",
        status,
        targetOrigin: to,
        attempts: 1,
        mayHaveBeenProcessed: method !== "GET" && !NOT_ACTED.includes(status),
        message: expect.stringContaining(
          ` -> ${status}: redirect${to ? ` to ${to}` : ""} not followed${reason}; check baseUrl`,
        ),
      });
      expect(server.requests.map((request) => `${request.method} ${request.target}`)).toEqual([
        `${method} ${PATHS[method]}`,
      ]);
      pairs++;
    }
    expect(recorder.received).toBe("");
  });
});

test("a redirect with an endless body is rejected at once, and its socket is closed", async () => {
  server.behave((socket) => {
    socket.write(answer(302, "", { location: "/elsewhere", "transfer-encoding": "chunked" }));
    const timer = setInterval(() => socket.write("5\r\nspam!\r\n"), 1);
    socket.on("close", () => clearInterval(timer));
  });
  const error = (await failureOf(listFixtures(client(server.url)))) as RedirectError;
  expect(error.name).toBe("RedirectError");
  expect(await eventually(() => server.connections === 0)).toBe(true);
});

test("an opaque redirect, as in a browser, throws a RedirectError with status 0", async () => {
  const opaque = Object.defineProperties(new Response(null), {
    type: { value: "opaqueredirect" },
    status: { value: 0 },
  });
  const error = await failureOf(listFixtures(client(server.url, { fetch: async () => opaque })));
  expect(error).toMatchObject({
    name: "RedirectError",
    status: 0,
    targetOrigin: undefined,
    message: "GET /v1/fixtures/ -> redirect not followed; check baseUrl",
  });
});
