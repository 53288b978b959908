/** A simulator with its own clock, and short functions for requests to it. */
import type { OperationName } from "../../src/generated/operations.gen.js";
import { contract } from "../../src/testing/contract.js";
import { type SimulatorOptions, simulate } from "../../src/testing/index.js";
import { createRouter } from "../../src/testing/router.js";
import { operationOf } from "./contract-requests.js";

const route = createRouter(contract.operations);

export function simulated(options: SimulatorOptions = {}) {
  let time = Date.parse("2026-06-01T08:00:00Z");
  const simulator = simulate({ now: () => time, ...options });
  /** The status and the parsed body of a request. A success has a status that the contract documents. */
  const ask = async (method: string, path: string, body?: unknown): Promise<[status: number, body: unknown]> => {
    const response = await simulator.fetch(
      new Request(`https://api.databar.ai/v1${path}`, {
        method,
        headers: { "x-apikey": "test-key-5f2d", ...(body !== undefined && { "content-type": "application/json" }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    );
    const match = route(method, `/v1${path.split("?")[0]}`);
    const documented =
      match.kind === "operation" ? Object.keys(operationOf(match.name as OperationName).responses) : [];
    if (response.status < 400 && match.kind === "operation" && !documented.includes(String(response.status))) {
      throw new Error(`${match.name} documents ${documented.join(", ")}, not ${response.status}`);
    }
    const text = await response.text();
    return [response.status, text === "" ? undefined : JSON.parse(text)];
  };
  /** The body of a successful request. */
  const ok = async <Body = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Body> => {
    const [status, answer] = await ask(method, path, body);
    if (status >= 300) {
      throw new Error(`${method} ${path} -> ${status} ${JSON.stringify(answer)}`);
    }
    return answer as Body;
  };
  return {
    simulator,
    ask,
    ok,
    /** Starts a run and returns its task's path. */
    run: async (path: string, body: object) => `/tasks/${(await ok("POST", path, body)).task_id}`,
    pass: (ms: number) => {
      time += ms;
    },
  };
}
