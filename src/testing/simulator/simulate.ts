/** The simulator without sockets: as the client's `fetch`, and as MSW handlers. */
import type { HttpHandler } from "msw";
import { operations } from "../../generated/operations.gen.js";
import { brokenStream } from "../broken-stream.js";
import { OperationHandler } from "../operation-handler.js";
import { type Delivered, toPlain, toResponse } from "../replay.js";
import type { PlainRequest } from "../request.js";
import { Simulation, type SimulatorState } from "./core.js";
import type { SimulatorOptions } from "./options.js";

/** A simulated workspace. */
export interface Simulator extends SimulatorState {
  /** For the client's `fetch` option. Answers requests to any host. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** MSW handlers for every operation, for code that makes its own client. */
  readonly handlers: HttpHandler[];
}

/**
 * Makes a stand-in for a workspace that remembers what it was asked: runs become tasks that progress with time, credits
 * are reserved, spent and refunded, and tables and connectors keep what was written.
 *
 * @throws RangeError for an option out of its range.
 */
export function simulate(options: SimulatorOptions = {}): Simulator {
  const simulation = new Simulation(options);
  const deliver = async (request: PlainRequest, { signal }: Request): Promise<Response> => {
    const answer = simulation.answer(request);
    try {
      await delay(answer.delayMs ?? 0, signal);
      return toDelivered(answer);
    } finally {
      answer.onClose?.();
    }
  };
  return {
    ...simulation.state,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      request.signal.throwIfAborted();
      const response = await deliver(await toPlain(request), request);
      if (response.type === "error") {
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
        });
      }
      return response;
    },
    handlers: Object.keys(operations).map(
      (name) => new OperationHandler(name, { answer: (request, _, original) => deliver(request, original) }),
    ),
  };
}

async function delay(delayMs: number, signal: AbortSignal): Promise<void> {
  if (delayMs > 0 && !signal.aborted) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
  signal.throwIfAborted();
}

function toDelivered(answer: Delivered): Response {
  if ("kind" in answer) {
    return new Response(null, { status: 307, headers: { location: answer.path } });
  }
  if (answer.broken === "reset") {
    return Response.error();
  }
  return answer.broken === "truncate" ? truncated(answer) : toResponse(answer);
}

/** Half of the body, then a broken connection. */
function truncated({ status, headers, body }: Exclude<Delivered, { kind: string }>): Response {
  const bytes = new TextEncoder().encode(body ?? "");
  const stream = brokenStream(bytes.subarray(0, Math.floor(bytes.length / 2)));
  return new Response(status === 204 ? null : stream, { status, headers });
}
