/** Tables and lists of fields that fit a terminal. Pure functions. */
import { plain } from "./mask.js";
import { cut, displayWidth, pad, wrap } from "./width.js";

/** The size and style of a table. */
export interface TableOptions {
  /** The columns of the terminal, `Infinity` for no limit. */
  width: number;
  /** Highlights headings. */
  bold?: (text: string) => string;
}

/** A table, and what it does not show. */
export interface RenderedTable {
  lines: string[];
  /** The names of the columns that did not fit. */
  hidden: string[];
  /** Ids were cut. */
  cutsIds: boolean;
}

interface Column {
  name: string;
  cells: string[];
  /** The width of the widest cell. */
  natural: number;
  width: number;
  isId: boolean;
  isNested: boolean;
}

const GAP = 2;
/** A column is hidden rather than cut to less than this. */
const NARROWEST = 16;
/** A cut UUID keeps its first eight digits. */
const SHORT_ID = 9;
/** Longer cells are cut even without a limit of width. */
const WIDEST = 120;
/** Stands for an empty value. */
const NOTHING = "-";
const ID = /(^|_)(id|identifier|uuid)$/;

/**
 * One line per item, under a heading. Columns that do not fit are cut, then hidden. Ids are cut last, because a cut id is
 * of little use. If they take more than half of a narrow terminal, they are cut first.
 */
export function renderTable(items: readonly object[], { width, bold = (text) => text }: TableOptions): RenderedTable {
  const columns = columnsOf(items);
  const ids = columns.filter(({ isId }) => isId);
  const others = columns.filter(({ isId }) => !isId);
  const shortens = others.length > 0 && sum(ids.map(({ natural }) => natural)) > width / 2;
  const least = ({ natural, isId }: Column): number =>
    Math.min(natural, isId ? (shortens ? SHORT_ID : natural) : NARROWEST);
  let needed = sum(columns.map(least)) + GAP * (columns.length - 1);
  const hidden: string[] = [];
  // Nested values are at the end: they go first.
  for (let last = columns.at(-1); last && columns.length > 1 && needed > width; last = columns.at(-1)) {
    needed -= least(last) + GAP;
    hidden.push(last.name);
    columns.pop();
  }
  const room = width - GAP * (columns.length - 1);
  const shown = new Set(columns);
  for (const [group, narrowest] of [
    [shortens ? ids : [], least],
    [others, least],
    [columns, () => 1],
  ] as const) {
    const excess = sum(columns.map((each) => each.width)) - room;
    shrink(
      group.filter((each) => shown.has(each)),
      narrowest,
      excess,
    );
  }
  const line = (cells: string[]): string =>
    columns
      .map((column, index) => pad(cut(cells[index] ?? NOTHING, column.width), column.width))
      .join(" ".repeat(GAP))
      .trimEnd();
  const rows = items.map((_, index) => line(columns.map(({ cells }) => cells[index] ?? NOTHING)));
  const cutsIds = columns.some((each) => each.isId && each.width < each.natural);
  return { lines: [bold(line(columns.map(({ name }) => name))), ...rows], hidden: hidden.reverse(), cutsIds };
}

/** One line per field, or several for a long value. Nested objects are shown by dotted names, lists of objects are not. */
export function renderFields(object: object, { width, bold = (text) => text }: TableOptions): string[] {
  const fields = flatten(object).map(([name, value]) => ({ name: plain(name), value: cellText(value) || NOTHING }));
  const widest = fields.reduce((most, { name }) => Math.max(most, displayWidth(name)), 0);
  const first = Math.min(widest, Math.max(8, width / 2 - GAP));
  const rest = Math.max(1, width - first - GAP);
  return fields.flatMap(({ name, value }) =>
    wrap(value, rest).map((text, index) => {
      const label = pad(index === 0 ? cut(name, first) : "", first);
      return `${index === 0 ? bold(label) : label}${" ".repeat(GAP)}${text}`.trimEnd();
    }),
  );
}

/** The lists of objects in an object, by their dotted names. */
export function nestedLists(object: object): [name: string, items: object[]][] {
  return entries(object).flatMap(([name, value]): [string, object[]][] => {
    if (isListOfObjects(value)) {
      return [[name, value]];
    }
    return isPlainObject(value)
      ? nestedLists(value).map(([inner, items]): [string, object[]] => [`${name}.${inner}`, items])
      : [];
  });
}

/** Whether a value is a list of objects. Some items may be null. */
export function isListOfObjects(value: unknown): value is object[] {
  return (
    Array.isArray(value) &&
    value.some(isPlainObject) &&
    value.every((item) => item === null || (typeof item === "object" && !Array.isArray(item)))
  );
}

/** A value in one line. A list of objects with names is shown by their names. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) {
    return "";
  }
  if (
    isListOfObjects(value) &&
    value.every((item) => item !== null && "name" in item && typeof item.name === "string")
  ) {
    return cellText(value.map((item) => Reflect.get(item, "name")));
  }
  if (Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null)) {
    return plain(value.map(String).join(", "));
  }
  return plain(typeof value === "object" ? JSON.stringify(value) : String(value));
}

function columnsOf(items: readonly object[]): Column[] {
  const names = new Set(items.flatMap((item) => Object.keys(item ?? {})));
  const columns = [...names].map((field): Column => {
    const values = items.map((item) => (item !== null && Object.hasOwn(item, field) ? Reflect.get(item, field) : null));
    const name = cut(plain(field), WIDEST);
    const cells = values.map((value) => cut(cellText(value), WIDEST) || NOTHING);
    const natural = cells.reduce((widest, cell) => Math.max(widest, displayWidth(cell)), displayWidth(name));
    const isNested = values.some((value) => typeof value === "object" && value !== null);
    return { name, cells, natural, width: natural, isId: ID.test(name), isNested };
  });
  const filled = columns.filter(({ cells }) => cells.some((cell) => cell !== NOTHING && cell !== "{}"));
  const shown = filled.length > 0 ? filled : columns.slice(0, 1);
  return [...shown.filter(({ isNested }) => !isNested), ...shown.filter(({ isNested }) => isNested)];
}

/** Reduces the total width by `excess`, always at the widest column. */
function shrink(columns: Column[], narrowest: (column: Column) => number, excess: number): void {
  for (let left = excess; left > 0; left--) {
    const [widest] = columns.filter((each) => each.width > narrowest(each)).toSorted((a, b) => b.width - a.width);
    if (!widest) {
      return;
    }
    widest.width--;
  }
}

function flatten(object: object): [name: string, value: unknown][] {
  return entries(object).flatMap(([name, value]): [string, unknown][] => {
    if (isListOfObjects(value)) {
      return [];
    }
    return isPlainObject(value) && Object.keys(value).length > 0
      ? flatten(value).map(([inner, each]): [string, unknown] => [`${name}.${inner}`, each])
      : [[name, value]];
  });
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function entries(object: object | null): [string, unknown][] {
  return Object.entries(object ?? {});
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
