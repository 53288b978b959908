/** Everything that is said beside the result: notes, errors, progress. It goes to stderr, without the key. */
import { keyForms } from "../core/redact.js";
import { type Io, type OutStream, type Style, styleOf, widthOf } from "./io.js";
import { maskText, plain } from "./mask.js";
import { cut } from "./width.js";

const PROGRESS_PAUSE_MS = 100;

/** Says things on stderr. */
export class Console {
  readonly style: Style;
  /** Whether a person sees what is said. */
  readonly isTerminal: boolean;
  readonly #stream: OutStream;
  readonly #env: Io["env"];
  readonly #secrets: string[] = [];
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

  /** The forms of the key, which nothing that is said may hold. */
  get secrets(): readonly string[] {
    return this.#secrets;
  }

  /** Keeps a key out of all that is said from here on. */
  hide(key: string | undefined): void {
    if (key) {
      this.#secrets.push(...keyForms(key));
    }
  }

  /** Says a line. */
  note(text: string): void {
    this.#say(this.style.dim(plain(maskText(text, this.#secrets))));
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
    this.#stream.write(`${plain(maskText(question, this.#secrets))} `);
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
    const now = performance.now();
    if (!this.isTerminal || this.#env.TERM === "dumb" || now - this.#progressAt < PROGRESS_PAUSE_MS) {
      return;
    }
    this.#progressAt = now;
    this.#progressShown = true;
    const line = cut(plain(maskText(text, this.#secrets)), widthOf(this.#stream, this.#env) - 1);
    this.#stream.write(`\r\u001b[2K${this.style.dim(line)}`);
  }

  /** Takes the progress away, before anything else is written. */
  clear(): void {
    if (this.#progressShown) {
      this.#progressShown = false;
      this.#stream.write("\r\u001b[2K");
    }
  }

  #say(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }
}
