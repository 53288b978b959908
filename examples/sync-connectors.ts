/**
 * Makes the connectors of the workspace match a JSON file: creates the missing ones, updates those that differ, and
 * deletes the others if you pass --delete. Without --apply it only prints the plan.
 *
 * The file is a list of connectors, as in connectors.json beside this program. A connector is found by its name. A field
 * that the file leaves out is left as it is. `$NAME` in a value is replaced by that environment variable, so that the file
 * holds no secret.
 *
 * Needs `npm install databar-client`. Run it:
 *
 *     DATABAR_API_KEY=... SCORING_TOKEN=... npx tsx examples/sync-connectors.ts examples/connectors.json --apply
 */
import { readFile } from "node:fs/promises";
import { isDeepStrictEqual, parseArgs } from "node:util";
import { type Connector, Databar, type NewConnector } from "databar-client";

/** Replaces `$NAME` by the environment variable NAME. */
function fillIn(value: string): string {
  return value.replace(/\$([A-Z][A-Z0-9_]*)/g, (_, name: string) => {
    const found = process.env[name];
    if (!found) {
      throw new Error(`The file needs the environment variable ${name}`);
    }
    return found;
  });
}

async function readConnectors(file: string): Promise<NewConnector[]> {
  const wanted: NewConnector[] = JSON.parse(await readFile(file, "utf8"), (_, value) =>
    typeof value === "string" ? fillIn(value) : value,
  );
  checkNames(wanted, file);
  return wanted;
}

/** Two connectors with one name could not be told apart. */
function checkNames(connectors: readonly { name: string }[], where: string): void {
  const names = connectors.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(`${where} has more than one connector with the name "${twice}"`);
  }
}

function differs(connector: Connector, wanted: NewConnector): boolean {
  const fields = new Map<string, unknown>(Object.entries(connector));
  return Object.entries(wanted).some(([field, value]) => !isDeepStrictEqual(fields.get(field), value));
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { apply: { type: "boolean", default: false }, delete: { type: "boolean", default: false } },
});
const [file] = positionals;
if (!file) {
  throw new Error("Usage: sync-connectors.ts FILE [--apply] [--delete]");
}
const wanted = await readConnectors(file);

const databar = new Databar();
const existing = await databar.connectors.list();
checkNames(existing, "The workspace");

const byName = new Map(existing.map((connector) => [connector.name, connector]));
for (const connector of wanted) {
  const found = byName.get(connector.name);
  if (!found) {
    console.log("create", connector.name);
    if (flags.apply) await databar.connectors.create(connector);
  } else if (differs(found, connector)) {
    console.log("update", connector.name);
    if (flags.apply) await databar.connectors.update(found.id, connector);
  } else {
    console.log("keep  ", connector.name);
  }
}

const names = new Set(wanted.map(({ name }) => name));
for (const { id, name } of existing) {
  if (!names.has(name)) {
    console.log(flags.delete ? "delete" : "ignore", name);
    if (flags.delete && flags.apply) await databar.connectors.delete(id);
  }
}
console.log(flags.apply ? "Done." : "Nothing was changed: pass --apply to change the workspace.");
