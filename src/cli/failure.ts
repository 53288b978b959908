/** Turns an error into one line, a hint and an exit code. */
import {
  ApiError,
  AuthenticationError,
  BatchError,
  ConflictError,
  ConnectionError,
  InsufficientCreditsError,
  isDatabarError,
  NotFoundError,
  PermissionDeniedError,
  RedirectError,
  RequestError,
  TaskError,
  TaskTimeoutError,
  TimeoutError,
  UsageError,
} from "../index.js";
import { OutputError, PipeClosed } from "./io.js";
import { kebab, shellWord } from "./shell.js";

/** The exit codes. */
export const EXIT = { ok: 0, api: 1, usage: 2, network: 3, output: 4, interrupted: 130 } as const;

/** The command line is wrong. Nothing was sent. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
}

/** The user was asked and did not agree. */
export class Declined extends Error {
  override readonly name = "Declined";
}

/** The exit code for an error. */
export function exitCode(error: unknown): number {
  if (error instanceof BatchError) {
    return exitCode(error.cause);
  }
  if (error instanceof CommandLineError || error instanceof UsageError) {
    return EXIT.usage;
  }
  if (error instanceof ConnectionError || error instanceof TimeoutError || error instanceof TaskTimeoutError) {
    return EXIT.network;
  }
  if (error instanceof OutputError) {
    return EXIT.output;
  }
  return error instanceof Declined ? EXIT.interrupted : EXIT.api;
}

/** Whether nobody misses the rest of the output: the reader has stopped, and the command has changed nothing. */
export function isHarmless(error: unknown, { task, changes }: FailureContext): boolean {
  return error instanceof PipeClosed && task === undefined && !changes;
}

/** What the program knew when a command failed. */
export interface FailureContext {
  /** The words of the command, such as `enrichments run`. */
  command: string | undefined;
  /** The user interrupted. */
  interrupted: boolean;
  /** The value of `--base-url`. */
  baseUrl: string | undefined;
  /** The value of `--from-index`. */
  fromIndex: number;
  usesProxy?: boolean | undefined;
  /** The command changes something. */
  changes: boolean;
  /** The task that the command started or waited for. */
  task?: { id: string; hasEnded: boolean } | undefined;
  debug?: boolean | undefined;
}

/** What went wrong and what to do, in one line. */
export function describeFailure(error: unknown, context: FailureContext): string {
  const message = context.interrupted ? "interrupted" : messageOf(error, context);
  const hint = context.interrupted ? undefined : hintFor(error instanceof BatchError ? error.cause : error, context);
  const hints = [...(hint ? [hint] : []), ...nextSteps(error, context)];
  return hints.length > 0 ? `${message.replace(/[.;]$/, "")}; ${hints.join("; ")}` : message;
}

/** The stacks of an error and its causes, for `--debug`. */
export function describeStack(error: unknown): string {
  const request = error instanceof RequestError ? [`operation ${error.operation}, attempts ${error.attempts}`] : [];
  const requestId = error instanceof ApiError && error.requestId ? [`request id ${error.requestId}`] : [];
  return [...request, ...requestId, stacksOf(error, 5).join("\nCaused by: ")].join("\n");
}

function stacksOf(error: unknown, most: number): string[] {
  if (most === 0 || error === undefined) {
    return [];
  }
  return error instanceof Error ? [error.stack ?? String(error), ...stacksOf(error.cause, most - 1)] : [String(error)];
}

function messageOf(error: unknown, context: FailureContext): string {
  if (error instanceof BatchError) {
    const message = messageOf(error.cause, context);
    // If the first batch fails, no row has a result and there is nothing to continue.
    return error.nextIndex === 0
      ? message
      : `rows from index ${context.fromIndex + error.nextIndex} on have no result: ${message}`;
  }
  if (error instanceof TaskTimeoutError) {
    // The rest of the message is advice for code.
    return error.message.replace(/; continue with tasks\.wait.*$/s, "");
  }
  if (error instanceof UsageError) {
    return asTyped(error.message);
  }
  if (!(error instanceof Error)) {
    return String(error);
  }
  const isOwn = [CommandLineError, Declined, OutputError].some((each) => error instanceof each);
  return isOwn || isDatabarError(error) || "syscall" in error
    ? error.message
    : `unexpected ${error.name}: ${error.message}`;
}

/** The client names its option `baseUrl` and the parameter `table_uuid`; the user typed `--base-url` and an id. */
function asTyped(message: string): string {
  return message
    .replace(/^[a-z]+[A-Z]\w*(?= (?:must|is) )/, (option) => `--${kebab(option)}`)
    .replace(/^[a-z]+(?:_[a-z]+)+(?= must )/, (parameter) => parameter.toUpperCase());
}

/** What to do about an error. The first class that fits counts. */
const HINTS: [new (...args: never[]) => Error, string][] = [
  [AuthenticationError, "check DATABAR_API_KEY, and that your plan has API access"],
  [PermissionDeniedError, "check DATABAR_API_KEY, and that your plan has API access"],
  [NotFoundError, "check the ids"],
  [InsufficientCreditsError, "databar-client user me shows plan and balance"],
  [ConflictError, "check its current state, then try again"],
  [ConnectionError, "check the network and --base-url"],
  [RedirectError, "check the network and --base-url"],
  [TimeoutError, "--timeout-ms gives an attempt more time"],
];

function hintFor(error: unknown, { command = "", usesProxy }: FailureContext): string | undefined {
  if (usesProxy && error instanceof ConnectionError) {
    return "check the network, the proxy and --base-url";
  }
  const [, hint] = HINTS.find(([each]) => error instanceof each) ?? [];
  if (hint || !(error instanceof ApiError)) {
    return hint;
  }
  const { status, retryAfterMs } = error;
  if (status === 429 || status >= 500) {
    return retryAfterMs === undefined ? "try again later" : `try again in ${Math.ceil(retryAfterMs / 1_000)} s`;
  }
  return status === 400 || status === 422 ? `databar-client ${command} --help shows what it accepts` : undefined;
}

/** What may have happened, and how to continue. */
function nextSteps(error: unknown, { baseUrl, fromIndex, task, changes }: FailureContext): string[] {
  const mayHaveBeenProcessed =
    (error instanceof RequestError || error instanceof BatchError) && error.mayHaveBeenProcessed;
  const taskId = (isDatabarError(error) ? error.taskId : undefined) ?? task?.id;
  // The message reports how the task ended. A task that the server does not know, and this command did not start, is none.
  const isReported =
    (error instanceof TaskError && !(error instanceof TaskTimeoutError)) || (error instanceof NotFoundError && !task);
  const where = baseUrl === undefined ? "" : ` --base-url ${shellWord(baseUrl)}`;
  const taskCommand = (verb: string): string => `databar-client tasks ${verb} ${shellWord(taskId ?? "")}${where}`;
  return [
    ...(error instanceof OutputError && changes && taskId === undefined
      ? ["the request has succeeded: do not repeat it only to see its result"]
      : []),
    ...(mayHaveBeenProcessed ? ["the request may have succeeded: check before you retry"] : []),
    ...(error instanceof BatchError && error.nextIndex > 0
      ? [`to continue, repeat the command with --from-index ${fromIndex + error.nextIndex}`]
      : []),
    ...(taskId !== undefined && !isReported
      ? [
          task?.hasEnded
            ? `task ${taskId} has ended: ${taskCommand("get")} prints it`
            : `task ${taskId} is still running: ${taskCommand("wait")}`,
        ]
      : []),
  ];
}
