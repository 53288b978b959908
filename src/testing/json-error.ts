/** Where and why a text is not JSON, as Python's reader tells it: engines put it in words of their own. */

/** The first fault of a text. */
export interface JsonError {
  /** Counted in characters from 0. */
  readonly position: number;
  readonly message: string;
}

class Fault extends Error {
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.position = position;
  }
}

/** Finds the first fault of a text that `JSON.parse` has refused. */
export function jsonError(text: string): JsonError {
  try {
    const end = space(text, value(text, space(text, 0)));
    if (end < text.length) {
      throw new Fault("Extra data", end);
    }
  } catch (error) {
    // Anything else is an overflow: the text is nested too deeply to be walked.
    const { message, position } = error instanceof Fault ? error : new Fault("Expecting value", 0);
    return { position: [...text.slice(0, position)].length, message };
  }
  return { position: 0, message: "Expecting value" };
}

/** Each reader below takes a position and gives the one after what it has read. */
function space(text: string, at: number): number {
  return at + (match(/[ \t\n\r]*/y, text, at)?.length ?? 0);
}

function value(text: string, at: number): number {
  const first = text[at];
  if (first === '"') {
    return string(text, at);
  }
  if (first === "{") {
    return members(text, at, "}", member);
  }
  if (first === "[") {
    return members(text, at, "]", value);
  }
  const word = match(/null|true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y, text, at);
  if (word === undefined) {
    throw new Fault("Expecting value", at);
  }
  return at + word.length;
}

function members(text: string, open: number, close: string, read: typeof value): number {
  let at = space(text, open + 1);
  if (text[at] === close) {
    return at + 1;
  }
  for (;;) {
    at = space(text, read(text, at));
    if (text[at] === close) {
      return at + 1;
    }
    if (text[at] !== ",") {
      throw new Fault("Expecting ',' delimiter", at);
    }
    at = space(text, at + 1);
  }
}

function member(text: string, at: number): number {
  if (text[at] !== '"') {
    throw new Fault("Expecting property name enclosed in double quotes", at);
  }
  const colon = space(text, string(text, at));
  if (text[colon] !== ":") {
    throw new Fault("Expecting ':' delimiter", colon);
  }
  return value(text, space(text, colon + 1));
}

function string(text: string, open: number): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a JSON string may not hold
  const body = match(/(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-f]{4}))*/iy, text, open + 1) ?? "";
  const at = open + 1 + body.length;
  if (text[at] === '"') {
    return at + 1;
  }
  if (at >= text.length) {
    throw new Fault("Unterminated string starting at", open);
  }
  if (text[at] !== "\\") {
    throw new Fault("Invalid control character at", at);
  }
  if (at + 1 >= text.length) {
    throw new Fault("Unterminated string starting at", open);
  }
  throw text[at + 1] === "u" ? new Fault("Invalid \\uXXXX escape", at + 1) : new Fault("Invalid \\escape", at);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
