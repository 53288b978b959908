/** Responses that the contract does not document. */
import { describe, expect, test } from "vitest";
import {
  ApiError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  type Connector,
  InsufficientCreditsError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ResponseParseError,
  ServerError,
  ValidationError,
} from "../../src/index.js";
import { FIXTURE, fixtureApi, listFixtures } from "../support/fixture-operation.js";
import { type Answer, mockApi } from "../support/mock-api.js";

const api = mockApi();

async function failure(answer: Answer): Promise<unknown> {
  api.answer(answer);
  const error: unknown = await listFixtures(api.databar).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(api.seen).toHaveLength(1);
  return error;
}

const json = { "content-type": "application/json" };
const html = { "content-type": "text/html; charset=utf-8" };
const text = { "content-type": "text/plain; charset=utf-8" };
const page = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>";

const errors: [name: string, answer: Answer, errorClass: typeof ApiError, message: string][] = [
  [
    "400 with a code and a detail string",
    { status: 400, headers: json, body: '{"error":"BATCH_TOO_LARGE","detail":"At most 50 rows"}' },
    BadRequestError,
    "BATCH_TOO_LARGE: At most 50 rows",
  ],
  [
    "400 with an object as detail",
    { status: 400, headers: json, body: '{"detail":{"code":"bad","hint":["x"]}}' },
    BadRequestError,
    '{"code":"bad","hint":["x"]}',
  ],
  [
    "400 with strings as detail",
    { status: 400, headers: json, body: '{"detail":["a is missing","b is wrong"]}' },
    BadRequestError,
    "a is missing; b is wrong",
  ],
  [
    "400 with objects without msg as detail",
    { status: 400, headers: json, body: '{"detail":[{"why":"no"},{"message":"b is wrong"}]}' },
    BadRequestError,
    "b is wrong",
  ],
  [
    "400 with fields",
    {
      status: 400,
      headers: json,
      body: '{"error":"INVALID_DATA","detail":"","fields":[{"field":"email","message":"not an address"}]}',
    },
    BadRequestError,
    "INVALID_DATA: email: not an address",
  ],
  [
    "400 with details",
    { status: 400, headers: json, body: '{"error":"Bad input","details":"domain is empty"}' },
    BadRequestError,
    "domain is empty",
  ],
  [
    "401",
    { status: 401, headers: json, body: '{"detail":"Not authenticated"}' },
    AuthenticationError,
    "Not authenticated",
  ],
  [
    "403 for a wrong key",
    { status: 403, headers: json, body: '{"detail":"Incorrect API key"}' },
    PermissionDeniedError,
    "Incorrect API key",
  ],
  [
    "403 because of the plan",
    { status: 403, headers: json, body: '{"detail":"API is not available on your current plan"}' },
    PermissionDeniedError,
    "API is not available on your current plan",
  ],
  ["404", { status: 404, headers: json, body: '{"detail":"Not Found"}' }, NotFoundError, "Not Found"],
  [
    "405",
    { status: 405, headers: { ...json, allow: "POST" }, body: '{"detail":"Method Not Allowed"}' },
    ApiError,
    "Method Not Allowed",
  ],
  [
    "406",
    { status: 406, headers: json, body: '{"detail":"Your plan allows 5 flows"}' },
    InsufficientCreditsError,
    "Your plan allows 5 flows",
  ],
  ["409", { status: 409, headers: json, body: '{"detail":"Conflict"}' }, ConflictError, "Conflict"],
  [
    "422 with a string as detail",
    { status: 422, headers: json, body: '{"detail":"limit is too large"}' },
    ValidationError,
    "limit is too large",
  ],
  [
    "422 with an object as detail",
    { status: 422, headers: json, body: '{"detail":{"msg":"no such column"}}' },
    ValidationError,
    "no such column",
  ],
  ["422 without detail", { status: 422, headers: json, body: "{}" }, ValidationError, "Unprocessable Entity"],
  [
    "422 with five issues",
    {
      status: 422,
      headers: json,
      body: JSON.stringify({
        detail: [1, 2, 3, 4, 5].map((n) => ({ loc: ["query", "ids", n], msg: `bad ${n}`, type: "int" })),
      }),
    },
    ValidationError,
    "query.ids.1: bad 1; query.ids.2: bad 2; query.ids.3: bad 3 (+2 more)",
  ],
  [
    "429",
    { status: 429, headers: { ...json, "retry-after": "3" }, body: '{"detail":"Too many requests"}' },
    RateLimitError,
    "Too many requests",
  ],
  [
    "500 in plain text",
    { status: 500, headers: text, body: "Internal Server Error" },
    ServerError,
    "Internal Server Error",
  ],
  [
    "502 with the HTML page of a proxy",
    { status: 502, headers: html, body: page },
    ServerError,
    'HTML page "502 Bad Gateway"',
  ],
  [
    "503 with an HTML page without a title",
    { status: 503, headers: html, body: "<p>back\n soon</p>" },
    ServerError,
    "HTML page: back soon",
  ],
  ["500 with an empty body", { status: 500 }, ServerError, "Internal Server Error"],
  [
    "403 without a content type",
    { status: 403, body: '{"detail":"Incorrect API key"}' },
    PermissionDeniedError,
    "Incorrect API key",
  ],
  [
    "403 with an unknown content type",
    { status: 403, headers: { "content-type": "x/y;z" }, body: '{"detail":"Incorrect API key"}' },
    PermissionDeniedError,
    "Incorrect API key",
  ],
  [
    "403 with a JSON string",
    { status: 403, headers: json, body: '"blocked by a proxy"' },
    PermissionDeniedError,
    "blocked by a proxy",
  ],
  [
    "418 without an error class of its own",
    { status: 418, headers: json, body: '{"detail":"teapot"}' },
    ApiError,
    "teapot",
  ],
];

test.each(errors)(
  "the status %s throws its error class with the server's message",
  async (_, answer, errorClass, message) => {
    const error = (await failure(answer)) as ApiError;
    expect(error.constructor).toBe(errorClass);
    expect(error.message).toBe(`${FIXTURE.route} -> ${answer.status}: ${message}`);
    expect(error).toMatchObject({ status: answer.status, method: "GET", path: FIXTURE.path, attempts: 1 });
  },
);

describe("an ApiError", () => {
  test("has the body, the headers and the request id of the response", async () => {
    const body = { detail: "Not Found", extra: [1] };
    const error = await failure({
      status: 404,
      headers: { ...json, "x-request-id": "req-7" },
      body: JSON.stringify(body),
    });
    expect(error).toMatchObject({ body, requestId: "req-7" });
    expect((error as ApiError).headers.get("content-type")).toBe("application/json");
  });

  test("has a body that is not JSON as a string, and an empty body as undefined", async () => {
    expect(await failure({ status: 502, headers: html, body: page })).toMatchObject({ body: page });
    api.seen.length = 0;
    expect(await failure({ status: 502 })).toMatchObject({ body: undefined });
  });

  test("of status 429 has the Retry-After delay as retryAfterMs", async () => {
    expect(await failure({ status: 429, headers: { "retry-after": "3" } })).toMatchObject({ retryAfterMs: 3_000 });
  });

  test("has the code and the rejected fields that the server reports", async () => {
    const body = {
      error: "INVALID_DATA",
      detail: "See fields",
      fields: [{ loc: ["body", "rows", 0], msg: "empty", type: "missing" }],
    };
    expect(await failure({ status: 400, headers: json, body: JSON.stringify(body) })).toMatchObject({
      code: "INVALID_DATA",
      issues: [{ path: "body.rows.0", loc: ["body", "rows", 0], message: "empty", type: "missing" }],
    });
  });
});

const unreadable: [name: string, answer: Answer, problem: RegExp][] = [
  [
    "HTML",
    { status: 200, headers: html, body: "<html>login</html>" },
    /200: the body is not JSON \(content type text\/html; charset=utf-8\): <html>login/,
  ],
  ["an empty body", { status: 200, headers: json }, /200: the body is empty \(content type application\/json\)$/],
  [
    "truncated JSON",
    { status: 200, headers: json, body: '[{"id":1,"na' },
    /200: the body is not JSON .*: \[\{"id":1,"na$/,
  ],
  ["status 204 instead of the documented body", { status: 204 }, /204: the body is empty \(content type missing\)$/],
];

test.each(unreadable)("a success response with %s throws a ResponseParseError", async (_, answer, problem) => {
  const error = await failure(answer);
  expect(error).toBeInstanceOf(ResponseParseError);
  expect(error).toMatchObject({ status: answer.status, message: expect.stringMatching(problem) });
});

const required: Connector = { id: 7, name: "n", type: "simple", method: "get", url: "https://example.com" };

const legal: [name: string, connectors: object[]][] = [
  ["an empty list", []],
  ["a connector with only the five required fields", [required]],
  [
    "null in every nullable field",
    [{ ...required, body_template: null, rate_limit: null, max_concurrency: null, created_at: null }],
  ],
  ["fields that are not in the contract", [{ ...required, owner: { id: 1 }, tags: ["x"] }]],
  ["10 000 connectors", Array.from({ length: 10_000 }, (_, id) => ({ ...required, id }))],
];

test.each(legal)("a call returns %s unchanged", async (_, connectors) => {
  api.answerJson(200, connectors);
  expect(await listFixtures(api.databar)).toEqual(connectors);
});

test.each([
  ["no content type", {}],
  ["an unknown content type", { "content-type": "application/vnd.databar+json; v=2" }],
  ["a wrong content type", { "content-type": "text/plain" }],
])("a JSON response with %s is parsed", async (_, headers) => {
  api.answer({ status: 200, headers, body: "[]" });
  expect(await listFixtures(api.databar)).toEqual([]);
});

test("a byte-order mark before the JSON is ignored", async () => {
  api.answer({ status: 200, headers: json, body: "\uFEFF[]" });
  expect(await listFixtures(api.databar)).toEqual([]);
});

test("withResponse returns the status and the headers along with the data", async () => {
  api.answer({ status: 200, headers: { ...json, "x-request-id": "req-1" }, body: "[]" });
  const { data, response } = await listFixtures(api.databar).withResponse();
  expect(data).toEqual([]);
  expect(response.status).toBe(200);
  expect(response.headers.get("x-request-id")).toBe("req-1");
});

test("databar.api sends the same request with the key", async () => {
  api.answerJson(200, [required]);
  const { data, response } = await fixtureApi(api.databar).GET(FIXTURE.path);
  expect(data).toEqual([required]);
  expect(response.status).toBe(200);
  expect(api.seen).toMatchObject([{ pathname: FIXTURE.path, key: "test-key-5f2d" }]);
});
