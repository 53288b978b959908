/** The simulator's failures. */
import { errorAnswer } from "../faults.js";
import { createRandom } from "../random.js";
import type { Delivery, PlainAnswer } from "../replay.js";
import type { FaultContext, SimulatedFailure, SimulatorOptions } from "./options.js";

/** Makes a function that decides about the failure of each request. */
export function createFaults(
  faults: NonNullable<SimulatorOptions["faults"]>,
  seed: number,
): (request: FaultContext) => SimulatedFailure | undefined {
  if (typeof faults === "function") {
    return faults;
  }
  const random = createRandom(seed);
  return ({ operation }) => {
    // One number per request, so that a fault for one operation does not change the others.
    let rest = random();
    return faults.find(({ share, operations }) => {
      const applies = !operations || (operation !== undefined && operations.includes(operation));
      const isDrawn = rest >= 0 && rest < share;
      rest -= share;
      return applies && isDrawn;
    });
  };
}

/** Whether a request takes effect in spite of its failure. */
export function takesEffect({ answer, when = isDelivered(answer) ? "after" : "before" }: SimulatedFailure): boolean {
  return when === "after";
}

function isDelivered(answer: SimulatedFailure["answer"]): boolean {
  return answer === "truncated" || answer === "slow";
}

const HTML: PlainAnswer = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<!doctype html>\n<title>Sign in to the network</title>\n",
};

/** The answer of a request that failed. `answer` is the one that it would have had. */
export function failedAnswer(
  { answer: kind, delayMs = 1000 }: SimulatedFailure,
  answer: PlainAnswer,
): PlainAnswer & Delivery {
  switch (kind) {
    case "reset":
      return { ...answer, broken: "reset" };
    case "truncated":
      return { ...answer, broken: "truncate" };
    case "html":
      return HTML;
    case "slow":
      return { ...answer, delayMs };
    default:
      return errorAnswer(kind);
  }
}
