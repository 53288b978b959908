/** Cancellation and deadlines: a call ends at once at any stage, and leaves no listener, socket or timer behind. */
import { getEventListeners } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { AbortError, type Databar, type RequestOptions, TimeoutError } from "../../src/index.js";
import { calls, client, failureOf, fakeRuntime, METHODS } from "../support/calls.js";
import { answer, type Behaviour, eventually, type FaultServer, startFaultServer } from "../support/fault-server.js";
import { listFixtures } from "../support/fixture-operation.js";
import { unhandledRejections } from "../support/unhandled.js";

let server: FaultServer;
const unhandled = unhandledRejections();

beforeAll(async () => {
  server = await startFaultServer();
});
afterEach(() => expect(unhandled).toEqual([]));
afterAll(async () => {
  await server.close();
});

const REASON = new Error("the user left");

/** Aborts the call when `when` calls its argument. Returns the error, after checking that no listener is left. */
async function aborted(
  databar: Databar,
  when: (abort: () => void) => void,
  method: (typeof METHODS)[number] = "GET",
  options: RequestOptions = {},
): Promise<unknown> {
  const controller = new AbortController();
  const call = calls[method](databar, { ...options, signal: controller.signal });
  expect(getEventListeners(controller.signal, "abort").length).toBeLessThanOrEqual(1);
  when(() => controller.abort(REASON));
  const error = await failureOf(call);
  expect(error).toBeInstanceOf(AbortError);
  expect((error as AbortError).cause).toBe(REASON);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  return error;
}

const whenSeen = (abort: () => void): void => {
  eventually(() => server.requests.length > 0).then(() => setTimeout(abort, 5));
};

const stalled: [name: string, behaviour: Behaviour][] = [
  ["before the response", () => {}],
  ["in the middle of a response body", (socket) => socket.write(answer(200, "[1,", { "content-length": "99" }))],
  ["in the body of an error response", (socket) => socket.write(answer(500, "no", { "content-length": "99" }))],
];

describe.each(stalled)("an abort %s", (_, behaviour) => {
  test.each(METHODS)("ends a %s at once with the caller's reason and closes its socket", async (method) => {
    server.behave(behaviour);
    const error = await aborted(client(server.url), whenSeen, method);
    expect(error).toMatchObject({ attempts: 1, mayHaveBeenProcessed: method !== "GET" });
    expect(server.requests).toHaveLength(1);
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });
});

describe("an abort", () => {
  test.each(METHODS)("before the first attempt of a %s sends nothing", async (method) => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const error = await failureOf(calls[method](client(server.url), { signal: AbortSignal.abort(REASON) }));
    expect(error).toMatchObject({ name: "AbortError", cause: REASON, attempts: 0, mayHaveBeenProcessed: false });
    expect(server.requests).toEqual([]);
  });

  test("before the call neither requests the key nor reads the arguments", async () => {
    const apiKey = vi.fn(() => "k");
    const { connectors, tables } = client(server.url, { apiKey });
    const toJSON = vi.fn();
    const signal = AbortSignal.abort(REASON);
    const created = connectors.create({ toJSON } as never, { signal });
    for (const call of [created, tables.delete("..", { signal })]) {
      expect(await failureOf(call)).toMatchObject({ name: "AbortError", cause: REASON });
    }
    expect(apiKey).not.toHaveBeenCalled();
    expect(toJSON).not.toHaveBeenCalled();
  });

  test("without a reason has the platform's AbortError as its cause", async () => {
    const error = await failureOf(listFixtures(client(server.url), { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ cause: { name: "AbortError" } });
  });

  test("by the caller's AbortSignal.timeout() is an AbortError, not a TimeoutError", async () => {
    server.behave(() => {});
    const error = await failureOf(listFixtures(client(server.url), { signal: AbortSignal.timeout(20) }));
    expect(error).toMatchObject({ name: "AbortError", cause: { name: "TimeoutError" } });
  });

  test("during the delay before a retry ends the call at once", async () => {
    server.behave((socket) => socket.write(answer(503, "", { "retry-after": "30" })));
    const { Databar } = await import("../../src/index.js");
    const databar = new Databar({ apiKey: "k", baseUrl: server.url });
    const startedAt = performance.now();
    const error = await aborted(databar, whenSeen, "PUT");
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(error).toMatchObject({ attempts: 1, mayHaveBeenProcessed: true });
    expect((error as Error).message).toBe("PUT /v1/connectors/{connector_id} was aborted while waiting to retry");
    expect(server.requests).toHaveLength(1);
  });

  test("in the onRetry hook ends the call, even if the sleep function ignores the signal", async () => {
    server.behave((socket) => socket.write(answer(503)));
    let abort = (): void => {};
    const runtime = { ...fakeRuntime(), sleep: async () => {} };
    const databar = client(server.url, { hooks: { onRetry: () => abort() } }, runtime);
    const error = await aborted(databar, (end) => {
      abort = end;
    });
    expect(error).toMatchObject({ attempts: 1 });
    expect(server.requests).toHaveLength(1);
  });

  test("in the onRetry hook ends the call if the sleep function throws synchronously", async () => {
    server.behave((socket) => socket.write(answer(503)));
    let abort = (): void => {};
    const sleep = (_: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      return Promise.resolve();
    };
    const databar = client(server.url, { hooks: { onRetry: () => abort() } }, { ...fakeRuntime(), sleep });
    const error = await aborted(databar, (end) => {
      abort = end;
    });
    expect(error).toMatchObject({ attempts: 1 });
  });

  test("in the onRequest hook prevents the request, even with a fetch that ignores its signal", async () => {
    let abort = (): void => {};
    let fetched = 0;
    const fetch = async () => {
      fetched++;
      return Response.json([]);
    };
    const databar = client(server.url, { fetch, hooks: { onRequest: () => abort() }, apiKey: async () => "k" });
    const error = await aborted(
      databar,
      (end) => {
        abort = end;
      },
      "POST",
    );
    expect(error).toMatchObject({ attempts: 0, mayHaveBeenProcessed: false });
    expect(fetched).toBe(0);
  });

  test("while the apiKey function is pending sends nothing", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    let resolveKey: (key: string) => void = () => {};
    const databar = client(server.url, {
      apiKey: () =>
        new Promise((resolve) => {
          resolveKey = resolve;
        }),
    });
    const error = await aborted(databar, (abort) => abort(), "POST");
    resolveKey("late");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(error).toMatchObject({ attempts: 0, mayHaveBeenProcessed: false });
    expect(server.requests).toEqual([]);
  });

  test("after the call has ended has no effect", async () => {
    server.behave((socket) => socket.write(answer(200, "[]")));
    const controller = new AbortController();
    expect(await listFixtures(client(server.url), { signal: controller.signal })).toEqual([]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    controller.abort(REASON);
  });

  test("at the same moment as a deadline causes one error and no unhandled rejection", async () => {
    for (let round = 0; round < 10; round++) {
      server.behave(() => {});
      const options = { timeoutMs: 10, maxRetries: 0, signal: AbortSignal.timeout(10) };
      const error = await failureOf(listFixtures(client(server.url), options));
      expect(["AbortError", "TimeoutError"]).toContain((error as Error).name);
    }
  });
});

describe("a custom fetch that ignores its signal", () => {
  const bodies = { cancelled: 0 };
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: () => new Promise(() => {}),
        cancel: () => {
          bodies.cancelled++;
        },
      }),
    );

  test("does not delay the deadline, and its late response is discarded", async () => {
    bodies.cancelled = 0;
    let answerLate: () => void = () => {};
    const responses: unknown[] = [];
    const fetch = () =>
      new Promise<Response>((resolve) => {
        answerLate = () => resolve(endless());
      });
    const hooks = { onResponse: (event: unknown) => responses.push(event) };
    const call = listFixtures(client(server.url, { fetch, hooks, timeoutMs: 20, maxRetries: 0 }));
    expect(await failureOf(call)).toBeInstanceOf(TimeoutError);
    answerLate();
    expect(await eventually(() => bodies.cancelled === 1)).toBe(true);
    expect(responses).toEqual([]);
  });

  test("does not delay an abort in the middle of the body, and the body is cancelled", async () => {
    bodies.cancelled = 0;
    await aborted(client(server.url, { fetch: async () => endless() }), (abort) => setTimeout(abort, 10));
    expect(await eventually(() => bodies.cancelled === 1)).toBe(true);
  });
});

describe("timeoutMs", () => {
  test("applies to each attempt separately", async () => {
    // A fake clock, so that no deadline passes before the server has received the request, even on a busy machine.
    const { setTimeout: later } = globalThis;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    server.behave((socket) => {
      if (server.requests.length === 3) {
        vi.advanceTimersByTime(39);
        socket.write(answer(200, "[]"));
      } else {
        later(() => vi.advanceTimersByTime(40), 5);
      }
    });
    const call = listFixtures(client(server.url, { timeoutMs: 40 }));
    expect(await call.finally(() => vi.useRealTimers())).toEqual([]);
    expect(server.requests).toHaveLength(3);
  });

  test("of a call overrides the client's", async () => {
    server.behave(() => {});
    const error = await failureOf(listFixtures(client(server.url), { timeoutMs: 20, maxRetries: 0 }));
    expect(error).toMatchObject({ name: "TimeoutError", timeoutMs: 20, attempts: 1, mayHaveBeenProcessed: false });
  });

  test("includes the time of the apiKey function: if it never resolves, nothing is sent", async () => {
    server.behave(() => {});
    const databar = client(server.url, { apiKey: () => new Promise(() => {}), timeoutMs: 20, maxRetries: 0 });
    expect(await failureOf(calls.POST(databar))).toMatchObject({
      name: "TimeoutError",
      attempts: 0,
      mayHaveBeenProcessed: false,
    });
    expect(server.requests).toEqual([]);
  });

  test("closes the socket of a call that it ends", async () => {
    server.behave((socket) => socket.write(answer(200, "[1,", { "content-length": "99" })));
    await failureOf(listFixtures(client(server.url), { timeoutMs: 30, maxRetries: 0 }));
    expect(await eventually(() => server.connections === 0)).toBe(true);
  });
});
