/** What the contract says of an operation's answers, as types. */
import type { examples } from "../generated/examples.gen.js";
import type { OperationName, operations } from "../generated/operations.gen.js";
import type { operations as Types } from "../generated/schema.gen.js";

/** The statuses that an operation documents. */
export type StatusOf<Name extends OperationName> = keyof (typeof operations)[Name]["responses"] & number;

/** The status of an operation's success. */
export type SuccessOf<Name extends OperationName> = Extract<StatusOf<Name>, 200 | 201 | 202 | 204>;

type Documented<Name extends OperationName, Status> = Types[(typeof operations)[Name]["id"]]["responses"][Status &
  keyof Types[(typeof operations)[Name]["id"]]["responses"]];

/** The documented body of a status; undefined where it has none. */
export type BodyOf<Name extends OperationName, Status extends StatusOf<Name>> =
  Documented<Name, Status> extends { content: infer Content } ? Content[keyof Content] : undefined;

type NamesOf<MediaTypes> = { [Type in keyof MediaTypes]: keyof MediaTypes[Type] }[keyof MediaTypes] & string;

/** The names of a status's examples. */
export type ExampleOf<Name extends OperationName, Status extends StatusOf<Name>> = NamesOf<
  (typeof examples)[Name][Status & keyof (typeof examples)[Name]]
>;

/** How an answer is given, whatever it is. */
export interface ReplyTiming {
  /** Milliseconds to wait before the answer. Default: none. */
  delayMs?: number | undefined;
  /** How many requests are answered; later ones get what they got before. Default: all. */
  times?: number | undefined;
}

/** What an operation is to answer: an example of the contract, or a body of its type. */
export type ReplyOptions<Name extends OperationName, Status extends StatusOf<Name>> = ReplyTiming & {
  /** A documented status. Default: the operation's success. */
  status?: Status | undefined;
  /** Further headers of the answer. */
  headers?: Readonly<Record<string, string>> | undefined;
} & (
    | {
        /** The name of one of the status's examples. Default: the one that fits the request. */
        example?: ExampleOf<Name, Status> | undefined;
        body?: undefined;
      }
    | {
        example?: undefined;
        /** A body of your own, in place of an example. */
        body: BodyOf<Name, Status>;
      }
  );

/** What a broken server, or something between it and you, answers: nothing of it is checked. */
export type RawReplyOptions = ReplyTiming &
  (
    | {
        /** The connection fails: no answer at all. */
        networkError: true;
      }
    | {
        networkError?: undefined;
        /** Any status from 200 to 599. Default: 200. */
        status?: number | undefined;
        /** Sent as it is. Default: none. */
        body?: string | Uint8Array | undefined;
        headers?: Readonly<Record<string, string>> | undefined;
        /** The connection breaks after the body. */
        truncated?: boolean | undefined;
      }
  );

type TaskBody = BodyOf<"tasks.get", 200>;

/** The course of a task. */
export interface TaskReplyOptions
  extends Partial<Pick<TaskBody, "data" | "error" | "credits_spent" | "progress">>,
    Pick<ReplyTiming, "delayMs"> {
  /** What each request for the task finds, in turn; the last one stays. At least one. */
  statuses: readonly TaskBody["status"][];
  /** Only this task. Default: any, each with a course of its own. */
  taskId?: string | undefined;
}
