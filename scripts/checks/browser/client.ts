/** The client alone, over the browser's own fetch and CORS. */
import { AbortError, ConnectionError, Databar, NotFoundError, RedirectError, TimeoutError } from "databar-client";
import { check, equal, failure } from "./check.js";

/** Asks two servers of other origins: one whose connectors' ids say what happens, and the replay server. */
export async function checkClient(api: string, replay: string): Promise<void> {
  const databar = new Databar({ apiKey: "any", baseUrl: api, maxRetries: 0 });
  const { connectors } = databar;

  await check("client: a list", async () => equal(await connectors.list(), []));
  await check("client: a 404", async () => {
    const { message } = await failure(connectors.get(404), NotFoundError);
    equal(message, "GET /v1/connectors/{connector_id} -> 404: Connector not found");
  });
  await check("client: a timeout", () => failure(connectors.get(0, { timeoutMs: 50 }), TimeoutError));
  await check("client: an abort", () => failure(connectors.get(0, { signal: AbortSignal.timeout(50) }), AbortError));
  await check("client: a redirect", () => failure(connectors.get(307), RedirectError));
  await check("client: a broken connection", () => failure(connectors.get(1), ConnectionError));
  await check("client: a POST to the replay server", async () => {
    const { enrichments } = new Databar({ apiKey: "any", baseUrl: replay });
    const { status } = await enrichments.runAndWait(833, { params: { name: "Ada" } }, { pollIntervalMs: 1 });
    equal(status, "completed");
  });
}
