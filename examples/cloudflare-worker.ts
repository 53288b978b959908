/**
 * A Cloudflare Worker that runs an enrichment for many domains, and streams the progress as server-sent events:
 * `accepted`, `progress`, then `done` with the results, or `error`.
 *
 * Save it as `src/index.ts` of a Worker, store the key with `npx wrangler secret put DATABAR_API_KEY`, then
 * `npx wrangler dev`, and ask it:
 *
 *     curl -N -X POST localhost:8787 -d '{"domains":["stripe.com","figma.com"]}'
 *
 * A Worker is an object with a `fetch` method that takes a standard Request, so nothing of Cloudflare is imported. Protect
 * the Worker as anything else that spends money.
 */
import { Databar, DatabarError } from "databar-client";

interface Env {
  DATABAR_API_KEY: string;
}

/** The part of the platform's context that is used here. */
interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

const ENRICHMENT_ID = 833;
const MOST_DOMAINS = 100;

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const body: unknown = await request.json().catch(() => undefined);
    const domains = typeof body === "object" && body !== null && "domains" in body ? body.domains : undefined;
    if (!Array.isArray(domains) || domains.length === 0 || domains.length > MOST_DOMAINS) {
      return Response.json({ error: `Send {"domains": [...]} with 1 to ${MOST_DOMAINS} domains` }, { status: 400 });
    }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const stream = new EventStream(writable);
    // The response begins at once. The work continues while the client reads it.
    context.waitUntil(enrich(domains.map(String), env, stream));
    return new Response(readable, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
    });
  },
};

async function enrich(domains: string[], env: Env, stream: EventStream): Promise<void> {
  try {
    const databar = new Databar({ apiKey: env.DATABAR_API_KEY });
    const params = domains.map((domain) => ({ domain }));
    const task = await databar.enrichments.bulkRunAndWait<{ email?: string }>(
      ENRICHMENT_ID,
      { params },
      {
        onAccepted: (taskId) => stream.send("accepted", { taskId }),
        onProgress: ({ status, progress }) => stream.send("progress", { status, completed: progress?.completed ?? 0 }),
      },
    );
    const emails = domains.map((domain, index) => ({ domain, email: task.data?.[index]?.email ?? null }));
    await stream.send("done", { emails, credits: task.credits_spent });
  } catch (error) {
    console.error(error);
    const taskId = error instanceof DatabarError ? error.taskId : undefined;
    // If the reader has left, nobody can be told.
    await stream.send("error", { error: "The run failed", taskId }).catch(() => {});
  } finally {
    await stream.close().catch(() => {});
  }
}

/** Writes server-sent events. A write rejects once the reader has left. */
class EventStream {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #encoder = new TextEncoder();

  constructor(writable: WritableStream<Uint8Array>) {
    this.#writer = writable.getWriter();
  }

  async send(event: string, data: unknown): Promise<void> {
    await this.#writer.write(this.#encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  }

  close(): Promise<void> {
    return this.#writer.close();
  }
}
