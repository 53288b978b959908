/**
 * The server of the conformance program. The first path segment names a scenario, the second a run:
 * `http://127.0.0.1:PORT/retry-get/7` is the base URL of one check in one runtime.
 *
 * The program asks `GET /seen/<run>` which requests arrived, and reports with `POST /report`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Outcome } from "./check.js";

/** What the server saw of one run. */
export interface Seen {
  /** `GET /v1/connectors/`, in the order of arrival, without preflights. */
  requests: string[];
  keys: string[];
  bodies: string[];
  /** Responses whose connection was closed by the client before the response ended. */
  cancelled: number;
  /** The most requests that waited for a response at the same time. */
  atOnce: number;
}

/** One request within a scenario. */
interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  body: string;
  /** 1 for the first request of this method and path. */
  nth: number;
  seen: Seen;
}

const CORS = {
  "access-control-allow-origin": "*",
  // What the client sends, no more: the platform must add nothing that needs a permission.
  "access-control-allow-headers": "x-apikey, content-type",
  "access-control-allow-methods": "GET, POST",
  "access-control-expose-headers": "*",
  // Otherwise Chromium asks before each request.
  "access-control-max-age": "600",
};

const TABLE_PAGES = 3;
const PAGE_SIZE = 100;
const BIG_LIST_LENGTH = 20_000;

function json({ response }: Exchange, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...CORS, "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

function destroy({ request }: Exchange): void {
  request.socket.resetAndDestroy();
}

/** Sends the head and a part of the body. */
function sendPart({ response }: Exchange, part: string): Promise<void> {
  response.writeHead(200, { ...CORS, "content-type": "application/json", "content-length": "500" });
  return new Promise((resolve) => response.write(part, () => resolve()));
}

let bigList: string | undefined;

/** About 4 MB. Umlauts and emoji make sure that chunks end within a character. */
function bigListText(): string {
  bigList ??= JSON.stringify(
    Array.from({ length: BIG_LIST_LENGTH }, (_, id) => ({ id, name: `Größe 🙂 ${id}`, headers: "é".repeat(40) })),
  );
  return bigList;
}

function rowsPage(exchange: Exchange): void {
  const { searchParams } = new URL(exchange.request.url ?? "", "http://server");
  const page = Number(searchParams.get("page"));
  const data = Array.from({ length: PAGE_SIZE }, (_, n) => ({ id: `row ${(page - 1) * PAGE_SIZE + n}` }));
  json(exchange, 200, { data, has_next_page: page < TABLE_PAGES, page, total_count: TABLE_PAGES * PAGE_SIZE });
}

/** An accepted run, then a task that completes at its third poll. Every response may be cached. */
function runAndWait(exchange: Exchange): void {
  const cacheable = { "cache-control": "max-age=60" };
  if (exchange.request.method === "POST") {
    json(exchange, 200, { task_id: "task-1", status: "processing" });
  } else if (exchange.nth < 3) {
    json(exchange, 200, { task_id: "task-1", status: "processing", data: null }, cacheable);
  } else {
    json(
      exchange,
      200,
      { task_id: "task-1", status: "completed", data: { email: "ada@northwind.example" } },
      cacheable,
    );
  }
}

/** Errors by the connector's id. */
function error(exchange: Exchange): void {
  const id = exchange.request.url?.split("/").at(-1);
  if (id === "404") {
    json(exchange, 404, { detail: "Connector not found" }, { "x-request-id": "request-1" });
  } else if (id === "422") {
    const detail = [{ type: "missing", loc: ["header", "x-apikey"], msg: "Field required", input: null }];
    json(exchange, 422, { detail });
  } else if (id === "429") {
    json(exchange, 429, { detail: "Too many requests" }, { "retry-after": "7" });
  } else {
    exchange.response.writeHead(500, { ...CORS, "content-type": "text/plain" }).end("Internal Server Error");
  }
}

/** After 20 ms: a connector with the id of the path, or a task with the id of the enrichment. */
function slow(exchange: Exchange): void {
  const { pathname } = new URL(exchange.request.url ?? "", "http://server");
  const id = Number(/\d+(?=$|\/run$)/.exec(pathname)?.[0]);
  const isRun = pathname.endsWith("/run");
  setTimeout(() => json(exchange, 200, isRun ? { task_id: `task-${id}`, status: "processing" } : { id }), 20);
}

type Scenario = (exchange: Exchange) => unknown;

/** By the first segment of the path. */
function scenarios(otherOrigin: string): Record<string, Scenario> {
  return {
    list: (exchange) => json(exchange, 200, [{ id: 1, name: "Größe 🙂" }]),
    errors: error,
    "retry-503": (exchange) =>
      exchange.nth < 3 ? json(exchange, 503, { detail: "busy" }, { "retry-after-ms": "1" }) : json(exchange, 200, []),
    "retry-429": (exchange) =>
      exchange.nth < 2
        ? json(exchange, 429, { detail: "slow down" }, { "retry-after-ms": "1" })
        : json(exchange, 200, { task_id: "task-1", status: "processing" }),
    reset: destroy,
    "reset-post": (exchange) => (exchange.request.method === "POST" ? destroy(exchange) : json(exchange, 200, [])),
    stall: () => {},
    "stall-body": (exchange) => sendPart(exchange, "["),
    redirect: ({ response }) =>
      response.writeHead(307, { ...CORS, location: `${otherOrigin}/elsewhere/stolen/v1/connectors/` }).end(),
    elsewhere: (exchange) => json(exchange, 200, []),
    truncated: (exchange) =>
      sendPart(exchange, '{"task_id": "tas').then(() => setTimeout(() => exchange.request.socket.destroy(), 10)),
    "not-json": ({ response }) =>
      response.writeHead(200, { ...CORS, "content-type": "text/html" }).end("<html>maintenance</html>"),
    big: ({ response }) => response.writeHead(200, { ...CORS, "content-type": "application/json" }).end(bigListText()),
    paging: rowsPage,
    task: runAndWait,
    cacheable: (exchange) => json(exchange, 200, [{ id: exchange.nth }], { "cache-control": "max-age=60" }),
    slow,
  };
}

export interface ConformanceServer {
  url: string;
  /** Resolves with the next report of this runtime. */
  report(runtime: string): Promise<Outcome[]>;
  /** Every request of a scenario, of all runs. */
  readonly arrived: string[];
  close(): void;
}

/** @param otherOrigin - Where the redirect points to. It must be another origin. */
export async function startServer(otherOrigin = "http://127.0.0.1:9"): Promise<ConformanceServer> {
  const table = scenarios(otherOrigin);
  const runs = new Map<string, Seen>();
  const counts = new Map<string, number>();
  const waiting = new Map<string, number>();
  const arrived: string[] = [];
  const reports = new Map<string, (outcomes: Outcome[]) => void>();

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://server");
    const [, scenario = "", run = "", ...rest] = url.pathname.split("/");
    if (request.method === "OPTIONS") {
      response.writeHead(204, CORS).end();
      return;
    }
    const body = await text(request).catch(() => "");
    if (scenario === "seen") {
      response.writeHead(200, { ...CORS, "cache-control": "no-store" }).end(JSON.stringify(seenOf(run)));
      return;
    }
    if (scenario === "report") {
      response.writeHead(200, CORS).end();
      reports.get(run)?.(JSON.parse(body));
      return;
    }
    const behave = table[scenario];
    if (!behave) {
      response.writeHead(404, CORS).end();
      return;
    }
    const seen = seenOf(run);
    const name = `${request.method} /${rest.join("/")}`;
    const nth = (counts.get(`${run} ${name}`) ?? 0) + 1;
    counts.set(`${run} ${name}`, nth);
    seen.requests.push(name);
    arrived.push(name);
    seen.keys.push(`${request.headers["x-apikey"]}`);
    seen.bodies.push(body);
    waiting.set(run, (waiting.get(run) ?? 0) + 1);
    seen.atOnce = Math.max(seen.atOnce, waiting.get(run) ?? 0);
    response.once("close", () => {
      waiting.set(run, (waiting.get(run) ?? 0) - 1);
      seen.cancelled += response.writableFinished ? 0 : 1;
    });
    behave({ request, response, body, nth, seen });
  });
  function seenOf(run: string): Seen {
    const seen = runs.get(run) ?? { requests: [], keys: [], bodies: [], cancelled: 0, atOnce: 0 };
    runs.set(run, seen);
    return seen;
  }
  // A connection that is closed for idleness while a request is on its way would look like a failure.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    report: (runtime) => new Promise((resolve) => reports.set(runtime, resolve)),
    arrived,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
