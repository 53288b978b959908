/** The replay over HTTP, for clients in any language: it behaves as the API does where a client notices. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { PlainRequest } from "./checks.js";
import { KEY_HEADER } from "./contract.js";
import { corsHeaders, preflight } from "./cors.js";
import { createFaults, type Fault } from "./faults.js";
import { json, type PlainAnswer, Replay } from "./replay.js";

/** What a replay server tells of a request when it has answered it. */
export interface ServedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** 499 where the client had gone before the answer. */
  readonly status: number;
  readonly durationMs: number;
}

/** Options of {@link startReplayServer}. */
export interface ReplayServerOptions {
  /** Default: any that is free. */
  port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`, which only this machine reaches. */
  host?: string | undefined;
  /** Milliseconds to wait before each answer. Default: none. */
  latencyMs?: number | undefined;
  /** Statuses that a share of the requests gets. Default: none. */
  faults?: readonly Fault[] | undefined;
  /** Which requests fail: the same for the same seed. Default: 1. */
  seed?: number | undefined;
  /** Called after each answer. */
  onRequest?: ((request: ServedRequest) => void) | undefined;
}

/** A running replay server. */
export interface ReplayServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

/** The largest body that is read. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/**
 * Serves the contract's examples over HTTP.
 *
 * @throws the platform's error where it cannot listen: `EADDRINUSE` for a port that is taken.
 * @throws RangeError for faults that cannot be.
 */
export async function startReplayServer(options: ReplayServerOptions = {}): Promise<ReplayServer> {
  const { port = 0, host = "127.0.0.1", latencyMs = 0, faults = [], seed = 1, onRequest } = options;
  const replay = new Replay();
  const nextFault = createFaults(faults, seed);
  const closing = new AbortController();

  const answer = (incoming: IncomingMessage, body: string): PlainAnswer => {
    const allowed = preflight(incoming.method, incoming.headers);
    if (allowed) {
      return allowed;
    }
    const fault = nextFault();
    if (fault) {
      return fault;
    }
    const request = toPlain(incoming, body);
    const found = replay.answer(request);
    return "kind" in found ? redirect(incoming, found.path, request.query) : found;
  };

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const start = performance.now();
    if (onRequest) {
      outgoing.once("close", () => onRequest(served(incoming, outgoing, start)));
    }
    // Read in any case: an answer before the end of the body would look like a broken connection to some clients.
    const body = hasBody(incoming) ? await readBody(incoming) : "";
    if (latencyMs > 0) {
      await sleep(latencyMs, undefined, { signal: closing.signal });
    }
    send(
      incoming,
      outgoing,
      body === undefined ? json(413, { detail: "Request Entity Too Large" }) : answer(incoming, body),
    );
  };

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch((error) => fail(outgoing, error, closing.signal));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  return {
    url: urlOf(server),
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toPlain({ method = "GET", url = "/", headers }: IncomingMessage, body: string): PlainRequest {
  // A proxy's client sends the whole URL.
  const target = url.startsWith("/") ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
  const mark = target.indexOf("?");
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    hasKey: headers[KEY_HEADER] !== undefined,
    contentType: headers["content-type"],
    body,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** The body as text; undefined for one that is too large. */
async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) {
      chunks.push(chunk);
    }
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
}

/** As FastAPI does it: absolute, with the scheme that the server itself sees, no body. */
function redirect({ headers, socket }: IncomingMessage, path: string, query: string): PlainAnswer {
  const host = headers.host ?? `${socket.localAddress}:${socket.localPort}`;
  const location = `http://${host}${path}${query === "" ? "" : `?${query}`}`;
  return { status: 307, headers: { location }, body: null };
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, { status, headers, body }: PlainAnswer): void {
  const length = status === 204 ? {} : { "content-length": body === null ? 0 : Buffer.byteLength(body) };
  outgoing.writeHead(status, { ...headers, ...length, ...corsHeaders(incoming.headers) });
  outgoing.end(body ?? undefined);
}

/** A request that was cut off needs no answer; anything else is a fault of ours, and is told as one. */
function fail(outgoing: ServerResponse, error: unknown, closing: AbortSignal): void {
  if (closing.aborted || outgoing.destroyed || outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  outgoing.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(`Internal Server Error: ${error}`);
}

function served({ method = "", url = "" }: IncomingMessage, outgoing: ServerResponse, start: number): ServedRequest {
  const status = outgoing.headersSent ? outgoing.statusCode : 499;
  return { method, path: url.replace(/\?.*$/s, ""), status, durationMs: performance.now() - start };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  // Nobody can ask "any address": it is this machine's own that is meant.
  const own = { "0.0.0.0": "127.0.0.1", "::": "::1" }[address] ?? address;
  return `http://${family === "IPv6" ? `[${own}]` : own}:${port}`;
}
