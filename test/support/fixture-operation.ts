/**
 * An operation that the contract does not have. Tests of what all calls have in common use it, so that a change of the
 * API touches only the tests of the operation that changed.
 */

import type { Client } from "openapi-fetch";
import { type ApiPromise, apiPromise } from "../../src/http/api-promise.js";
import { call } from "../../src/http/call.js";
import type { Databar, RequestOptions } from "../../src/index.js";

/** Its name in errors and hooks, and its path. */
export const FIXTURE = { operation: "fixtures.list", path: "/v1/fixtures/", route: "GET /v1/fixtures/" } as const;

/** The fixture operations as openapi-typescript would describe them. */
interface FixturePaths {
  "/v1/fixtures/": {
    get: { responses: { 200: { content: { "application/json": unknown[] } } } };
    post: { requestBody: { content: { "application/json": object } }; responses: { 201: { content?: never } } };
  };
  "/v1/fixtures/{fixture_id}": {
    get: { parameters: { path: { fixture_id: number } }; responses: { 200: { content?: never } } };
  };
}

/** `databar.api` of the fixture operations. */
export function fixtureApi(databar: Databar): Client<FixturePaths> {
  return databar.api as unknown as Client<FixturePaths>;
}

/** Calls it the way that resource methods call theirs. */
export function listFixtures(databar: Databar, options?: RequestOptions): ApiPromise<unknown> {
  // biome-ignore lint/complexity/useLiteralKeys: the brackets reach what only resources may use
  return apiPromise(call(databar.user["transport"], FIXTURE.operation, FIXTURE.route, {}, options ?? {}));
}
