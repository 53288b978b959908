/**
 * `databar-client/drift`: reports where responses differ from the contract, and records the shape of traffic.
 *
 * Nothing here throws because of a response. May import generated code, options, errors and the types of hooks; the client
 * does not know this folder.
 */
import { validators } from "../generated/validators.gen.js";
import type { Hooks } from "../http/hooks.js";
import { type Drift, findDrift } from "./check.js";
import { createWatchDrift, type WatchDriftOptions } from "./watch.js";

export { type Drift, formatDrift } from "./check.js";
export { settled as driftSettled } from "./queue.js";
export { type RecordedExchange, type RecordOptions, record } from "./record.js";
export type { Shape } from "./shape.js";
export type { WatchDriftOptions } from "./watch.js";

const watch = createWatchDrift(validators);

/**
 * Reports where responses differ from the contract. A response is checked after the caller has it; the call is not delayed,
 * and never fails because of a difference.
 *
 * @returns Hooks for `new Databar({ hooks })`.
 * @throws UsageError for an invalid option.
 * @example
 * const databar = new Databar({ hooks: watchDrift({ onDrift: (drift) => logger.warn(drift) }) });
 */
export function watchDrift(options: WatchDriftOptions): Hooks {
  return watch(options);
}

/**
 * Compares one body with the contract, for instance a fixture of a test. Every item of a list is checked.
 *
 * @param operation - The facade's name, such as `connectors.list`.
 * @param status - The HTTP status, or `request` for a body that is sent.
 * @returns All differences; none if the body fits.
 */
export function checkBody(operation: string, status: number | "request", body: unknown): Drift[] {
  return [...findDrift(validators, operation, status, body, { limit: Number.POSITIVE_INFINITY, offset: 0 })];
}
