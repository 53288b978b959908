/** Writes everything but results to stderr: notes, errors, questions, progress. None of it contains the API key. */
import { type Io, type OutStream, type Style, styleOf, widthOf } from "./io.js";
import { maskText, plain } from "./mask.js";
import { cut, wrap } from "./width.js";

/** A shorter key is a placeholder such as `k`. Masking it would garble every text. */
const SHORTEST_KEY = 4;

const PROGRESS_PAUSE_MS = 100;

/** Writes to stderr. */
export class Console {
  readonly style: Style;
  readonly isTerminal: boolean;
  readonly #stream: OutStream;
  readonly #env: Io["env"];
  #secrets: readonly string[] = [];
  #later: NodeJS.Timeout | undefined;
  #progressShown = false;
  #progressAt = Number.NEGATIVE_INFINITY;

  constructor({ stderr, env }: Pick<Io, "stderr" | "env">) {
    this.#stream = stderr;
    this.#env = env;
    this.style = styleOf(stderr, env);
    this.isTerminal = stderr.isTTY === true;
    // If stderr is closed, there is no place left to report it.
    stderr.on("error", () => {});
  }

  /** The keys that are masked. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Masks a key in all further output. */
  hide(key: string | undefined): void {
    if (key && key.length >= SHORTEST_KEY) {
      this.#secrets = [...this.#secrets, key];
    }
  }

  /** Writes a remark. */
  note(text: string): void {
    this.page(this.#lines(text).map(this.style.dim).join("\n"));
  }

  /** Writes an error. */
  error(text: string): void {
    this.page(this.#lines(`error: ${text}`).join("\n").replace("error:", this.style.red));
  }

  /** Writes several lines, such as a stack, without wrapping them. */
  block(text: string): void {
    this.page(
      text
        .split("\n")
        .map((line) => plain(maskText(line, this.#secrets)))
        .join("\n"),
    );
  }

  /** Writes a text without changes. */
  page(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Asks a question, with the cursor behind it. */
  async ask(question: string, read: () => Promise<string | undefined>): Promise<string | undefined> {
    this.clear();
    this.#stream.write(`${this.#lines(question).join("\n")} `);
    let answer: string | undefined;
    try {
      answer = await read();
    } finally {
      if (answer === undefined) {
        // No Return key has ended the line.
        this.#stream.write("\n");
      }
    }
    return answer;
  }

  /** Shows a line that the next output replaces: on a terminal only, at most ten times a second. */
  progress(text: string): void {
    if (!this.isTerminal || this.#env.TERM === "dumb") {
      return;
    }
    clearTimeout(this.#later);
    const pauseMs = this.#progressAt + PROGRESS_PAUSE_MS - performance.now();
    if (pauseMs > 0) {
      this.#later = setTimeout(() => this.progress(text), pauseMs + 1);
      return;
    }
    this.#progressAt = performance.now();
    this.#progressShown = true;
    const line = cut(plain(maskText(text, this.#secrets)), widthOf(this.#stream, this.#env) - 1);
    this.#stream.write(`\r\u001b[2K${this.style.dim(line)}`);
  }

  /** Erases the progress. */
  clear(): void {
    clearTimeout(this.#later);
    if (this.#progressShown) {
      this.#progressShown = false;
      this.#stream.write("\r\u001b[2K");
    }
  }

  /** Masks a text, and wraps it on a terminal. A word that is wider than the terminal stays whole, to be copied. */
  #lines(text: string): string[] {
    const width = this.isTerminal ? widthOf(this.#stream, this.#env) - 1 : Number.POSITIVE_INFINITY;
    return wrap(plain(maskText(text, this.#secrets)), width, false);
  }
}
