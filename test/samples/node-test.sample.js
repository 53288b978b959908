import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { Databar } from "databar-client";
import { createHandlers, reply } from "databar-client/testing";
import { setupServer } from "msw/node";

const server = setupServer(...createHandlers());
before(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
after(() => server.close());

test("a run that takes a while", async () => {
  server.use(reply.task({ statuses: ["processing", "completed"], data: { email: "ada@northwind.example" } }));
  const databar = new Databar({ apiKey: "any" });
  const task = await databar.enrichments.runAndWait(833, { params: { name: "Ada" } }, { pollIntervalMs: 1 });
  assert.deepEqual(task.data, { email: "ada@northwind.example" });
});
