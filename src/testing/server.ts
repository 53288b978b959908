/** The replay over HTTP, for clients in any language: it behaves as the API does where a client notices. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { keyHeader } from "../generated/routes.gen.js";
import type { PlainRequest } from "./checks.js";
import { corsHeaders, preflight } from "./cors.js";
import { createFaults, type Fault } from "./faults.js";
import { json, type PlainAnswer, Replay } from "./replay.js";
import { TaskCourse } from "./task-course.js";

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
  const course = new TaskCourse();
  const nextFault = createFaults(faults, seed);
  const waiting = new Set<NodeJS.Timeout>();

  const answer = (incoming: IncomingMessage, body: string | undefined): PlainAnswer => {
    if (body === undefined) {
      return json(413, { detail: "Request Entity Too Large" });
    }
    const special = preflight(incoming.method, incoming.headers) ?? nextFault();
    if (special) {
      return special;
    }
    const request = toPlain(incoming, body);
    const found = replay.answer(request, (match) => course.choice(match));
    if ("kind" in found) {
      return redirect(incoming, found.path, request.query);
    }
    course.note(request.path, found);
    return found;
  };

  const respond = (incoming: IncomingMessage, outgoing: ServerResponse, body: string | undefined): void => {
    try {
      send(incoming, outgoing, answer(incoming, body));
    } catch (error) {
      fail(outgoing, error);
    }
  };

  const server = createServer((incoming, outgoing) => {
    if (onRequest) {
      const start = performance.now();
      outgoing.once("close", () => onRequest(served(incoming, outgoing, start)));
    }
    // Read in any case: an answer before the end of the body would look like a broken connection to some clients.
    readBody(incoming, (body) => {
      if (latencyMs === 0) {
        respond(incoming, outgoing, body);
        return;
      }
      const timer = setTimeout(() => {
        waiting.delete(timer);
        respond(incoming, outgoing, body);
      }, latencyMs);
      waiting.add(timer);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, host, resolve);
  });
  return {
    url: urlOf(server),
    close: () =>
      new Promise((resolve) => {
        waiting.forEach(clearTimeout);
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
    hasKey: headers[keyHeader] !== undefined,
    contentType: headers["content-type"],
    body,
  };
}

/** Gives the body as text; undefined for one that is too large; nothing at all where the client breaks it off. */
function readBody(incoming: IncomingMessage, done: (body: string | undefined) => void): void {
  const { "transfer-encoding": encoding, "content-length": length = "0" } = incoming.headers;
  if (encoding === undefined && length === "0") {
    done("");
    return;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  incoming.on("data", (chunk: Uint8Array) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) {
      chunks.push(chunk);
    }
  });
  incoming.once("end", () => done(size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString()));
}

/** As FastAPI does it: absolute, with the scheme that the server itself sees, no body. */
function redirect({ headers, socket }: IncomingMessage, path: string, query: string): PlainAnswer {
  const host = headers.host ?? `${socket.localAddress}:${socket.localPort}`;
  const location = `http://${host}${path}${query === "" ? "" : `?${query}`}`;
  return { status: 307, headers: { location }, body: null };
}

/** The headers of the examples, which are sent again and again. */
const prepared = new WeakMap<PlainAnswer, Record<string, string | number>>();

function headersOf(answer: PlainAnswer): Record<string, string | number> {
  let headers = prepared.get(answer);
  if (!headers) {
    const length = answer.status === 204 ? {} : { "content-length": Buffer.byteLength(answer.body ?? "") };
    headers = { ...answer.headers, ...length };
    prepared.set(answer, headers);
  }
  return headers;
}

function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: PlainAnswer): void {
  const cors = corsHeaders(incoming.headers);
  outgoing.writeHead(answer.status, cors ? { ...headersOf(answer), ...cors } : headersOf(answer));
  // A text goes out together with the headers, bytes would not.
  outgoing.end(answer.body ?? undefined);
}

/** A fault of ours is told as one. */
function fail(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
  } else {
    outgoing.writeHead(500, { "content-type": "text/plain; charset=utf-8" }).end(`Internal Server Error: ${error}`);
  }
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
