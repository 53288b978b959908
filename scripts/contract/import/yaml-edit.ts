/**
 * Changes values inside a YAML text and leaves every other line as it is: comments, order, quotes and folding survive,
 * which no YAML writer promises.
 */
import { isDeepStrictEqual } from "node:util";
import { isMap, isSeq, LineCounter, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { ContractError, type Json, type JsonObject, type Path } from "../document.js";

type BlockMap = YAMLMap<unknown, unknown>;
/** Lines `from` up to but not including `to`, counted from 0, and what takes their place. */
interface Edit {
  from: number;
  to: number;
  lines: string[];
}

/** A YAML text with the lines of its nodes. */
export class YamlText {
  readonly text: string;
  readonly lines: string[];
  readonly data: JsonObject;
  readonly #counter = new LineCounter();
  readonly #document;

  constructor(text: string) {
    this.text = text;
    this.lines = text.split("\n");
    this.#document = parseDocument(text, { lineCounter: this.#counter });
    this.data = this.#document.toJS() as JsonObject;
  }

  has(path: Path): boolean {
    return this.#document.hasIn(path);
  }

  /** The block mapping at a path; undefined where there is none. */
  map(path: Path): BlockMap | undefined {
    const node = path.length === 0 ? this.#document.contents : this.#document.getIn(path, true);
    return isBlockMap(node) ? node : undefined;
  }

  /** The line of the pair at a path, counted from 1. */
  line(path: Path): number {
    return this.keyPosition(pairAt(this, path)).line + 1;
  }

  /** A node as plain data. */
  value(node: unknown): Json {
    return (node as { toJS?: (document: unknown) => Json } | null)?.toJS?.(this.#document) ?? null;
  }

  /** The line and column of a place in the text, counted from 0. */
  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#counter.linePos(offset);
    return { line: line - 1, column: col - 1 };
  }

  /** Where a pair's key stands. */
  keyPosition(pair: Pair): { line: number; column: number } {
    return this.position(rangeOf(pair.key)[0]);
  }

  /** The lines of a pair: from its key to the end of its value. */
  pairLines(pair: Pair): { from: number; to: number } {
    return { from: this.keyPosition(pair).line, to: this.#end(pair.value ?? pair.key) };
  }

  /** The line after a node's last one; a collection's own range also holds the comments that follow it. */
  #end(node: unknown): number {
    if (isBlockMap(node) || isBlockSeq(node)) {
      const last = node.items.at(-1);
      return this.#end(isMap(node) ? ((last as Pair).value ?? (last as Pair).key) : last);
    }
    const [start, end] = rangeOf(node);
    const content = this.text.slice(start, end).trimEnd().length;
    return this.position(start + Math.max(content - 1, 0)).line + 1;
  }
}

/**
 * The stored text with the value at a path made equal to the page's one at the same path.
 *
 * @param keep - Whether a key of the mapping there stays though the page lacks it; further down none does.
 */
export function mergeValue(
  into: YamlText,
  from: YamlText,
  path: Path,
  keep: (key: string) => boolean = () => false,
): string {
  const old = pairAt(into, path);
  const wanted = pairAt(from, path);
  const inner =
    isBlockMap(old.value) && isBlockMap(wanted.value)
      ? mapEdits({ into, from }, old.value, wanted.value, keep)
      : undefined;
  return apply(into.lines, inner ?? pairEdits({ into, from }, old, wanted));
}

/** The stored text with a pair added to the mapping at `path`, before the key `before` or at its end. */
export function addPair(into: YamlText, path: Path, lines: readonly string[], before?: string): string {
  const target = into.map(path);
  const last = target?.items.at(-1) as Pair | undefined;
  if (!target || !last) {
    throw new ContractError(`${path.join(" > ")}: expected a mapping in block style with at least one key`);
  }
  const { column } = into.keyPosition(last);
  const next = target.items.find((pair) => String(pair.key) === before) as Pair | undefined;
  const line = next ? commentStart(into, into.keyPosition(next)) : into.pairLines(last).to;
  return apply(into.lines, [{ from: line, to: line, lines: indented(lines, column) }]);
}

/** The stored text without the pair at a path, and without the comment above it. */
export function removePair(into: YamlText, path: Path): string {
  return into.has(path) ? apply(into.lines, [removal(into, pairAt(into, path))]) : into.text;
}

/** The lines of the pair at a path, moved to the left margin. */
export function pairText(from: YamlText, path: Path): string[] {
  const { from: first, to } = from.pairLines(pairAt(from, path));
  return indented(from.lines.slice(first, to), 0);
}

function pairAt(yaml: YamlText, path: Path): Pair {
  const pair = yaml.map(path.slice(0, -1))?.items.find((each) => String(each.key) === String(path.at(-1)));
  if (!pair) {
    throw new ContractError(`${path.join(" > ")}: expected in a mapping in block style`);
  }
  return pair as Pair;
}

interface Texts {
  into: YamlText;
  from: YamlText;
}

/** The edits that make one mapping equal to another; undefined where lines cannot be told apart. */
function mapEdits(
  texts: Texts,
  target: BlockMap,
  source: BlockMap,
  keep: (key: string) => boolean,
): Edit[] | undefined {
  const { into, from } = texts;
  const edits: Edit[] = [];
  const wanted = new Set(source.items.map((pair) => String(pair.key)));
  for (const [index, pair] of target.items.entries()) {
    if (!wanted.has(String(pair.key)) && !keep(String(pair.key))) {
      if (index === 0 && isAfterDash(into, pair as Pair)) {
        return undefined;
      }
      edits.push(removal(into, pair as Pair));
    }
  }
  const first = target.items[0] as Pair;
  const { column } = into.keyPosition(first);
  let line = isAfterDash(into, first) ? into.pairLines(first).to : commentStart(into, into.keyPosition(first));
  for (const pair of source.items as Pair[]) {
    const old = target.items.find((each) => String(each.key) === String(pair.key)) as Pair | undefined;
    if (old) {
      edits.push(...pairEdits(texts, old, pair));
      line = into.pairLines(old).to;
    } else {
      const { from: start, to } = from.pairLines(pair);
      const lines = withoutDash(from.lines.slice(start, to), from.keyPosition(pair).column);
      edits.push({ from: line, to: line, lines: indented(lines, column) });
    }
  }
  return edits;
}

function pairEdits(texts: Texts, old: Pair, pair: Pair): Edit[] {
  const { into, from } = texts;
  if (isDeepStrictEqual(into.value(old.value), from.value(pair.value))) {
    return [];
  }
  const inner = valueEdits(texts, old.value, pair.value);
  if (inner) {
    return inner;
  }
  const { line, column } = into.keyPosition(old);
  const { from: start, to } = from.pairLines(pair);
  const lines = indented(withoutDash(from.lines.slice(start, to), from.keyPosition(pair).column), column);
  const head = (into.lines[line] ?? "").slice(0, column);
  return [{ ...into.pairLines(old), lines: [head + (lines[0] ?? "").slice(column), ...lines.slice(1)] }];
}

/** Edits inside a value, where both sides are blocks; undefined if it has to be replaced as a whole. */
function valueEdits(texts: Texts, old: unknown, wanted: unknown): Edit[] | undefined {
  if (isBlockMap(old) && isBlockMap(wanted)) {
    return mapEdits(texts, old, wanted, () => false);
  }
  return isBlockSeq(old) && isBlockSeq(wanted) ? seqEdits(texts, old, wanted) : undefined;
}

function seqEdits(texts: Texts, old: YAMLSeq, wanted: YAMLSeq): Edit[] | undefined {
  const { into, from } = texts;
  if (old.items.length !== wanted.items.length) {
    return undefined;
  }
  const edits: Edit[] = [];
  for (const [index, item] of old.items.entries()) {
    const other = wanted.items[index];
    if (!isDeepStrictEqual(into.value(item), from.value(other))) {
      const inner = valueEdits(texts, item, other);
      if (!inner) {
        return undefined;
      }
      edits.push(...inner);
    }
  }
  return edits;
}

function removal(into: YamlText, pair: Pair): Edit {
  return { from: commentStart(into, into.keyPosition(pair)), to: into.pairLines(pair).to, lines: [] };
}

/** The first line of the comment that stands directly above a key, at its column; the key's line if there is none. */
function commentStart(into: YamlText, { line, column }: { line: number; column: number }): number {
  let start = line;
  while (start > 0 && into.lines[start - 1]?.startsWith(`${" ".repeat(column)}#`)) {
    start--;
  }
  return start;
}

function isAfterDash(into: YamlText, pair: Pair): boolean {
  const { line, column } = into.keyPosition(pair);
  return (into.lines[line] ?? "").slice(0, column).trim() !== "";
}

function withoutDash(lines: string[], column: number): string[] {
  return [" ".repeat(column) + (lines[0] ?? "").slice(column), ...lines.slice(1)];
}

/** Lines moved so that the first one starts at a column. */
function indented(lines: readonly string[], column: number): string[] {
  const own = /^ */.exec(lines[0] ?? "")?.[0].length ?? 0;
  return lines.map((line) => (line.trim() === "" ? line.slice(own) : " ".repeat(column) + line.slice(own)));
}

/** Edits from the last to the first, so that line numbers stay true; those at one line keep their order. */
function apply(lines: readonly string[], edits: readonly Edit[]): string {
  const result = [...lines];
  const ordered = edits.map((edit, index) => ({ edit, index }));
  ordered.sort((a, b) => b.edit.from - a.edit.from || b.edit.to - a.edit.to || b.index - a.index);
  for (const { edit } of ordered) {
    result.splice(edit.from, edit.to - edit.from, ...edit.lines);
  }
  return result.join("\n");
}

function isBlockMap(node: unknown): node is BlockMap {
  return isMap(node) && !node.flow && node.items.length > 0;
}

function isBlockSeq(node: unknown): node is YAMLSeq {
  return isSeq(node) && !node.flow && node.items.length > 0;
}

function rangeOf(node: unknown): [number, number, number] {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  if (!range) {
    throw new ContractError("A part of the YAML text has no place in it");
  }
  return range;
}
