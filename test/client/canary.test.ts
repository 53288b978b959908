/** Calls that carry unique secrets fail in every known way. Nothing that a program might print contains a secret. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConnectorCreate, Databar } from "../../src/index.js";
import { calls, databarWith, fakeRuntime, METHODS } from "../support/calls.js";
import { echoes, storedEchoes } from "../support/echoes.js";
import { failures } from "../support/failures.js";
import { answer, type FaultServer, type Recorder, startFaultServer, startRecorder } from "../support/fault-server.js";
import { FIXTURE, fixtureApi, listFixtures } from "../support/fixture-operation.js";
import { Sinks } from "../support/sinks.js";

const KEY = 'cnryKQx7Rz2Lm9-"\\<&>+/=%Wt4Yb6Nc8Jd';
const SECRETS = {
  bearer: "Bearer cnryH6sT1vBn8.Zq3Xw5Ec7Rv9",
  basic: "Basic Y25yeUJhc2ljSjVwWTJ3OQ==",
  plain: "cnryPD4fG7kXq2Mv8Lz",
  quoted: 'cnryQ"H8jU5rTe3Wx\\é€\tA9sD2fG4hJ6',
  spaced: "cnryN2bV6cXs9  two   K3mP7qZw5T",
  markup: "cnryT<b>R5tY8uIo2P</b>&F6gH9jK1lZ",
};

let server: FaultServer;
let recorder: Recorder;
let sinks: Sinks;
let failureCount = 0;

beforeAll(async () => {
  [server, recorder] = await Promise.all([startFaultServer(), startRecorder()]);
  sinks = new Sinks([KEY, ...Object.values(SECRETS)]);
});

beforeEach(() => sinks.listen());

afterAll(async () => {
  expect(sinks.leaks()).toEqual([]);
  sinks.close();
  await Promise.all([server.close(), recorder.close()]);
  console.log(
    `Canary: ${failureCount} failures, ${sinks.searched} sinks searched for ${1 + Object.keys(SECRETS).length} secrets.`,
  );
});

function client(timeoutMs = 5_000): Databar {
  return databarWith({ apiKey: KEY, baseUrl: server.url, timeoutMs, maxRetries: 1, hooks: sinks.hooks }, fakeRuntime());
}

function connectorWith(...values: string[]): ConnectorCreate {
  const headers = values.map((value, index) => ({ name: `x-${index}`, value }));
  return { name: "n", method: "get", url: "https://example.com", headers };
}

async function collect(call: PromiseLike<unknown>): Promise<void> {
  const [result] = await Promise.allSettled([call]);
  if (result.status === "rejected") {
    failureCount++;
    sinks.error(result.reason);
  }
}

function expectNoLeak(): void {
  sinks.text("second origin", recorder.received);
  for (const { target } of server.requests) {
    sinks.text("URL", target);
  }
  expect(sinks.leaks()).toEqual([]);
}

describe("the leak search", () => {
  test("finds a secret, half of a secret, and a secret in lower case", () => {
    sinks.error(new Error(`no: ${SECRETS.plain}`));
    expect(sinks.leaks().length).toBeGreaterThan(4);
    sinks.text("half", SECRETS.quoted.slice(0, 18));
    sinks.text("lower case", SECRETS.bearer.toLowerCase());
    sinks.error(new Error("outer", { cause: { data: KEY } }));
    console.warn(SECRETS.basic);
    const places = sinks.leaks().map((leak) => leak.split(":")[0]);
    expect(places).toEqual(expect.arrayContaining(["half", "lower case", "inspect", "console.warn"]));
    expect(sinks.leaks()).toEqual([]);
  });
});

test.each(failures.map((failure) => [failure.name, failure] as const))(
  "the client leaks no secret after %s, on any method",
  async (_, failure) => {
    // A request without a connector can mask only the key and what looks like a credential.
    const quoted = [
      { methods: METHODS, echo: `${KEY} ${SECRETS.bearer} ${KEY}` },
      { methods: ["PUT"] as const, echo: `${SECRETS.plain} ${KEY} ${SECRETS.spaced}` },
    ];
    for (const { methods, echo } of quoted) {
      server.behave(failure.behave(echo));
      const connector = connectorWith(...Object.values(SECRETS));
      await Promise.all(
        methods.map((method) => collect(calls[method](client(failure.timeoutMs), undefined, connector))),
      );
      expectNoLeak();
    }
  },
);

test.each(Object.entries(echoes))("a secret that the server echoes in %s is not printed", async (_, echo) => {
  for (const secret of [KEY, ...Object.values(SECRETS)]) {
    server.behave((socket) => socket.end(echo(secret)));
    const connector = connectorWith(...Object.values(SECRETS));
    await Promise.all([
      collect(client().connectors.create(connector)),
      collect(client().connectors.replace(7, connector)),
    ]);
    expectNoLeak();
  }
});

test.each(Object.entries(storedEchoes))("a connector's stored secret in %s is not printed", async (_, echo) => {
  for (const secret of Object.values(SECRETS)) {
    server.behave((socket) => socket.end(echo(secret)));
    await collect(listFixtures(client()));
    expectNoLeak();
  }
});

test("a list of connectors that is truncated at any position reveals no secret", async () => {
  const list = JSON.stringify([{ name: "n".repeat(120), headers: [{ name: "a", value: SECRETS.quoted }] }]);
  for (let end = 150; end < list.length; end++) {
    server.behave((socket) => socket.end(answer(200, list.slice(0, end))));
    await collect(listFixtures(client()));
  }
  expectNoLeak();
});

test("an excerpt of a response that is truncated at any position reveals no secret", async () => {
  for (let length = 150; length < 310; length += 6) {
    for (const secret of [KEY, SECRETS.quoted]) {
      const text = `${"x".repeat(length)} ${secret} and so on`;
      for (const status of [200, 500]) {
        server.behave((socket) => socket.end(answer(status, text)));
        await collect(client().connectors.replace(7, connectorWith(...Object.values(SECRETS))));
      }
    }
  }
  expectNoLeak();
});

const REDIRECTS = [300, 301, 302, 303, 305, 307, 308];

test.each(REDIRECTS)("a %i redirect to another origin is not followed, on any method", async (status) => {
  server.behave((socket) => socket.write(answer(status, "moved", { location: `${recorder.url}/elsewhere` })));
  await Promise.all(METHODS.map((method) => collect(calls[method](client()))));
  await collect(fixtureApi(client()).GET(FIXTURE.path, { redirect: "follow" }));
  await collect(fixtureApi(client()).POST(FIXTURE.path, { body: connectorWith(SECRETS.plain), redirect: "follow" }));
  expectNoLeak();
  expect(recorder.received).toBe("");
});

test("a custom fetch that throws errors with the request inside leaks no secret", async () => {
  const fetches = [
    (url: unknown, init?: RequestInit) =>
      Promise.reject(new Error(`cannot send ${url} ${JSON.stringify([...new Headers(init?.headers)])}`)),
    (_: unknown, init?: RequestInit) =>
      Promise.reject(Object.assign(new Error("no"), { config: { headers: init?.headers } })),
    (url: unknown, init?: RequestInit) => {
      const request = new Request(String(url), init ?? {});
      throw Object.assign(new TypeError("outer"), {
        cause: Object.assign(new Error("inner"), { request, body: init?.body }),
      });
    },
    (_: unknown, init?: RequestInit) => Promise.reject({ code: KEY, options: init }),
    () => Promise.reject(`x-apikey: ${KEY}`),
    (_: unknown, init?: RequestInit) =>
      Promise.reject(Object.assign(new Error("no"), { sent: Object.assign(["a"], { headers: init?.headers }) })),
    () => Promise.reject(new AggregateError([Object.assign(new Error("no"), { received: [SECRETS.plain] })])),
  ];
  for (const fetch of fetches) {
    const databar = databarWith({ apiKey: KEY, fetch, maxRetries: 1, hooks: sinks.hooks }, fakeRuntime());
    await collect(databar.connectors.replace(7, connectorWith(...Object.values(SECRETS))));
    await collect(listFixtures(databar));
    await collect(fixtureApi(databar).GET(FIXTURE.path));
  }
  expectNoLeak();
});
