/** A readable table of connectors, without their secrets. */
import { maskUrl } from "../src/core/redact.js";
import type { Connector } from "../src/index.js";

const COLUMNS: Record<string, (connector: Connector) => string> = {
  id: ({ id }) => String(id),
  name: ({ name }) => name,
  type: ({ type }) => type,
  method: ({ method }) => method.toUpperCase(),
  url: ({ url }) => maskUrl(url),
  limits: ({ rate_limit, max_concurrency }) =>
    [rate_limit != null && `${rate_limit}/min`, max_concurrency != null && `${max_concurrency} at once`]
      .filter(Boolean)
      .join(", ") || "-",
  created: ({ created_at }) => created_at?.slice(0, 10) ?? "-",
};

/** One line per connector, under a heading; headers, bodies and what a URL may hide are not shown. */
export function connectorTable(connectors: Connector[]): string {
  if (connectors.length === 0) {
    return "No connectors yet: add one in your workspace.";
  }
  const rows = [
    Object.keys(COLUMNS),
    ...connectors.map((connector) => Object.values(COLUMNS).map((cell) => oneLine(cell(connector)))),
  ];
  const widths = Object.keys(COLUMNS).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const count = connectors.length === 1 ? "1 connector" : `${connectors.length} connectors`;
  return [...lines, "", `${count}. Secrets in headers, parameters and bodies are not shown.`].join("\n");
}

/** A name with a line break or an escape sequence must not disturb the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}
