/** What a command works with: streams, environment, interruption. Tests replace them. */
import type { ClientOptions, Databar } from "../index.js";

/** Where a command writes. */
export type OutStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command reads. */
export type InStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** What a command works with. */
export interface Io {
  stdin: InStream;
  stdout: OutStream;
  stderr: OutStream;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the user interrupts. */
  signal: AbortSignal;
  /** Creates the client. Default: `new Databar(options)`. */
  createClient?: (options: ClientOptions) => Databar;
}

/** The output cannot be written, for example because the disk is full. */
export class OutputError extends Error {
  override readonly name: string = "OutputError";
}

/** The reader of the output has stopped reading, as `head` does. */
export class PipeClosed extends OutputError {
  override readonly name = "PipeClosed";
}

/**
 * Makes a function that writes to a stream at the speed of its reader.
 *
 * @returns A function that resolves when the stream has accepted the text. It throws an OutputError when it cannot.
 */
export function writerTo(stream: OutStream): (text: string) => Promise<void> {
  const known = (cause: NodeJS.ErrnoException): Error =>
    cause.code === "EPIPE"
      ? new PipeClosed("the output was closed before the result was written", { cause })
      : new OutputError(`the result cannot be written: ${cause.message}`, { cause });
  let failure: Error | undefined;
  stream.on("error", (error) => {
    failure ??= known(error);
  });
  return async (text) => {
    if (failure) {
      throw failure;
    }
    await new Promise<void>((resolve, reject) => {
      stream.write(text, (error) => (error ? reject(known(error)) : resolve()));
    });
  };
}

/** The terminal's width in columns, or `Infinity` if the stream is no terminal. */
export function widthOf(stream: OutStream, env: Io["env"]): number {
  const wanted = Number(env.COLUMNS);
  // A terminal that does not know its width reports 0.
  return (
    stream.columns || (Number.isInteger(wanted) && wanted > 0 ? wanted : stream.isTTY ? 80 : Number.POSITIVE_INFINITY)
  );
}

/** How text is highlighted on a terminal. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
}

const same = (text: string): string => text;
const ansi =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

/** Colours on a terminal, unless `NO_COLOR` is set. */
export function styleOf(stream: OutStream, env: Io["env"]): Style {
  const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return colours ? { bold: ansi(1, 22), dim: ansi(2, 22), red: ansi(31, 39) } : { bold: same, dim: same, red: same };
}
