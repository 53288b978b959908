/** Prints results on stdout: as JSON, as JSON lines, as CSV, or as a table. */
import type { Console } from "./console.js";
import { cellsOf, columnsOf, csvWriter } from "./csv.js";
import { type Io, type Style, styleOf, widthOf, writerTo } from "./io.js";
import { maskSecrets } from "./mask.js";
import { cellText, isListOfObjects, nestedLists, renderFields, renderTable } from "./table.js";

/** The format of the output. */
export type Format = "json" | "jsonl" | "table" | "csv";

/** How many hidden columns a note names. */
const MOST_NAMED = 10;

/** Prints results. */
export class Printer {
  readonly format: Format;
  readonly #writeOut: (text: string) => Promise<void>;
  readonly #console: Console;
  readonly #style: Style;
  readonly #width: number;
  readonly #columns: readonly string[] | undefined;
  readonly #isTerminal: boolean;
  /** The columns of the items so far. */
  readonly #known = new Set<string>();
  #csvWriter: ReturnType<typeof csvWriter> | undefined;

  /** @param columns - The columns of a table or of CSV. Default: all. */
  constructor(format: Format, { stdout, env }: Io, console: Console, columns?: readonly string[]) {
    this.format = format;
    this.#columns = columns;
    this.#isTerminal = stdout.isTTY === true;
    this.#writeOut = writerTo(stdout);
    this.#console = console;
    this.#style = styleOf(stdout, env);
    this.#width = widthOf(stdout, env);
  }

  /** Prints one result. For a method without a result, only a terminal shows that it is done. */
  async value(value: unknown): Promise<void> {
    if (value === undefined) {
      if (this.#console.isTerminal) {
        this.#console.note("Done.");
      }
    } else if (this.format === "json") {
      await this.#write(json(value, 2));
    } else if (this.format === "jsonl") {
      for (const item of itemsOf(value) ?? [value]) {
        await this.#write(json(item));
      }
    } else if (this.format === "csv") {
      await this.#csv(itemsOf(value) ?? [value]);
    } else {
      await this.#table(value);
    }
    this.#noteUnknown();
  }

  /**
   * Prints items as they arrive. A table waits for the last one, and so does CSV if its columns are not given. If the
   * iteration fails, the items so far are printed.
   *
   * @param onItem - Called with the number of items so far.
   */
  async items(items: AsyncIterable<unknown>, onItem: (count: number) => void): Promise<void> {
    const kept: unknown[] = [];
    const streamsCsv = this.format === "csv" && this.#columns !== undefined;
    let count = 0;
    try {
      for await (const item of items) {
        if (streamsCsv) {
          await this.#csv([item], count === 0);
        } else if (this.format === "table" || this.format === "csv") {
          kept.push(item);
        } else {
          await this.#write(
            this.format === "jsonl" ? json(item) : `${count === 0 ? "[\n" : ",\n"}${indented(item)}`,
            this.format === "jsonl",
          );
        }
        onItem(++count);
      }
    } catch (error) {
      if (count > 0) {
        await this.#endItems(kept, count).catch(() => {});
      }
      throw error;
    }
    await this.#endItems(kept, count);
  }

  /** Prints a text without changes. */
  text(text: string): Promise<void> {
    return this.#write(text);
  }

  async #endItems(kept: unknown[], count: number): Promise<void> {
    if (this.format === "table") {
      await this.#table(kept);
    } else if (this.format === "csv") {
      if (kept.length > 0 || count === 0) {
        await this.#csv(kept);
      }
    } else if (this.format === "json") {
      await this.#write(count === 0 ? "[]" : "\n]");
    }
    this.#noteUnknown();
  }

  async #csv(items: readonly unknown[], withNames = true): Promise<void> {
    const columns = this.#columns ?? columnsOf(items);
    this.#learn(items);
    const lines = items.map((item) => cellsOf(item, columns));
    this.#csvWriter ??= csvWriter();
    const write = await this.#csvWriter;
    const text = columns.length > 0 ? write(withNames ? [columns, ...lines] : lines) : "";
    // A file gets the exact values.
    await this.#write(this.#isTerminal ? withoutControls(text) : text, false);
  }

  async #table(value: unknown): Promise<void> {
    const masked = this.#pick(maskSecrets(value, this.#console.secrets));
    const notes: string[] = [];
    const lines = Array.isArray(masked) ? this.#list(masked, notes) : this.#single(masked, notes);
    await this.#write(lines.join("\n"));
    for (const note of notes) {
      this.#console.note(note);
    }
  }

  /** Reduces a list, a page or an object to the given columns. */
  #pick(value: unknown): unknown {
    const columns = this.#columns;
    if (!columns || typeof value !== "object" || value === null) {
      return value;
    }
    const pick = (item: unknown): object => {
      const cells = cellsOf(item, columns);
      return Object.fromEntries(columns.map((name, index) => [name, cells[index]]));
    };
    const items = itemsOf(value);
    this.#learn(items ?? [value]);
    if (!items) {
      return pick(value);
    }
    if (Array.isArray(value)) {
      return items.map(pick);
    }
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [name, each === items ? items.map(pick) : each]),
    );
  }

  #learn(items: readonly unknown[]): void {
    for (const name of this.#columns ? columnsOf(items) : []) {
      this.#known.add(name);
    }
  }

  /** A mistyped column is empty in every line, which is easily overlooked. */
  #noteUnknown(): void {
    const unknown = this.#columns?.filter((name) => !this.#known.has(name)) ?? [];
    if (unknown.length > 0 && this.#known.size > 0) {
      this.#console.note(`No item has ${unknown.join(", ")}: the columns are ${[...this.#known].join(", ")}`);
    }
  }

  #list(items: unknown[], notes: string[]): string[] {
    if (items.length === 0) {
      return ["Nothing found."];
    }
    if (!isListOfObjects(items)) {
      return items.map(cellText);
    }
    const { lines, hidden, cutsIds } = renderTable(items, { width: this.#width, bold: this.#style.bold });
    if (hidden.length > 0 || cutsIds) {
      notes.push(describeHidden(hidden, cutsIds));
    }
    return lines;
  }

  #single(value: unknown, notes: string[]): string[] {
    if (typeof value !== "object" || value === null) {
      return [cellText(value)];
    }
    const page = itemsOf(value);
    if (page) {
      const lines = this.#list(page, notes);
      notes.push(describePage(value, page.length));
      return lines;
    }
    const fields = renderFields(value, { width: this.#width, bold: this.#style.bold });
    const lists = nestedLists(value).map(([name, items]) => [
      this.#style.bold(`${name}:`),
      ...this.#list(items, notes),
    ]);
    const blocks = [...(fields.length > 0 ? [fields] : []), ...lists];
    return blocks.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
  }

  #write(text: string, endsLine = true): Promise<void> {
    this.#console.clear();
    return this.#writeOut(endsLine ? `${text}\n` : text);
  }
}

/** The number of a page and its items, and how to get the next page. */
function describePage(page: object, count: number): string {
  const { page: number, total_count: total, has_next_page: hasNext } = page as Record<string, unknown>;
  const items = typeof total === "number" ? `${count} of ${countOf(total, "item")}` : countOf(count, "item");
  const next = hasNext && typeof number === "number" ? `; more with --query page=${number + 1}` : "";
  return `Page ${cellText(number)}: ${items}${next}`;
}

/** `1 row`, `2 rows`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function describeHidden(names: readonly string[], cutsIds: boolean): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  const hidden = names.length > 0 ? [`Hidden columns: ${names.slice(0, MOST_NAMED).join(", ")}${more}.`] : [];
  return [...hidden, ...(cutsIds ? ["Ids are shortened."] : []), "--json prints everything."].join(" ");
}

/** The items of a list, or of a page. */
function itemsOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) {
    return value;
  }
  if (typeof value !== "object" || value === null || !("has_next_page" in value)) {
    return undefined;
  }
  const lists = Object.values(value).filter((each) => Array.isArray(each));
  return lists.length === 1 ? lists[0] : undefined;
}

/** Text that cannot control a terminal. */
function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]/gu, "");
}

/** JSON that cannot control a terminal: the control characters that JSON allows in strings are escaped. */
function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function indented(item: unknown): string {
  return json(item, 2).replace(/^/gm, "  ");
}
