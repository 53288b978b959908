/** Collects everything that a program might print or log about a call, and searches it for secrets. */
import { inspect } from "node:util";
import { vi } from "vitest";
import type { Hooks } from "../../src/index.js";

/** The length of a piece. Shorter pieces occur by chance. */
const PIECE = 8;

/** All pieces of a secret: a part of it is a leak too. */
function pieces(secret: string): string[] {
  const runs = secret.toLowerCase().match(/[a-z\d]+/g) ?? [];
  return runs.flatMap((run) =>
    Array.from({ length: Math.max(0, run.length - PIECE + 1) }, (_, at) => run.slice(at, at + PIECE)),
  );
}

/** Collects printed texts and finds those that contain a secret. */
export class Sinks {
  readonly #pieces: readonly string[];
  readonly #texts: [label: string, text: string][] = [];
  readonly #onWarning = (warning: Error): void => this.#add("process warning", inspect(warning, { depth: 10 }));
  /** The number of texts that were searched. */
  searched = 0;

  constructor(secrets: readonly string[]) {
    this.#pieces = secrets.flatMap(pieces);
    process.on("warning", this.#onWarning);
  }

  /** Records the console. Call it before each test, because Vitest restores mocks after each test. */
  listen(): void {
    for (const name of ["log", "info", "warn", "error", "debug", "trace"] as const) {
      vi.spyOn(console, name).mockImplementation((...values) =>
        this.#add(`console.${name}`, inspect(values, { depth: 10 })),
      );
    }
  }

  /** Hooks that log every event. */
  readonly hooks: Hooks = {
    onRequest: (event) => this.#add("onRequest", inspect(event, { depth: 10 })),
    onResponse: (event) => this.#add("onResponse", inspect(event, { depth: 10 })),
    onRetry: (event) => this.#add("onRetry", JSON.stringify(event)),
  };

  text(label: string, text: string): void {
    this.#add(label, text);
  }

  error(error: unknown): void {
    this.#add("message", error instanceof Error ? error.message : "");
    this.#add("toString", String(error));
    this.#add("stack", error instanceof Error ? `${error.stack}` : "");
    this.#add("inspect", inspect(error));
    this.#add("inspect, deep", inspect(error, { depth: 10, showHidden: true }));
    this.#add("JSON", JSON.stringify(error));
    this.#add("properties", JSON.stringify(Object.getOwnPropertyDescriptors(error)));
    this.#add("spread", inspect({ ...(error as object) }, { depth: 10 }));
    this.#add("issues", JSON.stringify((error as { issues?: unknown }).issues ?? []));
  }

  /** Searches the texts since the last call, and returns the places that contain a piece of a secret. */
  leaks(): string[] {
    const found = this.#texts.flatMap(([label, text]) => {
      const lower = text.toLowerCase();
      const piece = this.#pieces.find((each) => lower.includes(each));
      return piece === undefined
        ? []
        : [`${label}: ${text.slice(Math.max(0, lower.indexOf(piece) - 60)).slice(0, 160)}`];
    });
    this.searched += this.#texts.length;
    this.#texts.length = 0;
    return found;
  }

  close(): void {
    process.off("warning", this.#onWarning);
    vi.restoreAllMocks();
  }

  #add(label: string, text: string): void {
    this.#texts.push([label, text]);
  }
}
