/** Reads the lines of a file, and finds where its complete lines end. */
import type { FileHandle } from "node:fs/promises";

const BLOCK = 1024 * 1024;
const NEWLINE = 10;

/** A line without its line break, and where it is in the file. */
export interface Line {
  text: string;
  at: number;
  length: number;
}

/** Yields the complete lines of a part of a file. */
export async function* readLines(file: FileHandle, from: number, to: number): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let restAt = from;
  for (let at = from; at < to; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, to - at));
    const { bytesRead } = await file.read(block, 0, block.length, at);
    if (bytesRead === 0) {
      return;
    }
    at += bytesRead;
    const bytes = Buffer.concat([rest, block.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      yield { text: bytes.toString("utf8", start, end), at: restAt + start, length: end - start };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    restAt += start;
  }
}

/** The offset after the last line break before an offset, or 0. */
export async function lastLineEnd(file: FileHandle, before: number): Promise<number> {
  const block = Buffer.allocUnsafe(64 * 1024);
  for (let end = before; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const { bytesRead } = await file.read(block, 0, end - start, start);
    const found = block.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (found !== -1) {
      return start + found + 1;
    }
    end = start;
  }
  return 0;
}

/** Reads a part of a file as text. */
export async function readText(file: FileHandle, at: number, length: number): Promise<string> {
  return (await readBytes(file, at, length)).toString("utf8");
}

/** Reads a part of a file. */
export async function readBytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) {
      break;
    }
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}
