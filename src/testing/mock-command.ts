/** Runs the replay server, or the simulator, for the command `databar-client mock`. */
import { BlockList, isIP } from "node:net";
import { createFaults, type Fault } from "./faults.js";
import type { RunningServer, ServedRequest } from "./http-server.js";
import { type ReplayServerOptions, startReplayServer } from "./server.js";
import type { SimulatedFault } from "./simulator/options.js";
import { startSimulator } from "./simulator/start.js";

/** The options of the command. */
export interface MockOptions extends ReplayServerOptions {
  /** Shares of requests that fail, such as `503:0.1`. */
  fail?: string[] | undefined;
  /** Starts the simulator instead of the replay server. */
  simulate?: boolean | undefined;
  /** Requests per second that the simulator accepts. */
  rateLimit?: number | undefined;
  /** The simulator's credits at the start. */
  balance?: number | undefined;
}

/** What the server is given by its surroundings. */
export interface MockIo {
  /** Writes the address, and a line per request. */
  write: (text: string) => unknown;
  warn: (text: string) => void;
  /** Ends the server. */
  signal: AbortSignal;
}

/** The server cannot start. The message names the reason and what to do. */
export class MockError extends Error {}

/**
 * Serves until the signal is aborted.
 *
 * @throws MockError for wrong options, a port in use, or an address of another machine.
 */
export async function runMock(
  { fail = [], port = 4010, host = "127.0.0.1", simulate, rateLimit, balance, ...more }: MockOptions,
  { write, warn, signal }: MockIo,
): Promise<void> {
  if (host.trim() === "") {
    throw new MockError("--host must be an address or a name, such as 127.0.0.1");
  }
  const faults = readFaults(fail);
  // The listener comes first: an interrupt while the server starts must end it, too.
  const end = new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) {
      resolve();
    }
  });
  const onRequest = (request: ServedRequest): unknown => write(logLine(request));
  let server: RunningServer;
  try {
    server = await (simulate
      ? startSimulator({ ...more, port, host, rateLimit, balance, faults: faults.map(toSimulated), onRequest })
      : startReplayServer({ ...more, port, host, faults, onRequest }));
  } catch (error) {
    throw new MockError(listenProblem(error, port, host), { cause: error });
  }
  if (!isLoopback(host)) {
    warn(`Warning: other machines can reach ${host}. Without --host, only this machine can.`);
  }
  write(`Databar ${simulate ? "simulator" : "replay server"} at ${server.url} (end with Ctrl-C)\n`);
  await end;
  await server.close();
}

/** One line of the log. It has neither query nor headers, which may be secret. */
function logLine({ method, path, status, durationMs }: ServedRequest): string {
  return `${method} ${path} ${status} ${durationMs.toFixed(1)} ms\n`;
}

function readFaults(texts: readonly string[]): Fault[] {
  const faults = texts.map((text): Fault => {
    const [, status, share] = /^([45]\d\d):(0?\.\d+|[01](?:\.0*)?)$/.exec(text) ?? [];
    if (!status || !share) {
      throw new MockError(
        `--fail must be a status from 400 to 599 and a share from 0 to 1, such as 503:0.1, got ${JSON.stringify(text)}`,
      );
    }
    return { status: Number(status), share: Number(share) };
  });
  try {
    createFaults(faults, 1);
  } catch {
    throw new MockError(`the shares of --fail must add up to at most 1, got ${texts.join(" and ")}`);
  }
  return faults;
}

function toSimulated({ status, share }: Fault): SimulatedFault {
  return { answer: status, share };
}

function listenProblem(error: unknown, port: number, host: string): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is in use; choose another one with --port, or any free one with --port 0`;
    case "EACCES":
      return `port ${port} needs more permissions; choose one from 1024 with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine; choose one with --host, or omit --host`;
    default:
      return `cannot listen on ${host}, port ${port}: ${message}`;
  }
}

function isLoopback(host: string): boolean {
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8, "ipv4");
  loopback.addAddress("::1", "ipv6");
  const family = isIP(host);
  return family === 0 ? host.toLowerCase() === "localhost" : loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}
