/** Which uses of `databar-client/testing` compile, and which do not. `tsc` checks it. */
import { resolve } from "node:path";
import { setupServer } from "msw/node";
import ts from "typescript";
import { expect, expectTypeOf, test } from "vitest";
import type { Connector, HTTPValidationError } from "../../src/index.js";
import {
  type BodyOf,
  type ExampleOf,
  recordRequests,
  reply,
  type StatusOf,
  type SuccessOf,
} from "../../src/testing/index.js";

/** An operation of the contract, for what holds for all. */
const LIST = "connectors.list";

test("the types of statuses, examples and bodies come from the contract", () => {
  expectTypeOf<StatusOf<"tasks.get">>().toEqualTypeOf<200 | 404 | 410 | 422>();
  expectTypeOf<SuccessOf<"connectors.create">>().toEqualTypeOf<201>();
  expectTypeOf<BodyOf<typeof LIST, 200>>().toEqualTypeOf<Connector[]>();
  expectTypeOf<BodyOf<typeof LIST, 422>>().toEqualTypeOf<HTTPValidationError>();
  expectTypeOf<BodyOf<"connectors.delete", 204>>().toEqualTypeOf<undefined>();
  expectTypeOf<ExampleOf<"user.me", 403>>().toEqualTypeOf<"plan-gated" | "bad-key">();
});

test("correct replies compile", () => {
  const right = [
    () => reply(LIST),
    () => reply(LIST, { body: [] }),
    () => reply(LIST, { body: [{ id: 1, name: "n", type: "simple", method: "get", url: "u" }] }),
    () => reply(LIST, { status: 422, example: "pydantic-1", headers: { "x-request-id": "1" } }),
    () => reply("connectors.create", { status: 201, delayMs: 50, times: 1 }),
    () => reply("enrichments.list", { body: { items: [], page: 1, limit: 1, has_next_page: false, total_count: 0 } }),
    () => reply("enrichments.list", { body: [] }),
    () => reply("user.me", { status: 403, body: { detail: "no" } }),
    () => reply("connectors.delete", { delayMs: 1 }),
    () => reply(LIST, () => ({ body: [] })),
    () => reply(LIST, () => ({ status: 422 }), { times: 1 }),
    () => reply("user.me", async ({ query }) => (query.a ? { status: 403, example: "bad-key" } : {})),
    () => reply.raw(LIST, { status: 599, body: "<html>" }),
    () => reply.raw(LIST, { networkError: true, times: 2 }),
    () => reply.task({ statuses: ["processing", "completed"], data: [{ a: 1 }, null], progress: null }),
    () => recordRequests(setupServer())[0]?.operation === LIST,
  ];
  expectTypeOf(right).toBeArray();
});

test("wrong replies do not compile", () => {
  const wrong = [
    // @ts-expect-error a misspelt operation
    () => reply("connectors.lists"),
    // @ts-expect-error an undocumented status
    () => reply(LIST, { status: 404 }),
    // @ts-expect-error an undocumented status from a function
    () => reply(LIST, () => ({ status: 404 })),
    // @ts-expect-error a success's body for an error, from a function
    () => reply(LIST, () => ({ status: 422, body: [] })),
    // @ts-expect-error another status's example
    () => reply(LIST, { example: "pydantic-1" }),
    // @ts-expect-error another operation's example
    () => reply("user.me", { status: 403, example: "unknown-id" }),
    // @ts-expect-error a body of a wrong shape
    () => reply(LIST, { body: {} }),
    // @ts-expect-error a body that lacks required fields
    () => reply(LIST, { body: [{ id: 1 }] }),
    // @ts-expect-error a success's body for an error
    () => reply(LIST, { status: 422, body: [] }),
    // @ts-expect-error a body and an example
    () => reply(LIST, { body: [], example: "example" }),
    // @ts-expect-error a body where there is none
    () => reply("connectors.delete", { body: {} }),
    // @ts-expect-error a misspelt option
    () => reply(LIST, { delay: 5 }),
    // @ts-expect-error a misspelt operation
    () => reply.raw("connectors.lists", {}),
    // @ts-expect-error an answer and none
    () => reply.raw(LIST, { networkError: true, status: 500 }),
    // @ts-expect-error no statuses
    () => reply.task({ data: {} }),
    // @ts-expect-error an operation that the contract does not have
    () => recordRequests(setupServer())[0]?.operation === "connectors.lists",
    // @ts-expect-error no server
    () => recordRequests({}),
  ];
  expectTypeOf(wrong).toBeArray();
});

test("the compile error for an undocumented status names the documented ones", () => {
  const file = resolve("undocumented-status.ts");
  const text = `
    import { reply } from "./src/testing/index.js";
    reply("connectors.list", { status: 404 });
    reply("user.me", { status: 418, body: { detail: "no" } });`;
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile("tsconfig.json", ts.sys.readFile).config,
    ts.sys,
    ".",
  );
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.readFile = (name) => (name === file ? text : readFile(name));
  const program = ts.createProgram([file], options, host);
  const messages = program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))
    // The compiler lists the statuses in the order in which it met them.
    .map((message) => [...(/to type '([\d |]+) \| undefined'/.exec(message)?.[1] ?? "").split(" | ")].sort());
  expect(messages).toEqual([
    ["200", "422"],
    ["200", "403", "422"],
  ]);
}, 60_000);
