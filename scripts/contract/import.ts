/**
 * Merges the OpenAPI fragments of documentation pages into `openapi/openapi.yaml`.
 *
 *     npm run contract:import -- PAGE... [--accept] [--dry-run] [--format json] [--openapi FOLDER]
 *
 * A page is a file, a folder of `.md` files, the address of a page, or the address of an `llms.txt` index.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { ContractError } from "./document.js";
import { type Change, type Merged, merge } from "./import/merge.js";
import { readPage } from "./import/page.js";
import { FETCH_DEFAULTS, type FetchOptions, type Page, readPages } from "./import/sources.js";

export interface ImportOptions extends Partial<FetchOptions> {
  /** The folder of the contract. */
  openapi: string;
  /** Takes a page's schema where the stored one differs and is used by other operations too. */
  accept?: boolean;
  dryRun?: boolean;
}

/**
 * Reads all pages, merges them and writes the contract: all of it, or nothing.
 *
 * @returns What was, or with `dryRun` would be, changed.
 * @throws ContractError with all problems, a line or paragraph for each.
 */
export async function importPages(sources: readonly string[], options: ImportOptions): Promise<Change[]> {
  const file = join(options.openapi, "openapi.yaml");
  const name = relative(process.cwd(), file);
  const stored = readStored(file, name);
  const pages = await readPages(sources, { ...FETCH_DEFAULTS, onProgress: () => {}, ...options });
  const { text, changes } = mergePages(stored, pages, { accept: options.accept ?? false, name });
  if (text !== stored && !options.dryRun) {
    writeFileSync(`${file}.tmp`, text);
    renameSync(`${file}.tmp`, file);
  }
  return changes;
}

/** The stored text with all pages merged; every page that cannot be read is told. */
export function mergePages(stored: string, pages: readonly Page[], options: { accept: boolean; name: string }): Merged {
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
  return merge(stored, fragments, options);
}

function readStored(file: string, name: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ContractError(`${name}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** The changes in lines for people. */
export function formatChanges(changes: readonly Change[], dryRun: boolean): string {
  const changed = changes.filter(({ change }) => change !== "unchanged");
  const lines = changed.flatMap(({ what, change, details }) => [
    `${change.padEnd(9)} ${what}`,
    ...details.map((line) => `            ${line}`),
  ]);
  const unchanged = changes.length - changed.length;
  const summary =
    changed.length === 0 ? "Nothing to change" : `${dryRun ? "Would change" : "Changed"} ${changed.length}`;
  return [...lines, `${summary}; ${unchanged} operation(s) unchanged.`].join("\n");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      accept: { type: "boolean", default: false },
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
