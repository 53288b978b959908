/** Everything that is said beside the result: notes, errors, progress. It goes to stderr, without the key. */
import { type Io, type OutStream, type Style, styleOf, widthOf } from "./io.js";
import { maskText, plain } from "./mask.js";
import { cut, wrap } from "./width.js";

/** A shorter key is a stand-in such as `k`: masking it would garble every text. */
const SHORTEST_KEY = 4;

const PROGRESS_PAUSE_MS = 100;

/** Says things on stderr. */
export class Console {
  readonly style: Style;
  /** Whether a person sees what is said. */
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
    // Nobody is left to be told that nobody listens.
    stderr.on("error", () => {});
  }

  /** The keys that nothing that is said may hold. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Keeps a key out of all that is said from here on. */
  hide(key: string | undefined): void {
    if (key && key.length >= SHORTEST_KEY) {
      this.#secrets = [...this.#secrets, key];
    }
  }

  /** Says a line. */
  note(text: string): void {
    this.#say(
      this.#lines(text)
        .map((line) => this.style.dim(line))
        .join("\n"),
    );
  }

  /** Says in a line what went wrong. */
  error(text: string): void {
    this.#say(`${this.style.red("error:")} ${plain(maskText(text, this.#secrets))}`);
  }

  /** Says several lines, such as a stack. */
  block(text: string): void {
    this.#say(
      text
        .split("\n")
        .map((line) => plain(maskText(line, this.#secrets)))
        .join("\n"),
    );
  }

  /** Says several lines of our own, in colours. */
  page(text: string): void {
    this.#say(text);
  }

  /** Asks, with the cursor behind the question, and ends the line where no typed answer has ended it. */
  async ask(question: string, read: () => Promise<string | undefined>): Promise<string | undefined> {
    this.clear();
    this.#stream.write(`${this.#lines(question).join("\n")} `);
    let answer: string | undefined;
    try {
      answer = await read();
    } finally {
      if (answer === undefined) {
        this.#stream.write("\n");
      }
    }
    return answer;
  }

  /** Shows in one passing line how far things are; on a terminal only, and not too often. */
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

  /** Takes the progress away, before anything else is written. */
  clear(): void {
    clearTimeout(this.#later);
    if (this.#progressShown) {
      this.#progressShown = false;
      this.#stream.write("\r\u001b[2K");
    }
  }

  /** A text, broken into lines on a terminal. */
  #lines(text: string): string[] {
    const width = this.isTerminal ? widthOf(this.#stream, this.#env) - 1 : Number.POSITIVE_INFINITY;
    return wrap(plain(maskText(text, this.#secrets)), width);
  }

  #say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }
}
