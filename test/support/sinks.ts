/** Everything that a program might print or log of a call, and the search for secrets in it. */
import { inspect } from "node:util";
import { vi } from "vitest";
import type { Hooks } from "../../src/index.js";

/** Shorter pieces occur by chance. */
const PIECE = 8;

/** All pieces of a secret: half of it is a leak too. */
function pieces(secret: string): string[] {
  const runs = secret.toLowerCase().match(/[a-z\d]+/g) ?? [];
  return runs.flatMap((run) =>
    Array.from({ length: Math.max(0, run.length - PIECE + 1) }, (_, at) => run.slice(at, at + PIECE)),
  );
}

/** Collects printed forms, and says in which of them a secret is found. */
export class Sinks {
  readonly #pieces: readonly string[];
  readonly #texts: [label: string, text: string][] = [];
  readonly #onWarning = (warning: Error): void => this.#add("process warning", inspect(warning, { depth: 10 }));
  /** How many were searched. */
  searched = 0;

  constructor(secrets: readonly string[]) {
    this.#pieces = secrets.flatMap(pieces);
    process.on("warning", this.#onWarning);
  }

  /** Listens to the console: before each test, for mocks end with the test before. */
  listen(): void {
    for (const name of ["log", "info", "warn", "error", "debug", "trace"] as const) {
      vi.spyOn(console, name).mockImplementation((...words) =>
        this.#add(`console.${name}`, inspect(words, { depth: 10 })),
      );
    }
  }

  /** Hooks that log all that they are told. */
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

  /** Searches what was collected since the last call: gives the places where a piece of a secret stands. */
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
