/** The simulator as an HTTP server. */
import { type RunningServer, type ServedRequest, startHttpServer } from "../http-server.js";
import { Simulation, type SimulatorState } from "./core.js";
import type { SimulatorOptions } from "./options.js";

/** Options of {@link startSimulator}. */
export interface SimulatorServerOptions extends SimulatorOptions {
  /** Default: any free port. */
  port?: number | undefined;
  /** The address to listen on. Default: `127.0.0.1`, which only this machine can reach. */
  host?: string | undefined;
  /** Called after each answer. */
  onRequest?: ((request: ServedRequest) => void) | undefined;
}

/** A running simulator: its address and its state. */
export interface RunningSimulator extends RunningServer, SimulatorState {}

/**
 * Starts a simulated workspace that clients in any language can reach over HTTP.
 *
 * @throws the platform's error if it cannot listen, such as `EADDRINUSE` for a port that is taken.
 * @throws RangeError for an option out of its range.
 */
export async function startSimulator(options: SimulatorServerOptions = {}): Promise<RunningSimulator> {
  const { port = 0, host = "127.0.0.1", onRequest, ...simulated } = options;
  const simulation = new Simulation(simulated);
  const server = await startHttpServer({ port, host, onRequest, answer: (request) => simulation.answer(request) });
  return { ...server, ...simulation.state };
}
