/** The testing kit, over MSW's service worker in a browser and over its server elsewhere. */
import {
  AbortError,
  ConnectionError,
  Databar,
  RedirectError,
  ResponseParseError,
  TimeoutError,
  ValidationError,
} from "databar-client";
import { createHandlers, recordRequests, reply } from "databar-client/testing";
import { type Check, equal, failure } from "./check.js";

/** What MSW's `setupServer` and `setupWorker` have in common. */
type Mock = Parameters<typeof recordRequests>[0] & {
  use(...handlers: ReturnType<typeof createHandlers>): void;
  resetHandlers(): void;
};

/** Every operation, at the API's own origin only. */
export const handlers = () => createHandlers({ origin: "https://api.databar.ai" });

/**
 * The checks of the kit, to be run one after the other.
 *
 * @param worker - An MSW server or worker with {@link handlers}, which has been started.
 */
export function kitChecks(worker: Mock): Check[] {
  const requests = recordRequests(worker);
  const { connectors, enrichments, tables } = new Databar({ apiKey: "any", maxRetries: 0 });
  const checks: Check[] = [];

  /** Adds a check that starts with no requests and leaves no handlers. */
  function add(name: string, run: () => Promise<unknown>): void {
    checks.push({
      name: `testing kit: ${name}`,
      async run() {
        requests.length = 0;
        try {
          await run();
        } finally {
          worker.resetHandlers();
        }
      },
    });
  }

  add("createHandlers", async () => equal((await connectors.list()).length > 0, true));
  add("pages", async () => {
    let rows = 0;
    for await (const _ of tables.rows.iterate("3fa85f64-5717-4562-b3fc-2c963f66afa6")) {
      rows++;
    }
    equal([rows > 0, requests.length > 0], [true, true]);
  });
  add("reply, a body of one's own, once", async () => {
    worker.use(reply("connectors.list", { body: [], times: 1 }));
    equal([(await connectors.list()).length, (await connectors.list()).length > 0], [0, true]);
  });
  add("reply.task", async () => {
    worker.use(reply.task({ statuses: ["processing", "completed"], data: { email: "ada@northwind.example" } }));
    const { data } = await enrichments.runAndWait(833, { params: { name: "Ada" } }, { pollIntervalMs: 1 });
    equal(data, { email: "ada@northwind.example" });
  });
  add("recordRequests", async () => {
    await enrichments.run(833, { params: { name: "Ada" } });
    await enrichments.list({ q: "email" });
    const seen = requests.map(({ operation, path, query, body, headers }) => [
      operation,
      path,
      query,
      body,
      headers["x-apikey"],
    ]);
    equal(seen, [
      ["enrichments.run", { enrichment_id: "833" }, {}, { params: { name: "Ada" } }, "***"],
      ["enrichments.list", {}, { q: "email" }, null, "***"],
    ]);
  });
  add("a request that the API refuses: 422", async () => {
    const { issues } = await failure(
      enrichments.run(833, {} as { params: { [name: string]: unknown } }),
      ValidationError,
    );
    equal(
      issues.map(({ path }) => path),
      ["body.params"],
    );
  });
  add("reply, a 422", async () => {
    worker.use(reply("connectors.list", { status: 422 }));
    await failure(connectors.list(), ValidationError);
  });
  add("a redirect", async () => {
    worker.use(reply.raw("connectors.list", { status: 307, headers: { location: "https://elsewhere.example/" } }));
    await failure(connectors.list(), RedirectError);
  });
  add("no answer", async () => {
    worker.use(reply.raw("connectors.list", { networkError: true }));
    await failure(connectors.list(), ConnectionError);
  });
  add("half an answer", async () => {
    worker.use(reply.raw("connectors.list", { body: "[", truncated: true }));
    await failure(connectors.list(), ConnectionError);
  });
  add("not JSON", async () => {
    worker.use(reply.raw("connectors.list", { body: "<html>" }));
    await failure(connectors.list(), ResponseParseError);
  });
  add("a path that the contract does not have never leaves the program", async () => {
    // MSW's server makes fetch reject, its service worker responds.
    const outcome = await fetch("https://api.databar.ai/v1/connectors").then(
      ({ status, statusText }) => `${status} ${statusText}`,
      () => "rejected",
    );
    equal(["500 Request Handler Error", "rejected"].includes(outcome), true, outcome);
  });
  add("an abort", async () => {
    worker.use(reply("connectors.list", { delayMs: 200 }));
    await failure(connectors.list({ signal: AbortSignal.timeout(50) }), AbortError);
  });
  add("a timeout", async () => {
    worker.use(reply("connectors.list", { delayMs: 200 }));
    await failure(connectors.list({ timeoutMs: 50 }), TimeoutError);
  });
  add("responses that nobody waits for do no harm", () => new Promise((resolve) => setTimeout(resolve, 300)));
  return checks;
}
