/** Scratch copies of the stored contract, in folders that are removed when the test file ends. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { published, publishedExamples, publishedNames } from "./published.js";

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** An empty scratch folder. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "contract-"));
  folders.push(folder);
  return folder;
}

/** A copy of `openapi/`. */
export function scratchContract(): string {
  const folder = scratchFolder();
  cpSync("openapi", folder, { recursive: true });
  return folder;
}

/** The published document as a contract, with some of its files replaced. */
export function publishedContract(files: Record<string, string> = {}): string {
  const folder = scratchFolder();
  const all = { "openapi.yaml": published, "examples.yaml": publishedExamples, "names.yaml": publishedNames, ...files };
  for (const [name, text] of Object.entries(all)) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** Replaces one passage of a text. Throws if the passage is missing. */
export function replaced(text: string, passage: string, replacement: string): string {
  if (!text.includes(passage)) {
    throw new Error(`not in the text: ${passage}`);
  }
  return text.replace(passage, () => replacement);
}
