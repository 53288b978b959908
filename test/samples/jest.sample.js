import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { Databar, ValidationError } from "databar-client";
import { createHandlers, reply } from "databar-client/testing";
import { setupServer } from "msw/node";

const server = setupServer(...createHandlers());
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test("a request that the API refuses", async () => {
  server.use(reply("connectors.list", { status: 422 }));
  await expect(new Databar({ apiKey: "any" }).connectors.list()).rejects.toThrow(ValidationError);
});
