/** What `--body` and its like give: JSON from the argument, a file or standard input. */
import { createReadStream } from "node:fs";
import { CommandLineError } from "./failure.js";
import type { InStream, Io } from "./io.js";

/** The text of an argument in pieces: its own, a file's for `@FILE`, standard input's for `-`. */
export async function* textOf(option: string, given: string, io: Pick<Io, "stdin" | "signal">): AsyncGenerator<string> {
  if (given === "-") {
    yield* read(io.stdin, io.signal);
  } else if (given.startsWith("@")) {
    yield* readFile(option, given.slice(1), io.signal);
  } else {
    yield given;
  }
}

/** @throws CommandLineError for what is not a JSON object. */
export async function jsonObject(option: string, given: string, io: Pick<Io, "stdin" | "signal">): Promise<object> {
  const text = await wholeText(textOf(option, given, io));
  const value = parseJson(option, text, "put the JSON in single quotes, or in a file as @FILE");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
    throw new CommandLineError(`${option} must be a JSON object: got ${got}`);
  }
  return value;
}

/**
 * @param hint - What to do about a fault.
 * @throws CommandLineError for what is not JSON. The text is not quoted: it may hold secrets.
 */
export function parseJson(option: string, text: string, hint = "put the JSON in single quotes"): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const where = text.trim() === "" ? " (it is empty)" : position ? ` (fault at position ${position})` : "";
    throw new CommandLineError(`${option} is not JSON${where}: ${hint}`);
  }
}

/** The key that stands on standard input. */
export async function readKey(io: Pick<Io, "stdin" | "signal">): Promise<string> {
  if (io.stdin.isTTY) {
    throw new CommandLineError(
      "--api-key-stdin reads the key from a pipe or a file, not from the keyboard: databar-client ... --api-key-stdin < FILE",
    );
  }
  return (await wholeText(read(io.stdin, io.signal))).trim();
}

async function wholeText(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) {
    text += piece;
  }
  return text;
}

async function* read(stream: InStream, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const stop = (): void => {
    if ("destroy" in stream && typeof stream.destroy === "function") {
      stream.destroy(new Error("interrupted"));
    }
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const chunk of stream) {
      yield typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function* readFile(option: string, path: string, signal: AbortSignal): AsyncGenerator<string> {
  try {
    yield* read(createReadStream(path), signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) {
      throw error;
    }
    const why =
      { ENOENT: "there is no such file", EACCES: "it may not be read", EISDIR: "it is a directory" }[code] ?? code;
    throw new CommandLineError(`${option} @${path}: ${why}`);
  }
}
