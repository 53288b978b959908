import type { HttpHandler } from "msw";
import { type OperationName, operations } from "../generated/operations.gen.js";
import { brokenStream } from "./broken-stream.js";
import { contract, successStatus } from "./contract.js";
import { OperationHandler } from "./operation-handler.js";
import { describeRequest, type RecordedRequest } from "./record.js";
import { exampleAnswer, json, type Match, refusal, toResponse } from "./replay.js";
import type { PlainRequest } from "./request.js";
import type {
  RawReplyOptions,
  ReplyFunction,
  ReplyOptions,
  ReplyTiming,
  StatusOf,
  SuccessOf,
  TaskReplyOptions,
} from "./types.js";

/** Makes MSW handlers that answer one operation, for `server.use`. */
export interface Reply {
  /**
   * Answers an operation with an example of the contract, or with a body of the contract's type. A success is given
   * only to a valid request, otherwise the API's 422. An error is given to any request.
   *
   * @param operation - The client's name of the operation, such as `connectors.list`.
   * @param answer - One answer for all requests, or a function that returns the answer to each request. The function
   *   gets the operation, the path, the query, the body and the headers (the key is masked).
   * @param timing - Only with a function: the delay, and how many requests are answered.
   * @throws TypeError if the contract does not have the operation, the status or the example. With a function, the
   *   request fails with that error.
   */
  <Name extends OperationName, Status extends keyof (typeof operations)[Name]["responses"] & number = SuccessOf<Name>>(
    operation: Name,
    answer?: ReplyOptions<Name, Status> | ReplyFunction<Name>,
    timing?: ReplyTiming,
  ): HttpHandler;

  /**
   * Answers an operation with anything: HTML, a truncated body, an undocumented status, a network error.
   *
   * @throws TypeError if the contract does not have the operation. RangeError if the status is not from 200 to 599.
   */
  raw(operation: OperationName, options: RawReplyOptions): HttpHandler;

  /**
   * Answers polls of `tasks.get` with a sequence of statuses. `data`, `error`, `credits_spent` and `progress` are
   * returned with the last one.
   *
   * @throws TypeError if `statuses` is empty.
   */
  task(options: TaskReplyOptions): HttpHandler;
}

/** Makes MSW handlers that answer one operation, for `server.use`. */
export const reply: Reply = Object.assign(replyWith, { raw, task });

/** An answer as the code below reads it: the public types have tied its fields to each other. */
interface LooseAnswer {
  readonly status?: number | undefined;
  readonly example?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

function replyWith<Name extends OperationName, Status extends StatusOf<Name>>(
  name: Name,
  answer: ReplyOptions<Name, Status> | ReplyFunction<Name> = {},
  timing: ReplyTiming = typeof answer === "function" ? {} : answer,
): HttpHandler {
  checkTiming(timing);
  operationOf(name);
  if (typeof answer !== "function") {
    checkChoice(name, answer);
  }
  return new OperationHandler(name, {
    times: timing.times,
    answer: async (request, match, original) => {
      await delay(timing.delayMs);
      if (typeof answer !== "function") {
        return respond(match, request, name, answer);
      }
      const described = (await describeRequest(original)) as RecordedRequest;
      const chosen = (await answer(described)) as LooseAnswer;
      checkChoice(name, chosen);
      return respond(match, request, name, chosen);
    },
  });
}

function respond(match: Match, request: PlainRequest, name: OperationName, answer: LooseAnswer): Response {
  const status = String(answer.status ?? successStatus(operationOf(name)));
  const refused = status.startsWith("2") ? refusal(match, request) : undefined;
  if (refused) {
    return toResponse(refused);
  }
  const content =
    answer.body === undefined
      ? exampleAnswer(match, request, { status, example: answer.example })
      : json(Number(status), answer.body);
  return toResponse({ ...content, headers: { ...content.headers, ...answer.headers } });
}

function raw(name: OperationName, options: RawReplyOptions): HttpHandler {
  operationOf(name);
  checkTiming(options);
  const rawRespond = (): Response => (options.networkError ? Response.error() : rawResponse(options));
  // An invalid status throws here, not at the first request.
  rawRespond();
  return new OperationHandler(name, {
    times: options.times,
    answer: async () => {
      await delay(options.delayMs);
      return rawRespond();
    },
  });
}

function rawResponse(options: Exclude<RawReplyOptions, { networkError: true }>): Response {
  const { status = 200, body = null, headers = {}, truncated = false } = options;
  return new Response(truncated ? brokenStream(bytesOf(body ?? "")) : (body as BodyInit | null), { status, headers });
}

function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === "string" ? new TextEncoder().encode(body) : body;
}

function task({ statuses, taskId, delayMs, ...last }: TaskReplyOptions): HttpHandler {
  if (statuses.length === 0) {
    throw new TypeError("statuses must name at least one status of the task");
  }
  checkTiming({ delayMs });
  const polls = new Map<string, number>();
  return new OperationHandler("tasks.get", {
    values: taskId === undefined ? {} : { task_id: taskId },
    answer: async (request, match) => {
      await delay(delayMs);
      const refused = refusal(match, request);
      if (refused) {
        return toResponse(refused);
      }
      const id = match.values.task_id ?? "";
      const turn = Math.min(polls.get(id) ?? 0, statuses.length - 1);
      polls.set(id, turn + 1);
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

/** TypeScript's compiler has checked this already. JavaScript gets the error here, not from a failing test later. */
function checkChoice(name: OperationName, { status, example }: LooseAnswer): void {
  const operation = operationOf(name);
  const wanted = String(status ?? successStatus(operation));
  const documented = operation.responses[wanted];
  if (!documented) {
    const all = Object.keys(operation.responses).join(", ");
    throw new TypeError(`${name} documents no status ${wanted}, only ${all}. For any other status use reply.raw.`);
  }
  const names = documented.flatMap((type) => Object.keys(contract.examples[name]?.[wanted]?.[type] ?? {}));
  if (example !== undefined && !names.includes(example)) {
    const all = names.length > 0 ? names.join(", ") : "none";
    throw new TypeError(`${name} -> ${wanted} has no example "${example}". It has: ${all}.`);
  }
}

function checkTiming({ delayMs = 0, times = 1 }: ReplyTiming): void {
  // With a larger number a timer would fire at once.
  if (!(delayMs >= 0 && delayMs < 2 ** 31)) {
    throw new RangeError(`delayMs must be a number of milliseconds from 0 to 2147483647: got ${delayMs}`);
  }
  if (!Number.isInteger(times) || times < 1) {
    throw new RangeError(`times must be a whole number, at least 1: got ${times}`);
  }
}

async function delay(delayMs = 0): Promise<void> {
  if (delayMs > 0) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}
