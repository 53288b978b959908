/** Tables and lists of fields that fit a terminal. Pure. */
import { plain } from "./mask.js";
import { cut, displayWidth, pad, wrap } from "./width.js";

/** How a table is set. */
export interface TableOptions {
  /** The columns of the terminal; `Infinity` where there is none to fit. */
  width: number;
  /** Sets headings off. */
  bold?: (text: string) => string;
}

/** A table, and what it does not show. */
export interface RenderedTable {
  lines: string[];
  /** The names of the columns that did not fit. */
  hidden: string[];
}

interface Column {
  name: string;
  cells: string[];
  natural: number;
  width: number;
  isNested: boolean;
}

const GAP = 2;
/** A column that would become narrower is rather left out. */
const NARROWEST = 16;
/** Longer cells are cut even where the width has no limit. */
const WIDEST = 120;
/** Stands for an empty value. */
const NOTHING = "-";
const ID = /(^|_)(id|identifier|uuid)$/;

/** One line per item, under a heading. Ids are the last to be cut; columns that do not fit are left out. */
export function renderTable(items: readonly object[], { width, bold = (text) => text }: TableOptions): RenderedTable {
  const columns = columnsOf(items);
  const hidden: string[] = [];
  while (columns.length > 1 && sum(columns.map(narrowest)) + GAP * (columns.length - 1) > width) {
    const nested = columns.findLastIndex(({ isNested }) => isNested);
    hidden.unshift(...columns.splice(nested, 1).map(({ name }) => name));
  }
  shrink(columns, width);
  const line = (cells: string[]): string =>
    cells
      .map((cell, index) => pad(cut(cell, columns[index]?.width ?? 0), columns[index]?.width ?? 0))
      .join(" ".repeat(GAP))
      .trimEnd();
  const rows = items.map((_, index) => line(columns.map(({ cells }) => cells[index] ?? NOTHING)));
  return { lines: [bold(line(columns.map(({ name }) => name))), ...rows], hidden };
}

/** One line per field, long values over several; nested objects by their dotted names. Lists of objects are left out. */
export function renderFields(object: object, { width, bold = (text) => text }: TableOptions): string[] {
  const fields = flatten(object).map(([name, value]) => ({ name: plain(name), value: cellText(value) || NOTHING }));
  const first = Math.min(Math.max(0, ...fields.map(({ name }) => displayWidth(name))), Math.max(8, width / 2 - GAP));
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

/** Whether a value is a list with objects in it, and perhaps nulls. */
export function isListOfObjects(value: unknown): value is object[] {
  return (
    Array.isArray(value) &&
    value.some(isPlainObject) &&
    value.every((item) => item === null || (typeof item === "object" && !Array.isArray(item)))
  );
}

/** A value in one line; a list of things that have names, by their names. */
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
  const names = new Set(items.flatMap((item) => entries(item).map(([name]) => name)));
  const columns = [...names].map((name): Column => {
    const values = items.map((item) => (item !== null && Object.hasOwn(item, name) ? Reflect.get(item, name) : null));
    const cells = values.map((value) => cut(cellText(value), WIDEST) || NOTHING);
    const heading = plain(name);
    const natural = cells.reduce((widest, cell) => Math.max(widest, displayWidth(cell)), displayWidth(heading));
    const isNested = values.some((value) => typeof value === "object" && value !== null);
    return { name: heading, cells, natural, width: natural, isNested };
  });
  const filled = columns.filter(({ cells }) => cells.some((cell) => cell !== NOTHING && cell !== "{}"));
  const shown = filled.length > 0 ? filled : columns.slice(0, 1);
  return [...shown.filter(({ isNested }) => !isNested), ...shown.filter(({ isNested }) => isNested)];
}

/** Takes width from the widest columns, from ids only when the others have no more to give. */
function shrink(columns: Column[], width: number): void {
  const room = width - GAP * (columns.length - 1);
  const others = columns.filter(({ name }) => !ID.test(name));
  for (const [group, least] of [
    [others, narrowest],
    [columns, () => 1],
  ] as const) {
    for (let excess = sum(columns.map((each) => each.width)) - room; excess > 0; excess--) {
      const [widest] = group.filter((each) => each.width > least(each)).toSorted((a, b) => b.width - a.width);
      if (!widest) {
        break;
      }
      widest.width--;
    }
  }
}

function narrowest({ name, natural }: Column): number {
  return Math.min(natural, ID.test(name) ? 36 : NARROWEST);
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
