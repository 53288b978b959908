/** The world as a command sees it: streams, environment, network. Replaced in tests. */

import type { Runtime } from "../http/runtime.js";
import type { Fetch } from "../options.js";

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
  /** Aborted when the person interrupts. */
  signal: AbortSignal;
  /** Used in place of the global `fetch`. */
  fetch?: Fetch;
  /** Time and chance. */
  runtime?: Runtime;
}

/** Whoever reads the output has stopped reading: no error, there is nothing left to do. */
export class PipeClosed extends Error {}

/** Writes to a stream no faster than it takes. */
export class Sink {
  readonly #stream: OutStream;
  #fault: Error | undefined;

  constructor(stream: OutStream) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      this.#fault ??= error.code === "EPIPE" ? new PipeClosed() : error;
    });
  }

  /**
   * Resolves when the text has been taken.
   *
   * @throws PipeClosed when nobody reads any more.
   */
  async write(text: string): Promise<void> {
    if (this.#fault) {
      throw this.#fault;
    }
    await new Promise<void>((resolve, reject) => {
      this.#stream.write(text, (error) => (error ? reject(error) : resolve()));
    }).catch((error) => {
      throw (error as NodeJS.ErrnoException).code === "EPIPE" ? new PipeClosed() : error;
    });
  }
}

/** The terminal's width in columns; `Infinity` where there is none to fit. */
export function widthOf(stream: OutStream, env: Io["env"]): number {
  const asked = Number(env.COLUMNS);
  // A terminal that does not know its width says 0.
  return (
    stream.columns || (Number.isInteger(asked) && asked > 0 ? asked : stream.isTTY ? 80 : Number.POSITIVE_INFINITY)
  );
}

/** How text is set off on a terminal. */
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

/** Colours on a terminal, unless `NO_COLOR` is set; none elsewhere. */
export function styleOf(stream: OutStream, env: Io["env"]): Style {
  const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return colours ? { bold: ansi(1, 22), dim: ansi(2, 22), red: ansi(31, 39) } : { bold: same, dim: same, red: same };
}
