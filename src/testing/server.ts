/** The replay server: the contract's examples over HTTP, for clients in any language. */
import { createFaults, type Fault } from "./faults.js";
import { type RunningServer, type ServedRequest, startHttpServer } from "./http-server.js";
import { dispatch } from "./replay.js";
import { ReplayTasks } from "./replay-tasks.js";

export type { ServedRequest } from "./http-server.js";

/** Options of {@link startReplayServer}. */
export interface ReplayServerOptions {
  /** Default: any free port. */
  port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`, which only this machine can reach. */
  host?: string | undefined;
  /** Milliseconds to wait before each answer. Default: none. */
  latencyMs?: number | undefined;
  /** Error statuses that a share of the requests gets. Default: none. */
  faults?: readonly Fault[] | undefined;
  /** Decides which requests fail: the same ones for the same seed. Default: 1. */
  seed?: number | undefined;
  /** Called after each answer. */
  onRequest?: ((request: ServedRequest) => void) | undefined;
}

/** A running replay server. */
export type ReplayServer = RunningServer;

/**
 * Serves the contract's examples over HTTP.
 *
 * @throws the platform's error if it cannot listen, such as `EADDRINUSE` for a port that is taken.
 * @throws RangeError if `faults` are invalid.
 */
export async function startReplayServer(options: ReplayServerOptions = {}): Promise<ReplayServer> {
  const { port = 0, host = "127.0.0.1", latencyMs = 0, faults = [], seed = 1, onRequest } = options;
  const tasks = new ReplayTasks({ completeUnknown: true });
  const nextFault = createFaults(faults, seed);
  return await startHttpServer({
    port,
    host,
    onRequest,
    answer: (request) => {
      const found = nextFault() ?? dispatch(request, (match) => tasks.answer(match, request));
      return latencyMs === 0 ? found : { ...found, delayMs: latencyMs };
    },
  });
}
