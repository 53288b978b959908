/**
 * Merges the OpenAPI fragments of documentation pages into `openapi/openapi.yaml`.
 *
 *     npm run contract:import -- PAGE... [--accept SCHEMA]... [--servers] [--dry-run] [--format json] [--openapi FOLDER]
 *
 * A page is a file, a folder of `.md` files, the address of a page, or the address of an `llms.txt` index. One `.yaml`,
 * `.yml` or `.json` file is a whole contract, in the place of the stored one.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { readSource } from "./compare/source.js";
import { ContractError, isObject, type JsonObject, YamlFile } from "./document.js";
import { type MergeOptions, merge } from "./import/merge.js";
import { readPage } from "./import/page.js";
import type { Change } from "./import/parts.js";
import { FETCH_DEFAULTS, type FetchOptions, type Page, readPages } from "./import/sources.js";
import { mergeWhole } from "./import/whole.js";
import { edited } from "./import/yaml.js";
import { upgraded } from "./upgrade.js";

export interface ImportOptions extends Partial<FetchOptions>, MergeOptions {
  /** The folder of the contract. */
  openapi: string;
  dryRun?: boolean;
}

/**
 * Merges all pages, or one whole contract (`.yaml`, `.yml`, `.json`), and writes `openapi/`: all of it, or nothing.
 *
 * @returns What changed, or would change with `dryRun`.
 * @throws ContractError with all problems, a line or paragraph for each.
 */
export async function importPages(sources: readonly string[], options: ImportOptions): Promise<Change[]> {
  const file = new YamlFile(join(options.openapi, "openapi.yaml"));
  const fetchOptions = { ...FETCH_DEFAULTS, onProgress: () => {}, ...options };
  const { text, changes } = isWhole(sources)
    ? replaceContract(file, sources[0] ?? "")
    : mergePages(file, await readPages(sources, fetchOptions), options);
  if (!options.dryRun) {
    writeFolder(options.openapi, { "openapi.yaml": text, ...besideFiles(options.openapi, changes) });
  }
  return changes;
}

/** Whether the sources are one file that is a contract as a whole. */
export function isWhole(sources: readonly string[]): boolean {
  return sources.length === 1 && /\.(ya?ml|json)$/i.test(sources[0] ?? "");
}

function replaceContract(stored: YamlFile, file: string): Imported {
  const incoming = { ...(upgraded(readSource(file).data) as JsonObject), openapi: "3.1.0" };
  const { data, changes } = mergeWhole(stored.data, incoming);
  return { text: edited(stored.text, data), changes };
}

interface Imported {
  /** The new text of the contract. */
  text: string;
  changes: Change[];
}

/** Merges all pages into the stored contract. The error names every page that cannot be read. */
export function mergePages(stored: YamlFile, pages: readonly Page[], options: MergeOptions = {}): Imported {
  const problems: string[] = [];
  const fragments = pages.flatMap((page) => {
    try {
      return [readPage(page.name, page.text, page.docs)];
    } catch (error) {
      if (!(error instanceof ContractError)) {
        throw error;
      }
      problems.push(error.message);
      return [];
    }
  });
  if (problems.length > 0) {
    throw new ContractError(problems.join("\n"));
  }
  const { data, changes } = merge(stored, fragments, options);
  return { text: edited(stored.text, data), changes };
}

/** Names and examples follow an operation to its new key, and go with one that is gone. */
function besideFiles(folder: string, changes: readonly Change[]): Record<string, string> {
  const moves = new Map<string, string | undefined>();
  for (const { change, what, from } of changes) {
    if (change === "renamed" && from) {
      moves.set(from, what);
    } else if (change === "removed") {
      moves.set(what, undefined);
    }
  }
  const moved = (data: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(data).flatMap(([key, value]) => {
        const target = moves.has(key) ? moves.get(key) : key;
        return target === undefined ? [] : [[target, value]];
      }),
    );
  const files: Record<string, string> = {};
  for (const name of moves.size > 0 ? ["names.yaml", "examples.yaml"] : []) {
    const { text, data } = new YamlFile(join(folder, name));
    const { operations } = data;
    files[name] = edited(text, isObject(operations) ? { ...data, operations: moved(operations) } : moved(data));
  }
  return files;
}

/** Replaces all files or none: each is written beside its place before the first is moved. */
function writeFolder(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, `${name}.tmp`), text);
  }
  for (const name of Object.keys(files)) {
    renameSync(join(folder, `${name}.tmp`), join(folder, name));
  }
}

/** The changes in lines for people. */
export function formatChanges(changes: readonly Change[], dryRun: boolean): string {
  const lines = changes
    .filter(({ change, details }) => change !== "unchanged" || details.length > 0)
    .flatMap(({ what, change, from, details }) => [
      `${change.padEnd(9)} ${what}${from ? ` (was ${from})` : ""}`,
      ...details.map((line) => `            ${line}`),
    ]);
  const changed = changes.filter(({ change }) => change !== "unchanged" && change !== "kept");
  const unchanged = changes.filter(({ change }) => change === "unchanged").length;
  const summary =
    changed.length === 0 ? "Nothing to change" : `${dryRun ? "Would change" : "Changed"} ${changed.length}`;
  return [...lines, `${summary}; ${unchanged} operation(s) unchanged.`].join("\n");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      accept: { type: "string", multiple: true, default: [] },
      servers: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      format: { type: "string", default: "text" },
      openapi: { type: "string", default: join(root, "openapi") },
    },
  });
  if (positionals.length === 0) {
    throw new ContractError("Name at least one page: a file, a folder, an address, or an llms.txt index");
  }
  const dryRun = values["dry-run"];
  const changes = await importPages(positionals, {
    openapi: values.openapi,
    accept: values.accept,
    servers: values.servers,
    dryRun,
    onProgress: (message) => console.error(message),
  });
  console.log(values.format === "json" ? JSON.stringify({ dryRun, changes }, null, 2) : formatChanges(changes, dryRun));
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await exitCodeOf(main, 1, (error) =>
    error instanceof ContractError ? `${error.message}\nNothing was written.` : undefined,
  );
}
