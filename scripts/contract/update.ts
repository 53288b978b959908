/**
 * The whole loop after a change of the API: import, lint, compare with git, regenerate, type-check, contract tests.
 *
 *     npm run contract:update -- [PAGE... | CONTRACT] [--accept SCHEMA]... [--servers] [--base git:HEAD]
 *
 * PAGE and CONTRACT are what `contract:import` takes. Without them the loop runs on `openapi/` as it was edited by hand.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { run } from "../run.js";
import { checklist, formatSteps, missingExamples, type Step } from "./checklist.js";
import { facadeMethods } from "./compare/facade.js";
import { asText, brokenOperations, type Comparison, changeset } from "./compare/report.js";
import { readNames, readSource } from "./compare/source.js";
import { compare, packageVersion, readSide } from "./compare.js";
import { ContractError } from "./document.js";
import type { MergeOptions } from "./import/merge.js";
import { formatChanges, importPages } from "./import.js";
import { lint } from "./lint.js";

/** A folder of the project, and how its programs are run. */
export interface Project {
  /** The project: `openapi/`, `src/`, `test/`, `package.json`. */
  root: string;
  /** Runs a command of the project and gives its output. */
  run: (command: string, args: readonly string[]) => Promise<{ code: number; output: string }>;
  print: (text: string) => void;
  /** Receives the steps that are left to do, as printed. */
  onChecklist?: (steps: readonly Step[]) => void;
}

export interface UpdateOptions extends MergeOptions {
  /** The source that the new contract is compared with. */
  base?: string;
}

/** Runs the steps in order and stops at the first that fails; true if none did. */
export async function update(
  sources: readonly string[],
  project: Project,
  { base = "git:HEAD", ...options }: UpdateOptions = {},
): Promise<boolean> {
  const restore = snapshot(join(project.root, "openapi"));
  const refuse = (message: string): false => {
    restore();
    project.print(`\n${message}\nThe contract was refused; openapi/ is as it was.`);
    return false;
  };
  try {
    await takeContract(sources, project, options);
    const isClean = await lintContract(project);
    const comparison = await compareContract(project, base);
    if (!isClean) {
      const steps = missingExamples(project.root);
      project.onChecklist?.(steps);
      const hint = "Correct the page, or openapi/examples.yaml where an example no longer fits, and run again.";
      return refuse([...(steps.length > 0 ? ["Next:", formatSteps(steps)] : []), hint].join("\n"));
    }
    return await adopt(project, comparison, base, restore);
  } catch (error) {
    if (!(error instanceof ContractError)) {
      restore();
      throw error;
    }
    return refuse(error.message);
  }
}

/** Remembers the files of a folder; the function that is returned puts them back. */
function snapshot(folder: string): () => void {
  const files = ["openapi.yaml", "names.yaml", "examples.yaml"].map((name) => join(folder, name)).filter(existsSync);
  const texts = files.map((file) => [file, readFileSync(file, "utf8")] as const);
  return () => {
    for (const [file, text] of texts) {
      writeFileSync(file, text);
    }
  };
}

/** The steps after the contract itself was found good. */
async function adopt(project: Project, comparison: Comparison, base: string, restore: () => void): Promise<boolean> {
  const generated = await step(project, "Regenerate", "npx", ["tsx", "scripts/generate.ts"]);
  if (!generated) {
    restore();
    project.print("\nThe generator refused the contract; openapi/ and src/generated are as they were.");
    return false;
  }
  const isBuilt = await typeCheck(project);
  const isTested =
    isBuilt && (await step(project, "Contract tests", "npx", ["vitest", "run", "test/contract/contract.test.ts"]));
  report(project, comparison, base, { isBuilt, isTested });
  return isBuilt && isTested;
}

async function takeContract(sources: readonly string[], project: Project, options: MergeOptions): Promise<void> {
  project.print("== Import");
  if (sources.length === 0) {
    project.print("No page was named: openapi/ is taken as it is.");
    return;
  }
  const openapi = join(project.root, "openapi");
  const changes = await importPages(sources, { ...options, openapi, onProgress: project.print });
  project.print(formatChanges(changes, false));
}

async function lintContract({ root, print }: Project): Promise<boolean> {
  print("\n== Lint");
  const problems = await lint(join(root, "openapi"));
  print(problems.length > 0 ? problems.join("\n") : "The contract is clean.");
  return problems.length === 0;
}

async function compareContract({ root, print }: Project, base: string): Promise<Comparison> {
  print(`\n== Compare with ${base}`);
  const folder = join(root, "openapi");
  const old = await readSide(readSource(base, root), readNames(base, root));
  const now = await readSide(readSource(folder), readNames(folder));
  const comparison = await compare(old, now, packageVersion(root));
  print(asText(comparison));
  const facade = facadeMethods(brokenOperations(comparison.changes), join(root, "src"));
  if (facade.length > 0) {
    print("Methods of the facade whose operations break; check their types and docs:");
    print(facade.map(({ place, operation }) => `  ${place} (${operation})`).join("\n"));
  }
  return comparison;
}

async function step(
  { print, run }: Project,
  title: string,
  command: string,
  args: readonly string[],
): Promise<boolean> {
  print(`\n== ${title}`);
  const { code, output } = await run(command, args);
  print(output.trim());
  return code === 0;
}

async function typeCheck({ print, run }: Project): Promise<boolean> {
  print("\n== Type-check");
  const { code, output } = await run("npx", ["tsc", "--noEmit", "--pretty", "false"]);
  if (code === 0) {
    print("Everything compiles.");
    return true;
  }
  const errors = compileErrors(output);
  const isFacade = (error: string): boolean => /^src\/(?!generated\/)/.test(error);
  const list = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) {
      print(`${title}\n${lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join("\n")}`);
    }
  };
  list("Methods and other parts of the client to adapt:", errors.filter(isFacade));
  list(
    "Tests and scripts to adapt:",
    errors.filter((error) => !isFacade(error)),
  );
  if (errors.length === 0) {
    print(output.trim());
  }
  return false;
}

/** `src/resources/connectors.ts:20:5: Property ... does not exist`, with all lines of each error of tsc. */
export function compileErrors(output: string): string[] {
  return [...output.matchAll(/^(\S[^(\n]*)\((\d+),(\d+)\): error TS\d+: (.*(?:\n +.*)*)$/gm)].map(
    ([, file, line, column, message]) => `${file}:${line}:${column}: ${message}`,
  );
}

function report(
  project: Project,
  comparison: Comparison,
  base: string,
  { isBuilt, isTested }: { isBuilt: boolean; isTested: boolean },
): void {
  const { root, print } = project;
  const { wire, compile, verdict, proposedVersion } = comparison;
  const old = readSource(base, root);
  const now = readSource(join(root, "openapi"));
  const steps = checklist({ root, old: old.data, now: now.data, oldNames: readNames(base, root) ?? {} });
  project.onChecklist?.(steps);
  print("\n== Report");
  print(`wire: ${wire}, compile: ${compile}; verdict: ${verdict}; proposed version: ${proposedVersion}`);
  if (steps.length > 0) {
    print(`\nIn this order, then \`npm run contract:update\` once more:\n${formatSteps(steps)}`);
  }
  if (!isBuilt) {
    print("Next: adapt the places that the type-check names, then `npm test`.");
  } else if (!isTested) {
    print("Next: adapt the rows of test/contract/table.ts that fail, then `npm test`.");
  }
  if (verdict !== "none") {
    // One file for each base, so that running again writes it anew.
    const name = `.changeset/contract-${createHash("sha256").update(old.text).digest("hex").slice(0, 8)}.md`;
    mkdirSync(join(root, ".changeset"), { recursive: true });
    writeFileSync(join(root, name), changeset(comparison, packageVersion(root)));
    print(`\nWritten: ${name}`);
  }
}

/** Runs a command in a folder and gives its errors and its output together. */
export function runIn(cwd: string): Project["run"] {
  return async (command, args) => {
    const { code, stdout, stderr } = await run(command, args, { cwd });
    return { code: code ?? 1, output: `${stderr}${stdout}`.replace(/^npm warn .*\n/gm, "") };
  };
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      accept: { type: "string", multiple: true, default: [] as string[] },
      servers: { type: "boolean", default: false },
      base: { type: "string", default: "git:HEAD" },
    },
  });
  const isDone = await update(positionals, { root, run: runIn(root), print: (text) => console.log(text) }, values);
  return isDone ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await exitCodeOf(main, 1);
}
