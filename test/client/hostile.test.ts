/** Invalid arguments and unexpected responses: every method rejects with a DatabarError and sends no invalid request. */
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { BatchError, type Databar, DatabarError, ResponseParseError, UsageError } from "../../src/index.js";
import { databarWith, failureOf, fakeRuntime } from "../support/calls.js";
import { listFixtures } from "../support/fixture-operation.js";
import { rejection, scripted } from "../support/scripted.js";
import { unhandledRejections } from "../support/unhandled.js";

vi.setConfig({ testTimeout: 30_000 });

const unhandled = unhandledRejections();
afterAll(() => expect(unhandled).toEqual([]));

const connector = { id: 7, name: "n", type: "exporter", method: "post", url: "https://example.com" };

describe("connectors.update", () => {
  const shapes = [[], {}, 5, "text", null, { error: "x" }, { ...connector, url: null }, { ...connector, name: 5 }];

  test.each(shapes.map((shape) => [shape]))(
    "sends no PUT if the server returns %j for the connector",
    async (shape) => {
      const { databar, requests } = scripted(() => shape);
      const error = await rejection(databar.connectors.update(7, { name: "new" }));
      expect(error).toBeInstanceOf(ResponseParseError);
      expect(error).toMatchObject({ status: 200, operation: "connectors.get" });
      expect((error as Error).message).toMatch(/^GET \S+ -> 200: the connector has no [a-z, ]+; nothing was changed/);
      expect(requests.map(({ method }) => method)).toEqual(["GET"]);
    },
  );

  test.each([[null], [5], ["x"], [[]]])("rejects the patch %j before any request", async (patch) => {
    const { databar, requests } = scripted(() => connector);
    const error = await rejection(databar.connectors.update(7, patch as never));
    expect(error).toBeInstanceOf(UsageError);
    expect(requests).toEqual([]);
  });
});

describe("iterate", () => {
  test.each([[{ a: 1 }], {}, null, 5, { items: {} }, { items: null }].map((page) => [page] as const))(
    "rejects with a ResponseParseError if a page is %j",
    async (page) => {
      const { databar } = scripted(() => page);
      const error = await rejection(databar.enrichments.iterate().next());
      expect(error).toBeInstanceOf(ResponseParseError);
      expect((error as Error).message).toContain("page 1 has no list of items");
    },
  );

  test("throws an error if the server repeats a page", async () => {
    const { databar, requests } = scripted(() => ({ items: [{ id: 1 }, { id: 2 }], has_next_page: true }));
    const ids: number[] = [];
    const walk = async () => {
      for await (const { id } of databar.exporters.iterate()) {
        ids.push(id);
      }
    };
    const error = await rejection(walk());
    expect(error).toBeInstanceOf(ResponseParseError);
    expect((error as Error).message).toContain("page 2 repeats an earlier page");
    expect(ids).toEqual([1, 2]);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  test("throws an error if has_next_page never becomes false", async () => {
    let id = 0;
    const items = () => Array.from({ length: 500 }, () => ({ id: id++ }));
    const { databar, requests } = scripted(() => ({ items: items(), has_next_page: true, total_count: 900 }));
    const walk = async () => {
      for await (const _ of databar.exporters.iterate({ limit: 500 })) {
        // Iterating requests every page.
      }
    };
    expect(await rejection(walk())).toBeInstanceOf(ResponseParseError);
    expect(requests.length).toBeLessThan(30);
  });
});

describe("insertMany", () => {
  const rows = Array.from({ length: 3 }, () => ({ fields: {} }));

  test.each([[[]], [[{}, {}]], [[{}, null, {}]], [[{}, {}, 5]], [[{}, {}, {}, {}]]])(
    "reports 3 rows as uncertain if their results are %j",
    async (results) => {
      const { databar } = scripted(() => ({ results }));
      const error = (await rejection(databar.tables.rows.insertMany("t", rows))) as BatchError;
      expect(error).toBeInstanceOf(BatchError);
      expect(error).toMatchObject({ nextIndex: 0, mayHaveBeenProcessed: true, cause: { name: "ResponseParseError" } });
      expect(error.rows).toEqual({ written: [], uncertain: [{ start: 0, end: 3 }], notWritten: [] });
      expect(error.results).toEqual([]);
    },
  );

  test("stops reading a stalled iterable when its signal is aborted", async () => {
    const { databar, requests } = scripted(() => ({ results: [] }));
    async function* stalled() {
      yield { fields: {} };
      await new Promise(() => {});
    }
    const controller = new AbortController();
    const call = databar.tables.rows.insertMany("t", stalled(), {}, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("the user left")), 5);
    expect(await rejection(call)).toMatchObject({
      name: "BatchError",
      cause: { name: "AbortError", operation: "tables.rows.insert", cause: { message: "the user left" } },
    });
    expect(requests).toEqual([]);
  });
});

describe("a call throws a UsageError before any request", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const calls: [name: string, call: (databar: Databar) => Promise<unknown>, message: RegExp][] = [
    ["a lone surrogate in a query", ({ exporters }) => exporters.list({ q: "a\uD800" }), /^q must be text, a finite/],
    ["an object as a query value", ({ exporters }) => exporters.list({ q: {} as never }), /^q must be .*: got object$/],
    ["NaN as a query value", ({ exporters }) => exporters.list({ q: Number.NaN as never }), /^q must be .*: got NaN$/],
    [
      "a BigInt in a filter",
      ({ tables }) => tables.rows.list("t", { filter: { a: { equals: 1n as never } } }),
      /^filter cannot be written as JSON: .*BigInt/,
    ],
    [
      "a circular filter",
      ({ tables }) => tables.rows.list("t", { filter: circular as never }),
      /^filter cannot be written as JSON/,
    ],
    [
      "a circular body",
      ({ flows }) => flows.validateConfig({ config: circular }),
      /^The body cannot be written as JSON/,
    ],
    [
      "a function as a body",
      ({ flows }) => flows.validateConfig((() => {}) as never),
      /^The body cannot be written as JSON/,
    ],
    ["a query that is null", ({ exporters }) => exporters.listPage(null as never), /./],
  ];

  test.each(calls)("for %s", async (_, call, message) => {
    const { databar, requests } = scripted(() => ({}));
    const error = await rejection(call(databar));
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(message);
    expect(requests).toEqual([]);
  });

  test("for a waterfall run without a body", async () => {
    const { databar, requests } = scripted(() => ({}));
    expect(await rejection(databar.waterfalls.run("w", undefined as never))).toBeInstanceOf(UsageError);
    expect(requests).toEqual([]);
  });
});

test("a retry sends the original body, even if the caller has changed the object meanwhile", async () => {
  const params = [{ n: 1 }];
  const { databar, requests } = scripted((_, number) => {
    params.push({ n: number + 1 });
    return number === 1 ? Response.json({}, { status: 429 }) : { task_id: "t", status: "processing" };
  });
  await databar.enrichments.bulkRun(1, { params });
  expect(requests.map(({ body }) => body)).toEqual([{ params: [{ n: 1 }] }, { params: [{ n: 1 }] }]);
});

describe("a task that contains the key", () => {
  const KEY = "test-key-5f2d";
  const hidden = `a\u001b[31m${KEY}\r\nb\u202eright-to-left\u200b`;

  test.each([
    ["error", { task_id: "t", status: "failed", error: hidden }],
    ["status", { task_id: "t", status: hidden }],
  ])("in its %s causes an error message without the key and without control characters", async (_, task) => {
    const { databar } = scripted(() => task);
    const error = (await rejection(databar.tasks.wait("t", { timeoutMs: 5 }))) as Error;
    expect(error.message).not.toContain(KEY);
    expect(error.message).toContain("***");
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(error.message).toContain("\\u{202e}");
  });

  test("in its id causes an error message without the key", async () => {
    const { databar } = scripted(({ method }) =>
      method === "POST" ? { task_id: KEY, status: "processing" } : { task_id: KEY, status: "gone" },
    );
    const error = (await rejection(databar.enrichments.runAndWait(1, { params: {} }))) as DatabarError;
    expect(error.message).not.toContain(KEY);
    expect(error.taskId).toBe(KEY);
  });
});

describe("an error as JSON", () => {
  test("has its message and its fields, but not the body, the task or the results", async () => {
    const { databar } = scripted(() => Response.json({ detail: "no", secret: "s3cr3t" }, { status: 400 }));
    const error = (await rejection(listFixtures(databar))) as DatabarError;
    const json = JSON.parse(JSON.stringify(error));
    expect(json).toMatchObject({ name: "BadRequestError", message: error.message, status: 400, attempts: 1 });
    expect(JSON.stringify(json)).not.toContain("s3cr3t");
    const failed = scripted(() => ({ task_id: "t", status: "failed", data: { secret: "s3cr3t" } }));
    expect(JSON.stringify(await rejection(failed.databar.tasks.wait("t")))).not.toContain("s3cr3t");
  });
});

describe("an onProgress callback that rejects", () => {
  test("ends the wait with its error as the cause, and leaves no unhandled rejection", async () => {
    const cause = new Error("progress broke");
    const { databar, requests } = scripted(() => ({ task_id: "t", status: "processing" }));
    const error = await rejection(databar.tasks.wait("t", { onProgress: () => Promise.reject(cause) }));
    expect(error).toMatchObject({ name: "DatabarError", message: "onProgress threw", cause, taskId: "t" });
    expect(requests).toHaveLength(1);
  });
});

/** Every resource method of a client, bound to its resource. */
function methodsOf(object: object, prefix = ""): [name: string, method: (...args: unknown[]) => unknown][] {
  return Object.entries(object).flatMap(([name, value]) => {
    if (name === "api" || typeof value !== "object" || value === null) {
      return [];
    }
    const own = Object.getOwnPropertyNames(Object.getPrototypeOf(value))
      .filter((each) => each !== "constructor" && typeof value[each] === "function")
      .map((each): [string, () => unknown] => [`${prefix}${name}.${each}`, value[each].bind(value)]);
    return [...own, ...methodsOf(value, `${prefix}${name}.`)];
  });
}

const argument = fc.oneof(
  fc.anything(),
  fc.string({ unit: "binary", maxLength: 5 }),
  fc.constantFrom(1, "t", {}, { params: {} }, { rows: [{}] }, [{}], undefined, null, Symbol("s"), () => {}, 1n),
  fc.record(
    { page: fc.anything(), filter: fc.anything(), rows: fc.anything(), params: fc.anything() },
    { requiredKeys: [] },
  ),
);
const body = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.record(
    {
      items: fc.jsonValue(),
      data: fc.jsonValue(),
      results: fc.jsonValue(),
      has_next_page: fc.jsonValue(),
      total_count: fc.jsonValue(),
      task_id: fc.jsonValue(),
      status: fc.constantFrom("completed", "failed", "gone", "no_data", "processing", 5, null),
      error: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
);

describe("with any arguments and any successful response", () => {
  const runtime = fakeRuntime();
  let response: unknown;
  const databar = databarWith({ apiKey: "k", fetch: async () => Response.json(response) }, runtime);
  const methods = methodsOf(databar);

  test("all resource methods are found", () => {
    expect(methods.length).toBeGreaterThan(70);
  });

  test.each(methods)("%s throws DatabarErrors only", async (name, method) => {
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { maxLength: 4 }), body, async (args, returned) => {
        response = returned;
        const result = method(...args);
        expect(typeof result, name).toBe("object");
        const outcome =
          Symbol.asyncIterator in (result as object)
            ? takeSome(result as AsyncIterable<unknown>)
            : (result as Promise<unknown>);
        const error = await outcome.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(error === undefined || error instanceof DatabarError, `${name}: ${String(error)}`).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

async function takeSome(items: AsyncIterable<unknown>): Promise<void> {
  let count = 0;
  for await (const _ of items) {
    if (++count === 3) {
      return;
    }
  }
}

describe("mayHaveBeenProcessed is false", () => {
  const causes: [name: string, cause: Error][] = [
    [
      "a TLS handshake with a server that has no TLS",
      Object.assign(new Error("wrong version number"), { code: "ERR_SSL_WRONG_VERSION_NUMBER" }),
    ],
    [
      "a TLS handshake that the server rejects",
      Object.assign(new Error("alert"), { code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE" }),
    ],
    [
      "a connection that is closed before the TLS handshake",
      Object.assign(new Error("Client network socket disconnected before secure TLS connection was established"), {
        code: "ECONNRESET",
      }),
    ],
    ["a port that fetch does not allow", new Error("bad port")],
  ];

  test.each(causes)("after %s", async (_, cause) => {
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
    const { enrichments } = databarWith({ apiKey: "k", fetch }, fakeRuntime());
    expect(await failureOf(enrichments.run(1, { params: {} }))).toMatchObject({
      name: "ConnectionError",
      mayHaveBeenProcessed: false,
    });
  });

  test("for a POST that is aborted during the delay after a 429", async () => {
    const controller = new AbortController();
    const fetch = async () => {
      queueMicrotask(() => controller.abort());
      return Response.json({}, { status: 429 });
    };
    const { enrichments } = databarWith({ apiKey: "k", fetch }, fakeRuntime());
    const error = await failureOf(enrichments.run(1, { params: {} }, { signal: controller.signal }));
    expect(error).toMatchObject({ name: "AbortError", attempts: 1 });
  });
});

test.each([
  [268_435_456, "fulfilled"],
  [268_435_457, "rejected"],
])("by default a response of %i bytes is %s", async (bytes, status) => {
  const fetch = async () => new Response("[]", { headers: { "content-length": String(bytes) } });
  const [outcome] = await Promise.allSettled([listFixtures(databarWith({ apiKey: "k", fetch }, fakeRuntime()))]);
  expect(outcome).toMatchObject({ status });
});

test("a response whose content length is above maxResponseBytes is rejected before its body is read", async () => {
  let read = 0;
  let isCancelled = false;
  const stream = new ReadableStream(
    {
      cancel: () => {
        isCancelled = true;
      },
      pull: (controller) => {
        read++;
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
  const fetch = async () => new Response(stream, { headers: { "content-length": "5000" } });
  const error = await failureOf(
    listFixtures(databarWith({ apiKey: "k", fetch, maxResponseBytes: 4_000 }, fakeRuntime())),
  );
  expect((error as Error).message).toContain("the body is larger than maxResponseBytes (4000)");
  expect(read).toBe(0);
  expect(isCancelled).toBe(true);
});

test("a response body of many chunks is joined in order", async () => {
  const bytes = new TextEncoder().encode(
    JSON.stringify(Array.from({ length: 3_000 }, (_, id) => ({ id, name: `ü${id}` }))),
  );
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, at) => bytes.slice(at * 7, at * 7 + 7));
  let sent = 0;
  const stream = new ReadableStream({
    pull: (controller) => {
      const chunk = chunks[sent++];
      chunk ? controller.enqueue(chunk) : controller.close();
    },
  });
  const list = await listFixtures(databarWith({ apiKey: "k", fetch: async () => new Response(stream) }, fakeRuntime()));
  expect(list).toHaveLength(3_000);
  expect(list).toHaveProperty([2_999], { id: 2_999, name: "ü2999" });
  expect(sent).toBeGreaterThan(5_000);
});

describe("a cause that holds the request", () => {
  const request = { headers: { "x-apikey": "test-key-5f2d" } };
  const causes: [name: string, cause: Error][] = [
    ["in its socket", Object.assign(new Error("x"), { socket: request })],
    ["in its cert", Object.assign(new Error("x"), { cert: request })],
    ["in a symbol property", Object.assign(new Error("x"), { [Symbol("kOptions")]: request })],
    ["in an accessor", Object.defineProperty(new Error("x"), "request", { get: () => request, enumerable: true })],
    [
      "in a custom inspector",
      Object.assign(new Error("x"), { [Symbol.for("nodejs.util.inspect.custom")]: () => "test-key-5f2d" }),
    ],
    ["in its toJSON method", Object.assign(new Error("x"), { toJSON: () => request })],
  ];

  test.each(causes)("%s is replaced by a copy without the request", async (_, cause) => {
    const fetch = () => Promise.reject(cause);
    const error = (await failureOf(
      listFixtures(databarWith({ apiKey: "test-key-5f2d", fetch, maxRetries: 0 }, fakeRuntime())),
    )) as Error;
    expect(error.cause).toMatchObject({ message: "x" });
    expect(error.cause).not.toBe(cause);
    expect(Reflect.ownKeys(error.cause as object)).toEqual(expect.not.arrayContaining(["socket", "cert", "request"]));
  });

  test("is not replaced if it holds only strings and numbers", async () => {
    const cause = Object.assign(new Error("x"), {
      code: "UND_ERR_SOCKET",
      socket: { localPort: 1, remoteAddress: "::1" },
    });
    const fetch = () => Promise.reject(cause);
    const error = (await failureOf(
      listFixtures(databarWith({ apiKey: "test-key-5f2d", fetch, maxRetries: 0 }, fakeRuntime())),
    )) as Error;
    expect(error.cause).toBe(cause);
  });
});

test.each(["parameters", "body"] as const)(
  "a secret in a connector's %s is masked if the server echoes it in an error",
  async (field) => {
    const secret = "s3cr3t-v4lue-99";
    const fetch = async () => Response.json({ detail: `bad ${secret}` }, { status: 400 });
    const { connectors } = databarWith({ apiKey: "k", fetch }, fakeRuntime());
    const connector = {
      name: "n",
      method: "get",
      url: `https://u:p4ssw0rd-1@example.com/?token=t0ken-2`,
      [field]: [{ name: "a", value: secret }],
    };
    const error = (await failureOf(connectors.create(connector))) as Error;
    expect(error.message).toContain("bad ***");
  },
);

test.each(["p4ssw0rd-1", "t0ken-2"])(
  "the secret %s in a connector's URL is masked if the server echoes it in an error",
  async (secret) => {
    const fetch = async () => Response.json({ detail: `bad ${secret}` }, { status: 400 });
    const { connectors } = databarWith({ apiKey: "k", fetch }, fakeRuntime());
    const url = "https://u:p4ssw0rd-1@example.com/?token=t0ken-2";
    const error = (await failureOf(connectors.create({ name: "n", method: "get", url }))) as Error;
    expect(error.message).not.toContain(secret);
  },
);
