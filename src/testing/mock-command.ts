/** `databar-client mock`: the replay server as a command. */
import { BlockList, isIP } from "node:net";
import { parseArgs } from "node:util";
import type { Fault } from "./faults.js";
import { type ReplayServer, type ReplayServerOptions, type ServedRequest, startReplayServer } from "./server.js";

/** Where the command writes, and what may end it. */
export interface MockIo {
  /** The address and one line per request. */
  stdout: { write(text: string): unknown };
  /** Warnings and errors. */
  stderr: { write(text: string): unknown };
  /** Ends the server, as Ctrl-C does. */
  signal?: AbortSignal | undefined;
}

const HELP = `Usage: databar-client mock [options]

Serves the examples of the Databar API's contract over HTTP: no key, no account, no network. Requests are checked as the
API checks them. Point a client at it as its base URL.

Options:
  --port NUMBER         port to listen on, 0 for any that is free (default 4010)
  --host ADDRESS        address to listen on (default 127.0.0.1: only this machine can ask)
  --latency MS          milliseconds to wait before each answer (default 0)
  --fail STATUS:SHARE   a share of the requests fails, such as 503:0.1 for a tenth; may be given several times
  --seed NUMBER         which requests fail: the same for the same seed (default 1)
  -h, --help            show this help

Each request gives one line: method, path, status, time. End it with Ctrl-C.
`;

/** The arguments are wrong; the message says what is accepted. */
class ArgumentError extends Error {}

/**
 * Runs `databar-client mock` until it is interrupted.
 *
 * @param args - What follows `mock` on the command line.
 * @returns The exit code: 0 when it was ended by Ctrl-C, SIGTERM or the signal, which is how a server ends when all is
 *   well, and after the help; 2 for wrong arguments, a port that is taken and an address that cannot be listened on.
 */
export async function runMock(args: string[], io: MockIo): Promise<number> {
  let options: ReplayServerOptions | "help";
  try {
    options = readArguments(args);
  } catch (error) {
    if (!(error instanceof ArgumentError)) {
      throw error;
    }
    io.stderr.write(`databar-client mock: ${error.message}\nTry: databar-client mock --help\n`);
    return 2;
  }
  if (options === "help") {
    io.stdout.write(HELP);
    return 0;
  }
  // Listened for first: an interrupt while the server starts must end it too.
  const end = interrupted(io.signal);
  let server: ReplayServer;
  try {
    server = await startReplayServer({ ...options, onRequest: (request) => io.stdout.write(logLine(request)) });
  } catch (error) {
    end.forget();
    io.stderr.write(`databar-client mock: ${listenProblem(error, options)}\n`);
    return 2;
  }
  if (!isLoopback(options.host ?? "")) {
    io.stderr.write(
      `Warning: ${options.host} can be reached by other machines. Without --host only this one can ask.\n`,
    );
  }
  io.stdout.write(`Databar replay server at ${server.url} (end with Ctrl-C)\n`);
  await end.promise;
  await server.close();
  return 0;
}

/** One line of the log. The path has no query, and the line no headers: nothing in it is secret. */
function logLine({ method, path, status, durationMs }: ServedRequest): string {
  return `${method} ${path} ${status} ${durationMs.toFixed(1)} ms\n`;
}

function readArguments(args: string[]): ReplayServerOptions | "help" {
  const { port, host, latency, fail, seed, help } = parse(args);
  if (help) {
    return "help";
  }
  if (host.trim() === "") {
    throw new ArgumentError("--host must be an address or a name, such as 127.0.0.1");
  }
  return {
    port: wholeNumber("--port", port, 65_535),
    host,
    latencyMs: wholeNumber("--latency", latency, 3_600_000),
    faults: readFaults(fail),
    seed: wholeNumber("--seed", seed, Number.MAX_SAFE_INTEGER),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        port: { type: "string", default: "4010" },
        host: { type: "string", default: "127.0.0.1" },
        latency: { type: "string", default: "0" },
        fail: { type: "string", multiple: true, default: [] },
        seed: { type: "string", default: "1" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    if (!code.startsWith("ERR_PARSE_ARGS")) {
      throw error;
    }
    // The platform's first sentence says what is wrong; the rest is about its own interface.
    throw new ArgumentError((message.split(/\. |\n/)[0] ?? message).replace(/\.$/, ""));
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) {
    throw new ArgumentError(`${option} must be a whole number from 0 to ${most}: got "${text}"`);
  }
  return value;
}

function readFaults(texts: readonly string[]): Fault[] {
  const faults = texts.map((text): Fault => {
    const [, status, share] = /^([45]\d\d):(0?\.\d+|[01](?:\.0*)?)$/.exec(text) ?? [];
    if (!status || !share) {
      throw new ArgumentError(
        `--fail must be a status from 400 to 599 and a share from 0 to 1, such as 503:0.1: got "${text}"`,
      );
    }
    return { status: Number(status), share: Number(share) };
  });
  if (faults.reduce((sum, { share }) => sum + share, 0) > 1 + 1e-9) {
    throw new ArgumentError(`the shares of --fail must not make more than 1: got ${texts.join(" and ")}`);
  }
  return faults;
}

function listenProblem(error: unknown, { port, host }: ReplayServerOptions): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} is taken: another program listens there. Choose another with --port, or any free one with --port 0.`;
    case "EACCES":
      return `port ${port} needs more rights than you have. Choose one from 1024 with --port.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine. Choose one of its own with --host, or leave it out.`;
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

/** Settles at the first Ctrl-C, SIGTERM or abort. A second Ctrl-C ends the process at once, as it does without us. */
function interrupted(signal: AbortSignal | undefined): { promise: Promise<void>; forget: () => void } {
  let forget = (): void => {};
  const promise = new Promise<void>((resolve) => {
    const stop = (): void => {
      forget();
      resolve();
    };
    forget = () => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      signal?.removeEventListener("abort", stop);
    };
    process.once("SIGINT", stop).once("SIGTERM", stop);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) {
      stop();
    }
  });
  return { promise, forget: () => forget() };
}
