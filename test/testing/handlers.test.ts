/** The handlers of `databar-client/testing`: each operation answers its example, and refuses invalid requests. */
import { setupServer } from "msw/node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { examples } from "../../src/generated/examples.gen.js";
import { Databar } from "../../src/index.js";
import { successStatus } from "../../src/testing/contract.js";
import { createHandlers } from "../../src/testing/index.js";
import {
  bodiesOf,
  bodyFor,
  bodySchema,
  changed,
  names,
  operationOf,
  pathOf,
  requestFor,
  requiredFields,
  targetOf,
} from "../support/contract-requests.js";
import { failOnUnhandled } from "../support/msw-options.js";

const server = setupServer(...createHandlers());
beforeAll(() => server.listen(failOnUnhandled));
afterAll(() => server.close());

type Tree = Record<string, Record<string, Record<string, Record<string, { value: unknown }>>>>;

async function ask(request: Request): Promise<{ status: number; body: unknown }> {
  const response = await fetch(request);
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

describe.each(names)("%s", (name) => {
  test("answers the first example of its success", async () => {
    const status = successStatus(operationOf(name));
    const documented = (examples as Tree)[name]?.[status]?.["application/json"] ?? {};
    const [first] = Object.values(documented);
    const request = requestFor(name, bodyFor(name, first?.value));
    // Each run gets its own task id.
    const isRun = /\.(run|bulkRun)$/.test(name) && !name.startsWith("tables.");
    const expected = isRun ? { ...Object(first?.value), task_id: expect.any(String) } : first?.value;
    expect(await ask(request)).toEqual({ status: Number(status), body: expected });
  });

  test("answers the documented 422 if the key header is missing", async () => {
    const request = requestFor(name);
    request.headers.delete("x-apikey");
    const documented = examples[name][422]["application/json"]["pydantic-2"].value;
    expect(await ask(request)).toEqual({ status: 422, body: documented });
  });

  test("accepts each of its request examples", async () => {
    for (const body of bodiesOf(name)) {
      expect((await ask(requestFor(name, body))).status).toBe(Number(successStatus(operationOf(name))));
    }
  });
});

const leftOut = names.flatMap((name) =>
  bodiesOf(name).flatMap((body, index) =>
    requiredFields(bodySchema(name) ?? {}, body).map((at) => ({ name, index, at, field: at.join("."), body })),
  ),
);

test.each(leftOut)("$name: request $index without $field gets a 422 that names it", async ({ name, at, body }) => {
  const { status, body: answer } = await ask(requestFor(name, changed(body, at, undefined)));
  expect(status).toBe(422);
  expect(answer).toMatchObject({ detail: [{ type: "missing", loc: ["body", ...at], msg: "Field required" }] });
});

const bodies = names.filter((name) => operationOf(name).requestBody);

test.each(bodies)("%s refuses a request without its body, or with a body that is not JSON", async (name) => {
  const { method, requestBody } = operationOf(name);
  const url = `https://api.databar.ai${targetOf(name)}`;
  const headers = { "x-apikey": "k", "content-type": "application/json" };
  const without = await ask(new Request(url, { method, headers }));
  if (requestBody?.required) {
    expect(without).toEqual({
      status: 422,
      body: { detail: [{ type: "missing", loc: ["body"], msg: "Field required", input: null }] },
    });
  } else {
    expect(without.status).toBe(200);
  }
  expect(await ask(new Request(url, { method, headers, body: '{"a":' }))).toEqual({
    status: 422,
    body: {
      detail: [
        {
          type: "json_invalid",
          loc: ["body", 0],
          msg: "JSON decode error",
          input: {},
          ctx: { error: "Expecting value" },
        },
      ],
    },
  });
});

const numbers = names.flatMap((name) =>
  operationOf(name)
    .parameters.filter(({ schema }) => schema.type === "integer")
    .map((parameter) => ({ name, in: parameter.in, parameter: parameter.name, schema: parameter.schema })),
);

test.each(numbers)("$name: $in parameter $parameter must be a number within its bounds", async (each) => {
  const send = (text: string) => {
    const own = { [each.parameter]: text };
    const path = pathOf(each.name, each.in === "path" ? own : {});
    return ask(requestFor(each.name, undefined, targetOf(each.name, each.in === "query" ? own : {}, path)));
  };
  const complaint = (type: string) => ({
    status: 422,
    body: { detail: expect.arrayContaining([expect.objectContaining({ type, loc: [each.in, each.parameter] })]) },
  });
  expect(await send("x")).toEqual(complaint("int_parsing"));
  expect(await send("1.5")).toEqual(complaint("int_parsing"));
  const { minimum, maximum } = each.schema;
  if (typeof minimum === "number") {
    expect(await send(String(minimum - 1))).toEqual(complaint("greater_than_equal"));
  }
  if (typeof maximum === "number") {
    expect(await send(String(maximum + 1))).toEqual(complaint("less_than_equal"));
  }
});

describe("paths and origins", () => {
  const headers = { "x-apikey": "k" };

  test.each([
    ["without its slash", "GET", pathOf("connectors.list").slice(0, -1)],
    ["with an extra slash", "GET", "/v1/folders/"],
    ["in another case", "GET", pathOf("connectors.list").toUpperCase()],
    ["with another method", "PATCH", pathOf("connectors.list")],
    ["that does not exist", "GET", "/v1/nope"],
    ["with an encoded slash in an id", "GET", "/v1/tasks/a%2Fb"],
  ])("a path %s is left to onUnhandledRequest", async (_, method, path) => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    await expect(fetch(`https://api.databar.ai${path}`, { method, headers })).rejects.toThrow();
    expect(print.mock.calls.flat().join()).toContain("without a matching request handler");
  });

  test("requests to any origin are answered, or to the given origin only", async () => {
    expect((await fetch("http://other.example:8080/v1/user/me", { headers })).status).toBe(200);
    const origins = async (origin: string) =>
      (
        await Promise.all(
          createHandlers({ origin: "https://a.example" }).map((handler) =>
            handler.test({ request: new Request(`${origin}/v1/user/me`) }),
          ),
        )
      ).filter(Boolean).length;
    expect(await origins("https://a.example")).toBe(1);
    expect(await origins("https://b.example")).toBe(0);
    expect(() => createHandlers({ origin: "https://a.example/v1" })).toThrow(
      /origin must be a scheme, a host and a port/,
    );
  });
});

describe("lists of two shapes", () => {
  const databar = new Databar({ apiKey: "test-key", maxRetries: 0 });

  test("without page it is a list, with page that page, and beyond the end the last page", async () => {
    const list = examples["enrichments.list"][200]["application/json"];
    expect(await databar.enrichments.list({ q: "x" })).toEqual(list.list.value);
    expect(await databar.enrichments.listPage({ page: 1 })).toEqual(list.page.value);
    expect(await databar.enrichments.listPage({ page: 2 })).toEqual(list["last-page"].value);
    expect(await databar.enrichments.listPage({ page: 9 })).toEqual(list["last-page"].value);
  });

  test("a walk over the pages of any paged operation ends", async () => {
    const paged = names.filter((name) => operationOf(name).parameters.some((parameter) => parameter.name === "page"));
    expect(paged).toContain("enrichments.choices");
    for (const name of paged) {
      let ended = false;
      for (let page = 1; page <= 5 && !ended; page++) {
        const { body } = await ask(requestFor(name, undefined, targetOf(name, { page: String(page) })));
        ended = Array.isArray(body) ? body.length === 0 : (body as { has_next_page: boolean }).has_next_page === false;
      }
      expect(ended, name).toBe(true);
    }
    const ids: number[] = [];
    for await (const { id } of databar.exporters.iterate()) {
      ids.push(id);
    }
    expect(ids).toEqual([61, 77]);
  });
});

describe("rows", () => {
  const databar = new Databar({ apiKey: "test-key", maxRetries: 0 });
  const rows = Array.from({ length: 120 }, (_, n) => ({ key: { email: `user${n}@example.com` }, fields: { n } }));

  test("get one result each, in their order", async () => {
    const results = await databar.tables.rows.upsertMany("3fa85f64-5717-4562-b3fc-2c963f66afa6", rows);
    expect(results.map(({ index }) => index)).toEqual(rows.map((_, index) => index));
    expect(new Set(results.map(({ action }) => action))).toEqual(new Set(["updated", "created"]));
  });
});
