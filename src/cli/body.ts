/** Reads the values of `--body` and `--settings`: JSON from the argument, a file or standard input. */
import { createReadStream } from "node:fs";
import { CommandLineError } from "./failure.js";
import type { InStream, Io } from "./io.js";

/** The text of a value in chunks: of a file for `@FILE`, of standard input for `-`, else the value itself. */
export async function* textOf(option: string, given: string, io: Pick<Io, "stdin" | "signal">): AsyncGenerator<string> {
  if (given === "-") {
    yield* read(io.stdin, io.signal);
  } else if (given.startsWith("@")) {
    yield* readFile(option, given.slice(1), io.signal);
  } else {
    yield given;
  }
}

/** @throws CommandLineError if the text is not a JSON object. */
export async function jsonObject(option: string, given: string, io: Pick<Io, "stdin" | "signal">): Promise<object> {
  const text = await wholeText(textOf(option, given, io));
  const value = parseJson(option, text, "put the JSON in single quotes, or in a file as @FILE");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const got = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
    throw new CommandLineError(`${option} must be a JSON object, got ${got}`);
  }
  return value;
}

/**
 * @param hint - How to fix the text.
 * @throws CommandLineError if the text is not JSON. The message does not quote it, because it may contain secrets.
 */
export function parseJson(option: string, text: string, hint = "put the JSON in single quotes"): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const where = text.trim() === "" ? " (it is empty)" : position ? ` (error at position ${position})` : "";
    throw new CommandLineError(`${option} is not JSON${where}: ${hint}`);
  }
}

/** Reads the API key from standard input. */
export async function readKey(io: Pick<Io, "stdin" | "signal">): Promise<string> {
  if (io.stdin.isTTY) {
    throw new CommandLineError(
      "--api-key-stdin reads the key from a pipe or a file, not from the keyboard: databar-client ... --api-key-stdin < FILE",
    );
  }
  return (await wholeText(read(io.stdin, io.signal))).trim();
}

async function wholeText(chunks: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk;
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
  const decoder = new TextDecoder();
  for await (const chunk of fileChunks(option, path, signal)) {
    yield decoder.decode(chunk, { stream: true });
  }
  yield decoder.decode();
}

/** The bytes of a file. @throws CommandLineError if the file cannot be read. */
export async function* fileChunks(option: string, path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { signal });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || signal.aborted) {
      throw error;
    }
    const reason =
      { ENOENT: "there is no such file", EACCES: "no permission to read it", EISDIR: "it is a directory" }[code] ??
      code;
    throw new CommandLineError(`${option} @${path}: ${reason}`);
  }
}
