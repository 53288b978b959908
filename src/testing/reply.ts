import type { HttpHandler } from "msw";
import { type OperationName, operations } from "../generated/operations.gen.js";
import { contract, successStatus } from "./contract.js";
import { OperationHandler, replay } from "./operation-handler.js";
import { json, toResponse } from "./replay.js";
import type { RawReplyOptions, ReplyOptions, ReplyTiming, StatusOf, SuccessOf, TaskReplyOptions } from "./types.js";

/** Makes MSW handlers that answer one operation, for `server.use`. */
export interface Reply {
  /**
   * Answers an operation with an example of the contract, or with a body of the contract's type. A success is given
   * only for a request that the API would accept, otherwise the API's 422; an error is given for any.
   *
   * @param operation - The facade's name, such as `connectors.list`.
   * @throws TypeError for an operation, a status or an example that the contract does not have.
   */
  <Name extends OperationName, Status extends StatusOf<Name> = SuccessOf<Name>>(
    operation: Name,
    options?: ReplyOptions<Name, Status>,
  ): HttpHandler;

  /**
   * Answers an operation with anything: HTML, half a body, an undocumented status, a network error.
   *
   * @throws TypeError for an operation that the contract does not have, RangeError for a status outside 200 to 599.
   */
  raw(operation: OperationName, options: RawReplyOptions): HttpHandler;

  /**
   * Answers `tasks.get` with one status after another. `data`, `error`, `credits_spent` and `progress` come with the
   * last one.
   *
   * @throws TypeError where there is no status.
   */
  task(options: TaskReplyOptions): HttpHandler;
}

/** Makes MSW handlers that answer one operation, for `server.use`. */
export const reply: Reply = Object.assign(replyWith, { raw, task });

function replyWith<Name extends OperationName, Status extends StatusOf<Name>>(
  name: Name,
  options: ReplyOptions<Name, Status> = {},
): HttpHandler {
  checkTiming(options);
  const status = String(options.status ?? successStatus(operationOf(name)));
  checkChoice(name, status, options.example);
  return new OperationHandler(name, {
    times: options.times,
    answer: async (request, match) => {
      await delay(options.delayMs);
      const refusal = status.startsWith("2") ? replay.refusal(match, request) : undefined;
      if (refusal) {
        return toResponse(refusal);
      }
      const answer =
        options.body === undefined
          ? replay.example(match, request, { status, example: options.example })
          : json(Number(status), options.body);
      return toResponse({ ...answer, headers: { ...answer.headers, ...options.headers } });
    },
  });
}

function raw(name: OperationName, options: RawReplyOptions): HttpHandler {
  operationOf(name);
  checkTiming(options);
  const respond = (): Response => (options.networkError ? Response.error() : rawResponse(options));
  // Made once now, so that a status that no response may have is refused here.
  respond();
  return new OperationHandler(name, {
    times: options.times,
    answer: async () => {
      await delay(options.delayMs);
      return respond();
    },
  });
}

function rawResponse(options: Exclude<RawReplyOptions, { networkError: true }>): Response {
  const { status = 200, body = null, headers = {}, truncated = false } = options;
  return new Response(truncated ? broken(body ?? "") : (body as BodyInit | null), { status, headers });
}

/** A body after which the connection breaks. */
function broken(body: string | Uint8Array): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) {
        controller.error(new TypeError("terminated"));
      } else {
        sent = true;
        controller.enqueue(typeof body === "string" ? new TextEncoder().encode(body) : body);
      }
    },
  });
}

function task({ statuses, taskId, delayMs, ...last }: TaskReplyOptions): HttpHandler {
  if (statuses.length === 0) {
    throw new TypeError("statuses must name at least one status of the task");
  }
  checkTiming({ delayMs });
  const asked = new Map<string, number>();
  return new OperationHandler("tasks.get", {
    values: taskId === undefined ? {} : { task_id: taskId },
    answer: async (request, match) => {
      await delay(delayMs);
      const refusal = replay.refusal(match, request);
      if (refusal) {
        return toResponse(refusal);
      }
      const id = match.values.task_id ?? "";
      const turn = Math.min(asked.get(id) ?? 0, statuses.length - 1);
      asked.set(id, turn + 1);
      const body = {
        task_id: id,
        status: statuses[turn],
        request_id: id,
        data: null,
        error: null,
        credits_spent: 0,
        progress: null,
        ...(turn === statuses.length - 1 && last),
      };
      return toResponse(json(200, body));
    },
  });
}

function operationOf(name: OperationName) {
  const operation = contract.operations[name];
  if (!operation) {
    throw new TypeError(`The contract has no operation "${name}". It has ${Object.keys(operations).join(", ")}.`);
  }
  return operation;
}

/** The compiler has checked this in TypeScript; JavaScript is told here, and not by a failing test far away. */
function checkChoice(name: OperationName, status: string, example: string | undefined): void {
  const { responses } = operationOf(name);
  const documented = responses[status];
  if (!documented) {
    const all = Object.keys(responses).join(", ");
    throw new TypeError(`${name} documents no status ${status}, only ${all}. For any other use reply.raw.`);
  }
  const names = documented.flatMap((type) => Object.keys(contract.examples[name]?.[status]?.[type] ?? {}));
  if (example !== undefined && !names.includes(example)) {
    const all = names.length > 0 ? names.join(", ") : "none";
    throw new TypeError(`${name} -> ${status} has no example "${example}". It has: ${all}.`);
  }
}

function checkTiming({ delayMs = 0, times = 1 }: ReplyTiming): void {
  // A timer cannot wait for longer, and would not wait at all.
  if (!(delayMs >= 0 && delayMs < 2 ** 31)) {
    throw new RangeError(`delayMs must be a number of milliseconds from 0 to 2147483647: got ${delayMs}`);
  }
  if (!Number.isInteger(times) || times < 1) {
    throw new RangeError(`times must be a whole number from 1: got ${times}`);
  }
}

async function delay(delayMs = 0): Promise<void> {
  if (delayMs > 0) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
