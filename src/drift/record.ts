import { UsageError } from "../errors/classes.js";
import { bodies, definitions } from "../generated/known-fields.gen.js";
import { type Exchange, type Hooks, INSPECT, type InspectingHooks } from "../http/hooks.js";
import { type Check, check, checkOptions } from "../validate.js";
import { defer, track } from "./queue.js";
import { type Shape, type ShapeOptions, shapeOf } from "./shape.js";

/** Options of {@link record}. */
export interface RecordOptions {
  /** The file. Lines are added at its end. A new file can be read by its owner only. */
  to: string;
  /** Hooks of your own, or those of `watchDrift`. */
  hooks?: Hooks | undefined;
  /**
   * Places whose keys are names of fields, such as `$.usage`. By default the keys of an object that the contract does not
   * describe count as data: they are not recorded.
   */
  showKeys?: readonly string[] | undefined;
}

/** One line of the file. */
export interface RecordedExchange {
  /** The version of the format. */
  v: 1;
  /** Differs for each recorder: hashes can be compared within one session. */
  session: string;
  operation: string;
  status: number;
  /** The shape of the body that was sent. */
  request?: Shape;
  /** The shape of the body that was returned. */
  response?: Shape;
}

const FILE: Check = [(value) => typeof value === "string" && value !== "", "the path of a file"];

const OPTIONS = {
  to: FILE,
  hooks: undefined,
  showKeys: [(value) => Array.isArray(value), "a list of paths such as $.usage"],
} satisfies Record<keyof RecordOptions, Check | undefined>;

/**
 * Writes the shape of each exchange to a file, one line of JSON each: operation, status, types, presence, formats. No value
 * and no key that is data is written: they are taken out before anything touches the disk. Needs Node.
 *
 * @returns Hooks for `new Databar({ hooks })`.
 * @throws UsageError for an invalid option, or where there is no Node.
 */
export function record(options: RecordOptions): Hooks {
  checkOptions(options, OPTIONS);
  check("to", options.to, FILE);
  const recorder = new Recorder(options, nodeModules());
  const other = (options.hooks as InspectingHooks | undefined)?.[INSPECT];
  const recording: InspectingHooks = {
    ...options.hooks,
    [INSPECT](exchange) {
      other?.(exchange);
      defer(exchange, recorder.write);
    },
  };
  return recording;
}

type NodeModules = ReturnType<typeof nodeModules>;

class Recorder {
  readonly #file: string;
  readonly #fs: NodeModules["fs"];
  readonly #session: string;
  readonly #shapes: ShapeOptions;
  #lines: string[] = [];
  #isWriting = false;
  #hasWarned = false;

  constructor({ to, showKeys = [] }: RecordOptions, { fs, crypto }: NodeModules) {
    this.#file = to;
    this.#fs = fs;
    this.#session = crypto.randomBytes(6).toString("hex");
    // The salt is never written, so that a hash cannot be reversed by trying words.
    const salt = crypto.randomBytes(16);
    const hash = (text: string): string => crypto.createHmac("sha256", salt).update(text).digest("hex").slice(0, 8);
    this.#shapes = { definitions, hash, showKeys: new Set(showKeys) };
  }

  readonly write = ({ operation, status, body, bytes, sent }: Exchange): void => {
    const known = bodies[operation];
    // The caller may have changed the parsed body.
    const received: unknown =
      bytes && typeof body === "object" && body !== null ? JSON.parse(new TextDecoder().decode(bytes)) : body;
    const exchange: RecordedExchange = {
      v: 1,
      session: this.#session,
      operation,
      status,
      ...(sent !== undefined && { request: shapeOf(JSON.parse(sent), known?.request, this.#shapes) }),
      ...(received !== undefined && { response: shapeOf(received, known?.[status], this.#shapes) }),
    };
    this.#lines.push(`${JSON.stringify(exchange)}\n`);
    if (!this.#isWriting) {
      this.#isWriting = true;
      track(this.#append());
    }
  };

  async #append(): Promise<void> {
    // Lines of the same slice are written together.
    await Promise.resolve();
    while (this.#lines.length > 0) {
      const text = this.#lines.join("");
      this.#lines = [];
      try {
        await this.#fs.promises.appendFile(this.#file, text, { mode: 0o600 });
      } catch (error) {
        this.#warn(error);
      }
    }
    this.#isWriting = false;
  }

  #warn(error: unknown): void {
    if (!this.#hasWarned) {
      this.#hasWarned = true;
      const { code } = error as NodeJS.ErrnoException;
      console.warn(
        `databar-client: ${this.#file} cannot be written (${code ?? "unknown error"}); recording is incomplete`,
      );
    }
  }
}

/** The parts of Node that are needed. They are not imported: the entry loads everywhere. */
function nodeModules() {
  const { process } = globalThis as { process?: Partial<NodeJS.Process> };
  if (typeof process?.getBuiltinModule !== "function") {
    throw new UsageError("record needs Node 20.16 or later: it writes a file");
  }
  return { fs: process.getBuiltinModule("node:fs"), crypto: process.getBuiltinModule("node:crypto") };
}
