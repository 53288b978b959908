/** Decodes the bytes of an input, and splits it into lines. */
import { UsageError } from "../errors/classes.js";

/** UTF-8, or UTF-16 as spreadsheets write it. */
export async function* decode(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of source) {
    if (typeof chunk === "string") {
      yield chunk;
      continue;
    }
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true });
    yield decodeChunk(decoder, chunk);
  }
  yield decodeChunk(decoder, undefined);
}

function encodingOf([first, second]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) {
    return "utf-16le";
  }
  return first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
}

/** Wrong letters would be paid for: they must not be replaced silently. */
function decodeChunk(decoder: TextDecoder | undefined, chunk: Uint8Array | undefined): string {
  try {
    return chunk ? (decoder?.decode(chunk, { stream: true }) ?? "") : (decoder?.decode() ?? "");
  } catch (cause) {
    throw new UsageError("The input is not UTF-8 text: save it as UTF-8 and try again", { cause });
  }
}

/** Splits text into lines. The last one need not end with a line break. */
export async function* splitLines(source: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of source) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") {
    yield rest;
  }
}

/** The first characters of a text, and the whole text again. */
export async function peek(
  source: AsyncIterable<string>,
  isEnough: (start: string) => boolean,
): Promise<{ start: string; all: AsyncIterable<string> }> {
  const chunks = source[Symbol.asyncIterator]();
  let start = "";
  let isDone = false;
  while (!isDone && !isEnough(start)) {
    const { value, done } = await chunks.next();
    isDone = done === true;
    start += done ? "" : value;
  }
  async function* all(): AsyncGenerator<string> {
    try {
      yield start;
      while (!isDone) {
        const { value, done } = await chunks.next();
        isDone = done === true;
        if (!isDone) {
          yield value;
        }
      }
    } finally {
      await chunks.return?.();
    }
  }
  return { start, all: all() };
}
