import { Databar } from "databar-client";
import { createHandlers, recordRequests, reply } from "databar-client/testing";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const server = setupServer(...createHandlers());
const requests = recordRequests(server);
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test("a workspace without connectors", async () => {
  server.use(reply("connectors.list", { body: [] }));
  expect(await new Databar({ apiKey: "any" }).connectors.list()).toEqual([]);
  expect(requests).toMatchObject([{ operation: "connectors.list", query: {} }]);
});
