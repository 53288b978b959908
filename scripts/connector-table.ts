/** A table of connectors for terminals, without their secrets. */

import { maskSecrets } from "../src/cli/mask.js";
import { renderTable } from "../src/cli/table.js";
import { maskUrl } from "../src/errors/mask.js";
import type { Connector } from "../src/index.js";

/** One line for each connector. The table omits headers and bodies, and masks the secrets in URLs. */
export function connectorTable(connectors: Connector[], width = Number.POSITIVE_INFINITY): string {
  if (connectors.length === 0) {
    return "No connectors yet. Add one in your workspace.";
  }
  const rows = connectors.map(({ id, name, type, method, url, rate_limit, max_concurrency, created_at }) => ({
    id,
    name: maskSecrets(name, []),
    type,
    method: method.toUpperCase(),
    url: maskUrl(url),
    limits: [rate_limit != null && `${rate_limit}/min`, max_concurrency != null && `${max_concurrency} at once`]
      .filter(Boolean)
      .join(", "),
    created: created_at?.slice(0, 10),
  }));
  const { lines } = renderTable(rows, { width });
  const count = connectors.length === 1 ? "1 connector" : `${connectors.length} connectors`;
  return [...lines, "", `${count}. Secrets in headers, parameters and bodies are not shown.`].join("\n");
}
