/**
 * A route of a Next.js application: finds the work email of a company's contact. The key stays on the server.
 *
 * Save it as `app/api/work-email/route.ts`, set DATABAR_API_KEY in `.env.local`, and ask it:
 *
 *     curl -X POST localhost:3000/api/work-email -d '{"domain":"stripe.com"}'
 *
 * A route handler is a function from a standard Request to a standard Response, so nothing of Next.js is imported. Protect
 * the route as any other that spends money.
 */
import { Databar, InsufficientCreditsError, RateLimitError, TaskError, TaskTimeoutError } from "databar-client";

/** The enrichment "Find work email". */
const ENRICHMENT_ID = 833;

/** For how many seconds the platform lets the route run: longer than the wait below. */
export const maxDuration = 60;

/** One client for all requests: it holds the key and the pace of the requests, and no connection. */
let databar: Databar | undefined;

export async function POST(request: Request): Promise<Response> {
  const body: unknown = await request.json().catch(() => undefined);
  const domain = typeof body === "object" && body !== null && "domain" in body ? body.domain : undefined;
  if (typeof domain !== "string" || !/^[a-z\d-]+(\.[a-z\d-]+)+$/i.test(domain)) {
    return Response.json({ error: 'Send JSON such as {"domain":"stripe.com"}' }, { status: 400 });
  }
  databar ??= new Databar();
  try {
    const run = { params: { domain } };
    const task = await databar.enrichments.runAndWait<{ email?: string }>(ENRICHMENT_ID, run, {
      timeoutMs: 50_000,
      signal: request.signal, // the visitor has left: stop to wait
    });
    return Response.json({ email: task.data?.email ?? null });
  } catch (error) {
    return errorResponse(error);
  }
}

/** What the visitor may know. The error itself goes to the log of the server. */
function errorResponse(error: unknown): Response {
  console.error(error);
  if (error instanceof TaskTimeoutError) {
    // The run is paid: another route can wait for its result with `databar.tasks.wait(taskId)`.
    return Response.json({ error: "Still running", taskId: error.taskId }, { status: 202 });
  }
  if (error instanceof RateLimitError) {
    const seconds = Math.ceil((error.retryAfterMs ?? 1_000) / 1_000);
    return Response.json({ error: "Busy" }, { status: 429, headers: { "retry-after": String(seconds) } });
  }
  if (error instanceof InsufficientCreditsError) {
    return Response.json({ error: "Not available at the moment" }, { status: 503 });
  }
  return Response.json({ error: error instanceof TaskError ? "Not found" : "Failed" }, { status: 502 });
}
