/** Answers plain requests over HTTP, on behalf of the replay server and the simulator. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { keyHeader } from "../generated/routes.gen.js";
import { decodeUtf8 } from "./body.js";
import { corsHeaders, preflight } from "./cors.js";
import { type Delivered, type Delivery, json, type PlainAnswer } from "./replay.js";
import type { PlainRequest } from "./request.js";

/** What a server reports about a request after its answer. */
export interface ServedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** 499 if the client disconnected before the answer. */
  readonly status: number;
  readonly durationMs: number;
}

/** Where to listen, and what to do with a request. */
export interface HttpServerOptions {
  readonly port: number;
  readonly host: string;
  readonly answer: (request: PlainRequest) => Delivered;
  readonly onRequest?: ((request: ServedRequest) => void) | undefined;
}

/** A running server. */
export interface RunningServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Ends the server and its connections. */
  close(): Promise<void>;
}

/** The largest body that is read. */
const MAX_BODY_BYTES = 64 * 2 ** 20;

/**
 * Starts a server.
 *
 * @throws the platform's error if it cannot listen, such as `EADDRINUSE` for a port that is taken.
 */
export async function startHttpServer({ port, host, answer, onRequest }: HttpServerOptions): Promise<RunningServer> {
  const waiting = new Set<NodeJS.Timeout>();

  const answerTo = (incoming: IncomingMessage, body: Uint8Array | undefined): PlainAnswer & Delivery => {
    if (body === undefined) {
      return json(413, { detail: "Request Entity Too Large" });
    }
    const special = preflight(incoming.method, incoming.headers);
    if (special) {
      return special;
    }
    const request = toPlain(incoming, body);
    const found = answer(request);
    return "kind" in found ? { ...found, ...redirect(incoming, found.path, request.query) } : found;
  };

  const respond = (incoming: IncomingMessage, outgoing: ServerResponse, body: Uint8Array | undefined): void => {
    try {
      const found = answerTo(incoming, body);
      if (found.onClose) {
        outgoing.destroyed ? found.onClose() : outgoing.once("close", found.onClose);
      }
      if (!found.delayMs) {
        send(incoming, outgoing, found);
        return;
      }
      const timer = setTimeout(() => {
        waiting.delete(timer);
        send(incoming, outgoing, found);
      }, found.delayMs);
      waiting.add(timer);
    } catch (error) {
      fail(outgoing, error);
    }
  };

  const server = createServer((incoming, outgoing) => {
    if (onRequest) {
      const start = performance.now();
      outgoing.once("close", () => onRequest(served(incoming, outgoing, start)));
    }
    // Read every body to its end: to some clients an earlier answer looks like a broken connection.
    readBytes(incoming, (body) => respond(incoming, outgoing, body));
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

function toPlain({ method = "GET", url = "/", headers }: IncomingMessage, body: Uint8Array): PlainRequest {
  // The client of a proxy sends the whole URL.
  const target = url.startsWith("/") ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, "");
  const mark = target.indexOf("?");
  return {
    method,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    hasKey: headers[keyHeader] !== undefined,
    contentType: headers["content-type"],
    body: body.length === 0 ? "" : decodeUtf8(body),
  };
}

const EMPTY = new Uint8Array();

/** Passes on the body: undefined if it is too large. Never calls `done` if the client disconnects. */
function readBytes(incoming: IncomingMessage, done: (body: Uint8Array | undefined) => void): void {
  const { "transfer-encoding": encoding, "content-length": length = "0" } = incoming.headers;
  if (encoding === undefined && length === "0") {
    done(EMPTY);
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
  incoming.once("end", () => done(size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks)));
}

/** FastAPI's redirect: an absolute URL with the scheme that the server itself sees, and no body. */
function redirect({ headers, socket }: IncomingMessage, path: string, query: string): PlainAnswer {
  const host = headers.host ?? `${socket.localAddress}:${socket.localPort}`;
  const location = `http://${host}${path}${query === "" ? "" : `?${query}`}`;
  return { status: 307, headers: { location }, body: null };
}

/** The headers of the examples, which are sent many times. */
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

function send(incoming: IncomingMessage, outgoing: ServerResponse, answer: PlainAnswer & Delivery): void {
  if (answer.broken === "reset") {
    incoming.socket.resetAndDestroy();
    return;
  }
  const cors = corsHeaders(incoming.headers);
  outgoing.writeHead(answer.status, cors ? { ...headersOf(answer), ...cors } : headersOf(answer));
  if (answer.broken === "truncate") {
    const body = Buffer.from(answer.body ?? "");
    outgoing.write(body.subarray(0, Math.floor(body.length / 2)), () => incoming.socket.destroy());
    return;
  }
  // A string is sent together with the headers; bytes would be sent separately.
  outgoing.end(answer.body ?? undefined);
}

/** A defect of the server itself is reported as a 500 that names it. */
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
  // A client cannot connect to "any address", so the URL names the loopback address.
  const own = { "0.0.0.0": "127.0.0.1", "::": "::1" }[address] ?? address;
  return `http://${family === "IPv6" ? `[${own}]` : own}:${port}`;
}
