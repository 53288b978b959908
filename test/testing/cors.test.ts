/** CORS: pages of any origin may send requests, and other clients see none of it. */
import { describe, expect, test } from "vitest";
import { corsHeaders, preflight } from "../../src/testing/cors.js";

const asked = { origin: "https://app.example", "access-control-request-method": "POST" };

describe("a preflight request", () => {
  test("is allowed, with the headers that it asks for, or all", () => {
    const allowed = {
      status: 200,
      body: "OK",
      headers: { "access-control-allow-headers": "*", "access-control-max-age": "600" },
    };
    expect(preflight("OPTIONS", asked)).toMatchObject(allowed);
    const headers = { "access-control-allow-headers": "x-apikey" };
    expect(preflight("OPTIONS", { ...asked, "access-control-request-headers": "x-apikey" })).toMatchObject({ headers });
  });

  test.each([
    ["with another method", "POST", asked],
    ["without a method", undefined, asked],
    ["without an origin", "OPTIONS", { "access-control-request-method": "POST" }],
    ["without the method that it asks for", "OPTIONS", { origin: "https://app.example" }],
  ])("is not a request %s", (_, method, headers) => {
    expect(preflight(method, headers)).toBeUndefined();
  });
});

test("an answer to a page may be read by it, and one to another client has no such headers", () => {
  expect(corsHeaders(asked)).toEqual({ "access-control-allow-origin": "*", "access-control-expose-headers": "*" });
  expect(corsHeaders({})).toBeUndefined();
});
