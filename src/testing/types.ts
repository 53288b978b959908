/** The contract's statuses, bodies and examples, as types. */
import type { examples } from "../generated/examples.gen.js";
import type { OperationName, operations } from "../generated/operations.gen.js";
import type { operations as Types } from "../generated/schema.gen.js";
import type { RecordedRequest } from "./record.js";

/** The statuses that an operation documents. */
export type StatusOf<Name extends OperationName> = keyof (typeof operations)[Name]["responses"] & number;

/** The status of an operation's success. */
export type SuccessOf<Name extends OperationName> = Extract<StatusOf<Name>, 200 | 201 | 202 | 204>;

type Documented<Name extends OperationName, Status> = Types[(typeof operations)[Name]["id"]]["responses"][Status &
  keyof Types[(typeof operations)[Name]["id"]]["responses"]];

/** The documented body of a status; undefined if it has none. */
export type BodyOf<Name extends OperationName, Status extends StatusOf<Name>> =
  Documented<Name, Status> extends { content: infer Content } ? Content[keyof Content] : undefined;

type NamesOf<MediaTypes> = { [Type in keyof MediaTypes]: keyof MediaTypes[Type] }[keyof MediaTypes] & string;

/** The names of a status's examples. */
export type ExampleOf<Name extends OperationName, Status extends StatusOf<Name>> = NamesOf<
  (typeof examples)[Name][Status & keyof (typeof examples)[Name]]
>;

/** When an answer is given, and how often. */
export interface ReplyTiming {
  /** Milliseconds to wait before the answer. Default: none. */
  delayMs?: number | undefined;
  /** How many requests are answered. Later ones are left to the other handlers. Default: all. */
  times?: number | undefined;
}

/** The content of an answer: an example of the contract, or a body of the contract's type. */
export type ReplyContent<Name extends OperationName, Status extends StatusOf<Name>> = {
  /** Additional headers. */
  headers?: Readonly<Record<string, string>> | undefined;
} & (
  | {
      /** The name of one of the status's examples. Default: the one that fits the request. */
      example?: ExampleOf<Name, Status> | undefined;
      body?: undefined;
    }
  | {
      example?: undefined;
      /** A custom body instead of an example. */
      body: BodyOf<Name, Status>;
    }
);

/** How an operation answers. */
export type ReplyOptions<Name extends OperationName, Status extends StatusOf<Name>> = ReplyTiming &
  ReplyContent<Name, Status> & {
    /** A documented status. Default: the operation's success. */
    status?: Status | undefined;
  };

/** The answer that a function gives to one request. Without `status` it is the operation's success. */
export type ReplyAnswer<Name extends OperationName> = {
  [Status in StatusOf<Name>]: ReplyContent<Name, Status> &
    (Status extends SuccessOf<Name> ? { status?: Status | undefined } : { status: Status });
}[StatusOf<Name>];

/** Answers one request. */
export type ReplyFunction<Name extends OperationName> = (
  request: RecordedRequest,
) => ReplyAnswer<Name> | Promise<ReplyAnswer<Name>>;

/** What a broken server or proxy answers. Nothing of it is checked against the contract. */
export type RawReplyOptions = ReplyTiming &
  (
    | {
        /** The connection fails without an answer. */
        networkError: true;
      }
    | {
        networkError?: undefined;
        /** Any status from 200 to 599. Default: 200. */
        status?: number | undefined;
        /** Sent unchanged. Default: none. */
        body?: string | Uint8Array | undefined;
        headers?: Readonly<Record<string, string>> | undefined;
        /** Breaks the connection after the body. */
        truncated?: boolean | undefined;
      }
  );

type TaskBody = BodyOf<"tasks.get", 200>;

/** The sequence of a task's statuses. */
export interface TaskReplyOptions
  extends Partial<Pick<TaskBody, "data" | "error" | "credits_spent" | "progress">>,
    Pick<ReplyTiming, "delayMs"> {
  /** The status that each poll finds, in turn. The last one stays. At least one. */
  statuses: readonly TaskBody["status"][];
  /** Answers polls of this task only. Default: polls of any task, each with its own sequence. */
  taskId?: string | undefined;
}
