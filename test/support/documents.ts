/** The project's documents for users and contributors, and the code blocks in them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** One fenced block of code. */
export interface CodeBlock {
  /** The text after the opening fence, such as `ts`. */
  info: string;
  code: string;
}

/** The documents, as paths relative to the project's folder. `docs/site` is generated and not committed. */
export function documentFiles(): string[] {
  const guides = readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".md") && !/^site[/\\]/.test(file))
    .map((file) => join("docs", file));
  return ["README.md", "AGENTS.md", "llms.txt", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", ...guides.sort()];
}

export function codeBlocks(file: string): CodeBlock[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = "", code = ""]) => ({ info, code }));
}

/** The rows of the table that follows a heading, as lists of cells. Throws if there is none. */
export function tableAfter(file: string, heading: string): string[][] {
  const text = readFileSync(file, "utf8");
  const [, section] = text.split(`\n${heading}\n`);
  const [, table] = /\n((?:\|.*\n)+)/.exec(section ?? "") ?? [];
  if (!table) {
    throw new Error(`${file} has no table after "${heading}"`);
  }
  const [, , ...rows] = table.trim().split("\n");
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The names in backticks in a cell. */
export function namesIn(cell = ""): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}
