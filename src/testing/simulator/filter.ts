/** The `filter` of a request for rows: a JSON object of columns, each with one operator. All of them must match. */
import { json, type PlainAnswer } from "../replay.js";

type Cells = Readonly<Record<string, unknown>>;

const OPERATORS: Readonly<Record<string, (cell: string, operand: string) => boolean>> = {
  equals: (cell, operand) => cell === operand,
  not_equals: (cell, operand) => cell !== operand,
  contains: (cell, operand) => cell.toLowerCase().includes(operand.toLowerCase()),
  is_empty: (cell) => cell === "",
  is_not_empty: (cell) => cell !== "",
};

/** The test of a row, or the 400 of an invalid filter. */
export function readFilter(
  text: string | null,
  columns: readonly string[],
): ((cells: Cells) => boolean) | { refused: PlainAnswer } {
  const refused = (detail: string): { refused: PlainAnswer } => ({ refused: json(400, { detail }) });
  if (text === null) {
    return () => true;
  }
  let filter: unknown;
  try {
    filter = JSON.parse(text);
  } catch {
    return refused("filter is not valid JSON");
  }
  if (typeof filter !== "object" || filter === null || Array.isArray(filter)) {
    return refused("filter must be an object");
  }
  const tests: ((cells: Cells) => boolean)[] = [];
  for (const [column, condition] of Object.entries(filter)) {
    const [[operator, operand] = [], ...others] = Object.entries(Object(condition));
    const matches = operator !== undefined && Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
    if (!columns.includes(column)) {
      return refused(`Unknown columns: ${column}`);
    }
    if (!matches || others.length > 0) {
      return refused(`filter needs one operator for ${column}: ${Object.keys(OPERATORS).join(", ")}`);
    }
    tests.push((cells) => matches(asText(cells[column]), asText(operand)));
  }
  return (cells) => tests.every((test) => test(cells));
}

/** Cells are compared as text: a missing value is the empty text. */
export function asText(value: unknown): string {
  if (value === undefined || value === null) {
    return "";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
