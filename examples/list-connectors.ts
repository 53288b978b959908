/**
 * Lists the connectors of the workspace as CSV, without their secrets.
 *
 * Needs `npm install databar-client csv-stringify`. Run it:
 *
 *     DATABAR_API_KEY=... npx tsx examples/list-connectors.ts > connectors.csv
 */
import { stringify } from "csv-stringify/sync";
import { Databar } from "databar-client";

/** The query and the user name of a URL may hold secrets. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) {
    return "";
  }
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

const databar = new Databar(); // reads the key from DATABAR_API_KEY

// `headers`, `parameters` and `body` stay out of the file: they hold secrets in clear text.
const rows = (await databar.connectors.list()).map(({ id, name, type, method, url, rate_limit, max_concurrency }) => ({
  id,
  name,
  type,
  method: method.toUpperCase(),
  url: withoutSecrets(url),
  rate_limit,
  max_concurrency,
}));

const columns = ["id", "name", "type", "method", "url", "rate_limit", "max_concurrency"];
// A name that begins with "=" would be a formula in a spreadsheet.
process.stdout.write(stringify(rows, { header: true, columns, escape_formulas: true }));
