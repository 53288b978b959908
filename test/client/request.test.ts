/** `databar.request`: calls to endpoints outside the contract, with the same behaviour as resource methods. */
import { readFileSync } from "node:fs";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import { userAgent } from "../../src/http/user-agent.js";
import { type Databar, type Fetch, NotFoundError, UsageError } from "../../src/index.js";
import { VERSION } from "../../src/version.js";
import { databarWith, failureOf, fakeRuntime } from "../support/calls.js";
import { listFixtures } from "../support/fixture-operation.js";
import { rejection, scripted } from "../support/scripted.js";

describe("databar.request", () => {
  test("sends method, path, query and body, and returns the data", async () => {
    const { databar, requests } = scripted(() => ({ id: 1 }));
    const data = await databar.request<{ id: number }>("POST", "/v1/new/thing", {
      query: { a: ["x", 2] },
      body: { b: 1 },
    });
    expect(data).toEqual({ id: 1 });
    expect(requests).toMatchObject([{ method: "POST", target: "/v1/new/thing?a=x&a=2", body: { b: 1 } }]);
  });

  test("returns unknown unless the caller passes a type argument", async () => {
    const { databar } = scripted(() => ({}));
    expectTypeOf(databar.request("GET", "/v1/x")).resolves.toBeUnknown();
    expectTypeOf(databar.request<number>("GET", "/v1/x")).resolves.toBeNumber();
    // @ts-expect-error an invalid method
    await expect(rejection(databar.request("FETCH", "/v1/x"))).resolves.toBeInstanceOf(UsageError);
  });

  test("returns undefined for a success response without a body", async () => {
    const { databar } = scripted(() => new Response(null, { status: 204 }));
    expect(await databar.request("DELETE", "/v1/new/7")).toBeUndefined();
  });

  test("retries a GET but not a POST, and throws the error class of the status", async () => {
    const { databar, requests } = scripted(() => Response.json({ detail: "busy" }, { status: 503 }));
    await rejection(databar.request("GET", "/v1/new"));
    await rejection(databar.request("POST", "/v1/new"));
    expect(requests.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "POST"]);
    const missing = scripted(() => Response.json({ detail: "no" }, { status: 404 }));
    const error = await rejection(missing.databar.request("GET", "/v1/new/7"));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error).toMatchObject({ operation: "request", path: "/v1/new/7", message: "GET /v1/new/7 -> 404: no" });
  });

  const paths = [
    "",
    "v1/x",
    "//evil.example/x",
    "/v1//x",
    "/v1/../x",
    "/v1/.",
    "/v1/x?a=1",
    "/v1/x#a",
    "/v1/x y",
    "/v1/{id}",
    "/v1\\x",
    5,
  ];

  test.each(paths)("rejects the path %j before any request", async (path) => {
    const { databar, requests } = scripted(() => ({}));
    const error = await rejection(databar.request("GET", path as string));
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(/^path must be like "\/v1\/user\/me"/);
    expect(requests).toEqual([]);
  });
});

describe("a rejected key", () => {
  const refusing = (status: number, accepted: string) => {
    const keys: (string | null)[] = [];
    const fetch: Fetch = async (_, init) => {
      keys.push(init.headers["x-apikey"] ?? null);
      return init.headers["x-apikey"] === accepted ? Response.json([]) : Response.json({}, { status });
    };
    return { keys, fetch };
  };

  test.each([401, 403])(
    "that a function returned is requested once more after a %i, even for a POST",
    async (status) => {
      const { keys, fetch } = refusing(status, "new");
      const issued = ["old", "new"];
      const databar = databarWith({ apiKey: () => issued.shift() ?? "none", fetch, maxRetries: 0 }, fakeRuntime());
      await databar.enrichments.run(1, { params: {} });
      expect(keys).toEqual(["old", "new"]);
    },
  );

  test("throws after two attempts if the function returns the same key", async () => {
    const { keys, fetch } = refusing(403, "new");
    const error = await failureOf(listFixtures(databarWith({ apiKey: async () => "old", fetch }, fakeRuntime())));
    expect(error).toMatchObject({ name: "PermissionDeniedError", attempts: 2 });
    expect(keys).toEqual(["old", "old"]);
  });

  test("that is a string is sent once", async () => {
    const { keys, fetch } = refusing(403, "new");
    await failureOf(listFixtures(databarWith({ apiKey: "old", fetch }, fakeRuntime())));
    expect(keys).toEqual(["old"]);
  });
});

describe("the platform", () => {
  /** What `fetch` gets on a platform with these globals. */
  async function sentOn(globals: Record<string, unknown>): Promise<Record<string, unknown>> {
    let sent = {};
    const fetch: Fetch = async (_, init) => {
      sent = init;
      return Response.json([]);
    };
    const databar = databarWith({ apiKey: "k", fetch }, fakeRuntime());
    for (const [name, value] of Object.entries(globals)) {
      vi.stubGlobal(name, value);
    }
    await databar.request("POST", "/v1/x", { body: {} });
    vi.unstubAllGlobals();
    return sent;
  }

  test.each([
    ["has caches", {}, "no-store"],
    ["has no caches", { Request: class {} }, undefined],
    ["has no Request", { Request: undefined }, undefined],
  ])("that %s gets the matching cache option", async (_, globals, cache) => {
    expect((await sentOn(globals)).cache).toBe(cache);
  });

  test.each([
    ["Deno", { Deno: {} }, Blob],
    ["another", {}, String],
  ])("%s gets a body that it does not send twice", async (_, globals, type) => {
    expect(Object((await sentOn(globals)).body)).toBeInstanceOf(type);
  });
});

describe("the user agent", () => {
  const sentBy = async (options: object): Promise<string | undefined> => {
    let agent: string | undefined;
    const fetch: Fetch = async (_, init) => {
      agent = init.headers["user-agent"];
      return Response.json([]);
    };
    const databar: Databar = databarWith({ apiKey: "k", fetch, ...options }, fakeRuntime());
    await listFixtures(databar);
    return agent;
  };

  test("contains the package name, its version and the runtime", async () => {
    const [major, minor] = process.versions.node.split(".");
    expect(await sentBy({})).toBe(`databar-client/${VERSION} (node/${major}.${minor})`);
  });

  test.each([
    [{ process: { versions: { node: "22.3.0", bun: "1.2.19" } } }, "(bun/1.2)"],
    [{ process: { versions: { node: "22.3.0", deno: "2.4.1" } } }, "(deno/2.4)"],
    [{ process: undefined, navigator: { userAgent: "Cloudflare-Workers" } }, "(workerd)"],
    [{ process: {}, navigator: { userAgent: "Mozilla/5.0" } }, undefined],
    [{ process: { versions: { node: "" } }, navigator: undefined }, undefined],
  ])("on a platform with %j ends with %s", (globals, end) => {
    for (const [name, value] of Object.entries(globals)) {
      vi.stubGlobal(name, value);
    }
    const agent = userAgent();
    vi.unstubAllGlobals();
    expect(agent).toBe(end && `databar-client/${VERSION} ${end}`);
  });

  test("can be replaced by a header", async () => {
    expect(await sentBy({ headers: { "User-Agent": "my-app/1" } })).toBe("my-app/1");
  });

  test("contains the version of package.json", () => {
    expect(JSON.parse(readFileSync("package.json", "utf8")).version).toBe(VERSION);
  });
});

describe("connectors.duplicate", () => {
  test("creates a connector with the fields of another one, except its id and date", async () => {
    const stored = { id: 7, name: "n", type: "exporter", method: "post", url: "https://a.example", created_at: "2026" };
    const { databar, requests } = scripted(({ method }) => (method === "GET" ? stored : { ...stored, id: 8 }));
    expect(await databar.connectors.duplicate(7, { name: "copy" })).toMatchObject({ id: 8 });
    expect(requests[1]).toMatchObject({
      method: "POST",
      body: { name: "copy", type: "exporter", method: "post", url: "https://a.example" },
    });
    expect(Object.keys(requests[1]?.body as object)).not.toContain("id");
  });
});
