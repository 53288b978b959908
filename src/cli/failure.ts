/** What went wrong: in a line, and as an exit code. */
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

/** What the program ends with. */
export const EXIT = { ok: 0, api: 1, usage: 2, network: 3, interrupted: 130 } as const;

/** The command line is wrong: nothing was sent. */
export class CommandLineError extends Error {
  override readonly name = "CommandLineError";
}

/** The person was asked and did not agree. */
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
  return error instanceof Declined ? EXIT.interrupted : EXIT.api;
}

/** What a failed command was. */
export interface FailureContext {
  /** What was typed, such as `enrichments run`. */
  command: string | undefined;
  /** The person interrupted. */
  interrupted: boolean;
  /** The given base URL. */
  baseUrl: string | undefined;
  /** How many rows were left out at the start. */
  fromIndex: number;
}

/** What went wrong, in one line with what to do about it. */
export function describeFailure(error: unknown, context: FailureContext): string {
  const message = context.interrupted ? "interrupted" : messageOf(error, context);
  const hints = [...(context.interrupted ? [] : hintsFor(error, context)), ...whatGoesOn(error, context)];
  return hints.length > 0 ? `${message.replace(/[.;]$/, "")}; ${hints.join("; ")}` : message;
}

/** The stacks of an error and its causes, for `--debug`. */
export function describeStack(error: unknown): string {
  const stacks: string[] = [];
  for (
    let each = error;
    each !== undefined && stacks.length < 5;
    each = each instanceof Error ? each.cause : undefined
  ) {
    stacks.push(each instanceof Error ? (each.stack ?? String(each)) : String(each));
  }
  const asked = error instanceof RequestError ? [`operation ${error.operation}, attempts ${error.attempts}`] : [];
  const answered = error instanceof ApiError && error.requestId ? [`request id ${error.requestId}`] : [];
  return [...asked, ...answered, stacks.join("\nCaused by: ")].join("\n");
}

function messageOf(error: unknown, context: FailureContext): string {
  if (error instanceof BatchError) {
    // The first batch of all: nothing is before it, nothing to be gone on from.
    if (error.nextIndex === 0) {
      return messageOf(error.cause, context);
    }
    return `rows from index ${context.fromIndex + error.nextIndex} on have no result: ${messageOf(error.cause, context)}`;
  }
  if (error instanceof TaskTimeoutError) {
    // What follows is advice for programs.
    return error.message.replace(/; tasks\.wait.*$/s, "");
  }
  if (error instanceof Error) {
    return isDatabarError(error) || error instanceof CommandLineError || error instanceof Declined || isSystem(error)
      ? error.message
      : `unexpected ${error.name}: ${error.message}`;
  }
  return String(error);
}

function isSystem(error: Error): boolean {
  return "syscall" in error;
}

function hintsFor(error: unknown, { command }: FailureContext): string[] {
  const cause = error instanceof BatchError ? error.cause : error;
  if (cause instanceof AuthenticationError || cause instanceof PermissionDeniedError) {
    return ["check DATABAR_API_KEY, and that your plan has API access"];
  }
  if (cause instanceof NotFoundError) {
    return ["check the ids"];
  }
  if (cause instanceof InsufficientCreditsError) {
    return ["databar-client user me shows plan and balance"];
  }
  if (cause instanceof ConflictError) {
    return ["look at its present state, then try again"];
  }
  if (cause instanceof ApiError) {
    return hintsForStatus(cause, command);
  }
  if (cause instanceof ConnectionError || cause instanceof RedirectError) {
    return ["check the network and --base-url"];
  }
  return cause instanceof TimeoutError ? ["--timeout-ms gives an attempt more time"] : [];
}

function hintsForStatus({ status, retryAfterMs }: ApiError, command: string | undefined): string[] {
  if (status === 429 || status >= 500) {
    return [retryAfterMs === undefined ? "try again later" : `try again in ${Math.ceil(retryAfterMs / 1_000)} s`];
  }
  return status === 400 || status === 422 ? [`databar-client ${command ?? ""} --help shows what it takes`] : [];
}

/** What may have happened all the same, and how to go on. */
function whatGoesOn(error: unknown, { baseUrl, fromIndex }: FailureContext): string[] {
  const mayHaveBeenProcessed =
    (error instanceof RequestError || error instanceof BatchError) && error.mayHaveBeenProcessed;
  const taskId = isDatabarError(error) ? error.taskId : undefined;
  const hasEnded = error instanceof TaskError && !(error instanceof TaskTimeoutError);
  return [
    ...(mayHaveBeenProcessed ? ["it may have taken effect all the same: look before you send it again"] : []),
    ...(error instanceof BatchError && error.nextIndex > 0
      ? [`to go on: the same with --from-index ${fromIndex + error.nextIndex}`]
      : []),
    ...(taskId !== undefined && !hasEnded
      ? [
          `task ${taskId} goes on: databar-client tasks wait ${shellWord(taskId)}${baseUrl === undefined ? "" : ` --base-url ${shellWord(baseUrl)}`}`,
        ]
      : []),
  ];
}

/** A word as a shell takes it for one. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
