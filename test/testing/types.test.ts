/** What of `databar-client/testing` compiles, and line by line what must not: `tsc` is the judge. */
import { setupServer } from "msw/node";
import { expectTypeOf, test } from "vitest";
import type { Connector, HTTPValidationError } from "../../src/index.js";
import {
  type BodyOf,
  type ExampleOf,
  recordRequests,
  reply,
  type StatusOf,
  type SuccessOf,
} from "../../src/testing/index.js";

test("statuses, examples and bodies are the contract's", () => {
  expectTypeOf<StatusOf<"tasks.get">>().toEqualTypeOf<200 | 404 | 410 | 422>();
  expectTypeOf<SuccessOf<"connectors.create">>().toEqualTypeOf<201>();
  expectTypeOf<BodyOf<"connectors.list", 200>>().toEqualTypeOf<Connector[]>();
  expectTypeOf<BodyOf<"connectors.list", 422>>().toEqualTypeOf<HTTPValidationError>();
  expectTypeOf<BodyOf<"connectors.delete", 204>>().toEqualTypeOf<undefined>();
  expectTypeOf<ExampleOf<"user.me", 403>>().toEqualTypeOf<"plan-gated" | "bad-key">();
});

test("right replies compile", () => {
  const right = [
    () => reply("connectors.list"),
    () => reply("connectors.list", { body: [] }),
    () => reply("connectors.list", { body: [{ id: 1, name: "n", type: "simple", method: "get", url: "u" }] }),
    () => reply("connectors.list", { status: 422, example: "pydantic-1", headers: { "x-request-id": "1" } }),
    () => reply("connectors.create", { status: 201, delayMs: 50, times: 1 }),
    () => reply("enrichments.list", { body: { items: [], page: 1, limit: 1, has_next_page: false, total_count: 0 } }),
    () => reply("enrichments.list", { body: [] }),
    () => reply("user.me", { status: 403, body: { detail: "no" } }),
    () => reply("connectors.delete", { delayMs: 1 }),
    () => reply.raw("connectors.list", { status: 599, body: "<html>" }),
    () => reply.raw("connectors.list", { networkError: true, times: 2 }),
    () => reply.task({ statuses: ["processing", "completed"], data: [{ a: 1 }, null], progress: null }),
    () => recordRequests(setupServer())[0]?.operation === "connectors.list",
  ];
  expectTypeOf(right).toBeArray();
});

test("wrong replies do not compile", () => {
  const wrong = [
    // @ts-expect-error a misspelt operation
    () => reply("connectors.lists"),
    // @ts-expect-error an undocumented status
    () => reply("connectors.list", { status: 404 }),
    // @ts-expect-error another status's example
    () => reply("connectors.list", { example: "pydantic-1" }),
    // @ts-expect-error another operation's example
    () => reply("user.me", { status: 403, example: "unknown-id" }),
    // @ts-expect-error a body of a wrong shape
    () => reply("connectors.list", { body: {} }),
    // @ts-expect-error a body that lacks required fields
    () => reply("connectors.list", { body: [{ id: 1 }] }),
    // @ts-expect-error a success's body for an error
    () => reply("connectors.list", { status: 422, body: [] }),
    // @ts-expect-error a body and an example
    () => reply("connectors.list", { body: [], example: "example" }),
    // @ts-expect-error a body where there is none
    () => reply("connectors.delete", { body: {} }),
    // @ts-expect-error a misspelt option
    () => reply("connectors.list", { delay: 5 }),
    // @ts-expect-error a misspelt operation
    () => reply.raw("connectors.lists", {}),
    // @ts-expect-error an answer and none
    () => reply.raw("connectors.list", { networkError: true, status: 500 }),
    // @ts-expect-error no statuses
    () => reply.task({ data: {} }),
    // @ts-expect-error an operation that the contract does not have
    () => recordRequests(setupServer())[0]?.operation === "connectors.lists",
    // @ts-expect-error no server
    () => recordRequests({}),
  ];
  expectTypeOf(wrong).toBeArray();
});
