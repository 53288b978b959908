/** Reads rows from text that arrives in chunks: a JSON list, or one JSON object per line. */
import { CommandLineError } from "./failure.js";

/**
 * Yields the rows as they arrive. Only the text of one row is kept in memory.
 *
 * @param chunks - The text, cut anywhere.
 * @throws CommandLineError for a row that is not a JSON object. The message contains its index.
 */
export async function* readRows(
  chunks: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<object, void, undefined> {
  const splitter = new Splitter();
  let index = 0;
  for await (const chunk of chunks) {
    for (const text of splitter.push(chunk)) {
      yield parseRow(text, index++);
    }
  }
  for (const text of splitter.end()) {
    yield parseRow(text, index++);
  }
}

/** Splits text into rows: at the commas of a list, or at the ends of lines. */
class Splitter {
  #isList: boolean | undefined;
  #isDone = false;
  #row = "";
  #depth = 0;
  #inString = false;
  #isEscaped = false;

  *push(chunk: string): Generator<string, void, undefined> {
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const character = chunk[index] ?? "";
      if (this.#isList === undefined) {
        if (/[\s\ufeff]/.test(character)) {
          start = index + 1;
          continue;
        }
        this.#isList = character === "[";
        if (this.#isList) {
          start = index + 1;
          continue;
        }
      }
      if (this.#endsRow(character)) {
        const row = this.#row + chunk.slice(start, index);
        this.#row = "";
        start = index + 1;
        if (row.trim() !== "" || character === ",") {
          yield row;
        }
      }
    }
    this.#row += chunk.slice(start);
  }

  *end(): Generator<string, void, undefined> {
    if (this.#isList && !this.#isDone) {
      throw new CommandLineError("the list of rows is incomplete: its last ] is missing");
    }
    if (this.#row.trim() !== "") {
      if (this.#isDone) {
        throw new CommandLineError("there is text after the list of rows");
      }
      yield this.#row;
    }
  }

  #endsRow(character: string): boolean {
    if (!this.#isList) {
      return character === "\n";
    }
    if (this.#isDone) {
      return false;
    }
    if (this.#inString) {
      this.#inString = this.#isEscaped || character !== '"';
      this.#isEscaped = !this.#isEscaped && character === "\\";
      return false;
    }
    switch (character) {
      case '"':
        this.#inString = true;
        return false;
      case "{":
      case "[":
        this.#depth++;
        return false;
      case "}":
        this.#depth--;
        return false;
      case "]":
        this.#isDone = this.#depth === 0;
        this.#depth--;
        return this.#isDone;
      default:
        return character === "," && this.#depth === 0;
    }
  }
}

function parseRow(text: string, index: number): object {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    // V8's message quotes the text, which may contain secrets.
    throw new CommandLineError(`the row at index ${index} is not JSON: pass a JSON list, or one JSON object per line`);
  }
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new CommandLineError(`the row at index ${index} must be a JSON object`);
  }
  if ("rows" in row && Array.isArray(row.rows) && index === 0) {
    throw new CommandLineError(
      "--body takes the rows without { rows: ... } around them; the other fields go in --settings",
    );
  }
  return row;
}
