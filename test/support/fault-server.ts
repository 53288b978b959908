/** A loopback server for fault injection: a test decides the bytes of each response, and reads the received requests. */
import { createServer, type Server, type Socket } from "node:net";

/** A request that arrived completely. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Headers;
  body: string;
}

/** Writes a response to the raw socket, or breaks the connection. */
export type Behaviour = (socket: Socket, request: SeenRequest) => void;

export interface FaultServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** Sets the behaviour for the next requests, and clears {@link FaultServer.requests}. */
  behave(behaviour: Behaviour): void;
  /** The requests since the last call of {@link FaultServer.behave}. */
  requests: SeenRequest[];
  /** The number of bytes that arrived since the start. */
  readonly bytes: number;
  /** The number of open connections that carried one of these requests. Node's fetch opens a new one after an abort. */
  readonly connections: number;
  close(): Promise<void>;
}

export async function startFaultServer(): Promise<FaultServer> {
  let behaviour: Behaviour = (socket) => socket.destroy();
  let bytes = 0;
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const used = new Set<Socket>();
  const server = createServer((socket) => {
    track(sockets, socket);
    socket.on("close", () => used.delete(socket));
    let pending: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk) => {
      bytes += chunk.byteLength;
      pending = Buffer.concat([pending, chunk]);
      for (let parsed = parseRequest(pending); parsed; parsed = parseRequest(pending)) {
        pending = parsed.rest;
        requests.push(parsed.request);
        used.add(socket);
        behaviour(socket, parsed.request);
      }
    });
  });
  return {
    url: await listen(server),
    behave(next) {
      behaviour = next;
      requests.length = 0;
      used.clear();
    },
    requests,
    get bytes() {
      return bytes;
    },
    get connections() {
      return used.size;
    },
    close: () => close(server, sockets),
  };
}

/** A server of another origin, which no request may reach. It records every byte and responds as the API would. */
export interface Recorder {
  url: string;
  readonly received: string;
  close(): Promise<void>;
}

export async function startRecorder(): Promise<Recorder> {
  let received = "";
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    track(sockets, socket);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      socket.write(answer(200, "[]"));
    });
  });
  return {
    url: await listen(server),
    get received() {
      return received;
    },
    close: () => close(server, sockets),
  };
}

/** The bytes of a well-formed response, with a content length unless the headers say otherwise. */
export function answer(
  status: number,
  body: string | Buffer = "",
  headers: Record<string, string> = {},
  reason = "Reason",
): Buffer {
  const bytes = Buffer.from(body);
  const names = Object.keys(headers);
  const framed = names.includes("content-length") || names.includes("transfer-encoding") || status === 204;
  const lines = Object.entries({ ...(framed ? {} : { "content-length": String(bytes.byteLength) }), ...headers });
  const head = [`HTTP/1.1 ${status} ${reason}`, ...lines.map(([name, value]) => `${name}: ${value}`), "", ""];
  return Buffer.concat([Buffer.from(head.join("\r\n"), "latin1"), bytes]);
}

/** The address of a port on which nothing listens. */
export async function closedPort(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await close(server, new Set());
  return url;
}

/** Waits at most five seconds for a condition, and returns whether it holds. */
export async function eventually(condition: () => boolean): Promise<boolean> {
  for (let round = 0; round < 1_000 && !condition(); round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return condition();
}

function parseRequest(bytes: Buffer): { request: SeenRequest; rest: Buffer } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) {
    return undefined;
  }
  const [first = "", ...lines] = bytes.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = first.split(" ");
  const headers = new Headers(lines.map((line): [string, string] => [...splitOnce(line)]));
  const length = Number(headers.get("content-length") ?? 0);
  const start = end + 4;
  if (bytes.byteLength < start + length) {
    return undefined;
  }
  const body = bytes.subarray(start, start + length).toString("utf8");
  return { request: { method, target, headers, body }, rest: bytes.subarray(start + length) };
}

function splitOnce(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.on("close", () => sockets.delete(socket));
  // Tests break connections on purpose.
  socket.on("error", () => {});
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
}

function close(server: Server, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) {
      socket.destroy();
    }
  });
}
