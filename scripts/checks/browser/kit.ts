/** The testing kit over MSW's service worker. */
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
import { setupWorker } from "msw/browser";
import { check, equal, failure } from "./check.js";

const worker = setupWorker(...createHandlers({ origin: "https://api.databar.ai" }));
const requests = recordRequests(worker);
const { connectors, enrichments, tables } = new Databar({ apiKey: "any", maxRetries: 0 });

/** As {@link check}, with the handlers and the list of requests as they were. */
async function checkWith(name: string, run: () => Promise<unknown>): Promise<void> {
  requests.length = 0;
  await check(`testing kit: ${name}`, run);
  worker.resetHandlers();
}

export async function checkKit(): Promise<void> {
  await check("testing kit: the service worker", () => worker.start({ onUnhandledRequest: "error" }));
  await checkWith("createHandlers", async () => equal((await connectors.list()).length > 0, true));
  await checkWith("pages", async () => {
    let rows = 0;
    for await (const _ of tables.rows.iterate("3fa85f64-5717-4562-b3fc-2c963f66afa6")) {
      rows++;
    }
    equal([rows > 0, requests.length > 0], [true, true]);
  });
  await checkWith("reply, a body of one's own, once", async () => {
    worker.use(reply("connectors.list", { body: [], times: 1 }));
    equal([(await connectors.list()).length, (await connectors.list()).length > 0], [0, true]);
  });
  await checkWith("reply.task", async () => {
    worker.use(reply.task({ statuses: ["processing", "completed"], data: { email: "ada@northwind.example" } }));
    const { data } = await enrichments.runAndWait(833, { params: { name: "Ada" } }, { pollIntervalMs: 1 });
    equal(data, { email: "ada@northwind.example" });
  });
  await checkWith("recordRequests", async () => {
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
  await checkWith("a request that the API refuses: 422", async () => {
    const { issues } = await failure(
      enrichments.run(833, {} as { params: { [name: string]: unknown } }),
      ValidationError,
    );
    equal(
      issues.map(({ path }) => path),
      ["body.params"],
    );
  });
  await checkWith("reply, a 422", async () => {
    worker.use(reply("connectors.list", { status: 422 }));
    await failure(connectors.list(), ValidationError);
  });
  await checkWith("a redirect", async () => {
    worker.use(reply.raw("connectors.list", { status: 307, headers: { location: "https://elsewhere.example/" } }));
    await failure(connectors.list(), RedirectError);
  });
  await checkWith("no answer", async () => {
    worker.use(reply.raw("connectors.list", { networkError: true }));
    await failure(connectors.list(), ConnectionError);
  });
  await checkWith("half an answer", async () => {
    worker.use(reply.raw("connectors.list", { body: "[", truncated: true }));
    await failure(connectors.list(), ConnectionError);
  });
  await checkWith("not JSON", async () => {
    worker.use(reply.raw("connectors.list", { body: "<html>" }));
    await failure(connectors.list(), ResponseParseError);
  });
  await checkWith("a path that the contract does not have never leaves the page", async () => {
    const { status, statusText } = await fetch("https://api.databar.ai/v1/connectors");
    equal([status, statusText], [500, "Request Handler Error"]);
  });
  await checkWith("an abort", async () => {
    worker.use(reply("connectors.list", { delayMs: 200 }));
    await failure(connectors.list({ signal: AbortSignal.timeout(50) }), AbortError);
  });
  await checkWith("a timeout", async () => {
    worker.use(reply("connectors.list", { delayMs: 200 }));
    await failure(connectors.list({ timeoutMs: 50 }), TimeoutError);
  });
  // The answers that nobody waits for any more must do no harm, either.
  await new Promise((resolve) => setTimeout(resolve, 300));

  worker.stop();
}
