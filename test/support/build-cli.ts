/** The command line as JavaScript files, made without type checks: a process of it starts fast. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";

export interface BuiltCli {
  /** The program's file. */
  path: string;
  remove(): void;
}

/** Writes each file of `src` as JavaScript to a folder from which the packages are found. */
export function buildCli(): BuiltCli {
  mkdirSync("node_modules/.cache", { recursive: true });
  const folder = mkdtempSync("node_modules/.cache/databar-cli-");
  cpSync("package.json", join(folder, "package.json"));
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  for (const file of readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))) {
    const { outputText } = ts.transpileModule(readFileSync(join("src", file), "utf8"), { compilerOptions });
    const target = join(folder, "dist", file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
  return { path: join(folder, "dist/cli.js"), remove: () => rmSync(folder, { recursive: true }) };
}
