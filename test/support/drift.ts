/** Response bodies for the drift tests: the contract's examples, and clients that get a response from the test. */

import { examples } from "../../src/generated/examples.gen.js";
import { Databar, type Hooks } from "../../src/index.js";

export interface ExampleBody {
  operation: string;
  status: number | "request";
  name: string;
  body: unknown;
}

/** Every example of the contract. */
export const exampleBodies: readonly ExampleBody[] = Object.entries(examples).flatMap(([operation, statuses]) =>
  Object.entries(statuses).flatMap(([status, mediaTypes]) =>
    Object.values(mediaTypes as Record<string, Record<string, { value: unknown }>>).flatMap((named) =>
      Object.entries(named).map(([name, { value }]) => ({
        operation,
        status: status === "request" ? status : Number(status),
        name,
        body: value,
      })),
    ),
  ),
);

/** A client that gets the same response to every request. */
export function answering(body: unknown, hooks: Hooks, status = 200): Databar {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return new Databar({
    apiKey: "test-key-5f2d",
    maxRetries: 0,
    hooks,
    fetch: async () => new Response(text, { status, headers: { "content-type": "application/json" } }),
  });
}
