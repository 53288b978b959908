/** The option --drift: reports where responses differ from the contract. */
import type { Hooks } from "../index.js";
import type { Console } from "./console.js";

/** Hooks that report, and the end of the reports. The checks are loaded only here: they are as large as the client. */
export interface DriftWatch {
  hooks: Hooks;
  settled: () => Promise<void>;
}

export async function watchResponses(console: Console): Promise<DriftWatch> {
  const { driftSettled, formatDrift, watchDrift } = await import("../drift/index.js");
  const onDrift = (drift: Parameters<typeof formatDrift>[0]): void => console.note(`drift: ${formatDrift(drift)}`);
  return { hooks: watchDrift({ onDrift, reported: new Set() }), settled: driftSettled };
}
