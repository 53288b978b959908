import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll } from "vitest";
import { Databar } from "../../src/index.js";

export const KEY = "test-key-5f2d";

/** A received request. */
export interface SeenRequest {
  method: string;
  pathname: string;
  search: string;
  key: string | null;
  /** Parsed JSON. `undefined` if the request had no body. */
  body: unknown;
}

/** The response to every request. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | undefined;
}

/** A mock of the API for the tests of one file. It returns one response and records the requests. */
export function mockApi() {
  const seen: SeenRequest[] = [];
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
  afterEach(() => {
    server.resetHandlers();
    seen.length = 0;
  });
  afterAll(() => server.close());

  return {
    seen,
    server,
    /** A client without retries, so that each call is one request. */
    databar: new Databar({ apiKey: KEY, maxRetries: 0 }),
    answer({ status, headers = {}, body }: Answer): void {
      server.use(
        http.all("*", async ({ request }) => {
          const url = new URL(request.url);
          const text = await request.text();
          seen.push({
            method: request.method,
            pathname: url.pathname,
            search: url.search,
            key: request.headers.get("x-apikey"),
            body: text === "" ? undefined : JSON.parse(text),
          });
          return new HttpResponse(body ?? null, { status, headers });
        }),
      );
    },
    answerJson(status: number, body: unknown): void {
      this.answer({ status, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    },
  };
}
