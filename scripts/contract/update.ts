/**
 * The whole loop after a change of the API: import, lint, compare with git, regenerate, type-check, contract tests.
 *
 *     npm run contract:update -- PAGE... | openapi.yaml [--accept] [--base git:HEAD]
 *
 * PAGE is what `contract:import` takes; a single `.yaml`, `.yml` or `.json` file replaces the contract as a whole.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { facadeMethods } from "./compare/facade.js";
import { asText, brokenOperations, type Comparison, changelogEntry } from "./compare/report.js";
import { readSource } from "./compare/source.js";
import { compare, packageVersion, readSide } from "./compare.js";
import { ContractError, YamlFile } from "./document.js";
import { formatChanges, importPages } from "./import.js";
import { lint } from "./lint.js";

/** A folder of the project, and how its programs are run. */
export interface Project {
  /** The project: `openapi/`, `src/`, `test/`, `package.json`. */
  root: string;
  /** Runs a command of the project and gives its output. */
  run: (command: string, args: readonly string[]) => Promise<{ code: number; output: string }>;
  print: (text: string) => void;
}

export interface UpdateOptions {
  accept?: readonly string[];
  servers?: boolean;
  /** What the new contract is compared with. */
  base?: string;
}

/** Runs the steps in order and stops at the first that fails; true if none did. */
export async function update(
  sources: readonly string[],
  project: Project,
  options: UpdateOptions = {},
): Promise<boolean> {
  const file = join(project.root, "openapi/openapi.yaml");
  const before = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const restore = (): void => {
    if (before !== undefined) {
      writeFileSync(file, before);
    }
  };
  const refuse = (message: string): false => {
    restore();
    project.print(`\n${message}\nThe contract was refused; openapi/ is as it was.`);
    return false;
  };
  try {
    await takeContract(sources, file, project, options);
    const isClean = await lintContract(project);
    const comparison = await compareContract(project, options.base ?? "git:HEAD");
    if (!isClean) {
      return refuse("Correct the page, or openapi/examples.yaml where an example no longer fits, and run again.");
    }
    return await adopt(project, comparison, restore);
  } catch (error) {
    if (!(error instanceof ContractError)) {
      restore();
      throw error;
    }
    return refuse(error.message);
  }
}

/** The steps after the contract itself was found good. */
async function adopt(project: Project, comparison: Comparison, restore: () => void): Promise<boolean> {
  const generated = await step(project, "Regenerate", "npx", ["tsx", "scripts/generate.ts"]);
  if (!generated) {
    restore();
    project.print("\nThe generator refused the contract; openapi/ and src/generated are as they were.");
    return false;
  }
  const isBuilt = await typeCheck(project);
  const isTested =
    isBuilt && (await step(project, "Contract tests", "npx", ["vitest", "run", "test/contract/contract.test.ts"]));
  report(project, comparison, isBuilt, isTested);
  return isBuilt && isTested;
}

async function takeContract(sources: readonly string[], file: string, project: Project, options: UpdateOptions) {
  const [first = ""] = sources;
  if (sources.length === 1 && /\.(ya?ml|json)$/i.test(first)) {
    project.print(`== Replace openapi/openapi.yaml by ${first}`);
    // Read as a contract before anything is replaced.
    const { text, data } = new YamlFile(first);
    readSource(first);
    writeFileSync(file, first.toLowerCase().endsWith(".json") ? stringify(data) : text);
    return;
  }
  project.print("== Import");
  const changes = await importPages(sources, {
    openapi: join(project.root, "openapi"),
    accept: options.accept ?? [],
    onProgress: project.print,
  });
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
  const [old, now] = [readSource(base, root), readSource(join(root, "openapi"))];
  const comparison = await compare(await readSide(old), await readSide(now), packageVersion(root));
  print(asText(comparison));
  const facade = facadeMethods(brokenOperations(comparison.changes), join(root, "src"));
  if (facade.length > 0) {
    print("Methods of the facade whose operations break; look at their types and docs:");
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
  const places = compileErrors(output);
  const isFacade = (place: string): boolean => /^src\/(?!generated\/)/.test(place);
  const tell = (title: string, lines: readonly string[]): void => {
    if (lines.length > 0) {
      print(`${title}\n${lines.map((line) => `  ${line}`).join("\n")}`);
    }
  };
  tell("Methods and other parts of the client to adapt:", places.filter(isFacade));
  tell(
    "Tests and scripts to adapt:",
    places.filter((place) => !isFacade(place)),
  );
  if (places.length === 0) {
    print(output.trim());
  }
  return false;
}

/** `src/resources/connectors.ts:20:5: Property ... does not exist`, one for each error of tsc. */
export function compileErrors(output: string): string[] {
  return [...output.matchAll(/^(\S[^(\n]*)\((\d+),(\d+)\): error TS\d+: (.*)$/gm)].map(
    ([, file, line, column, message]) => `${file}:${line}:${column}: ${message}`,
  );
}

function report({ print }: Project, comparison: Comparison, isBuilt: boolean, isTested: boolean): void {
  const { wire, compile, verdict, proposedVersion } = comparison;
  print("\n== Report");
  print(`wire: ${wire}, compile: ${compile}; verdict: ${verdict}; proposed version: ${proposedVersion}`);
  if (!isBuilt) {
    print("Next: adapt the places that the type-check names, then `npm test`.");
  } else if (!isTested) {
    print("Next: adapt the rows of test/contract-table.ts that fail, then `npm test`.");
  }
  if (verdict !== "none") {
    print(`\nFor CHANGELOG.md:\n\n${changelogEntry(comparison)}`);
  }
}

/** Runs a command in a folder; its errors and its output together. */
export function runIn(folder: string): Project["run"] {
  return (command, args) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
        });
      }
      child.on("error", reject);
      child.on("close", (code) => resolve({ code: code ?? 1, output: output.replace(/^npm warn .*\n/gm, "") }));
    });
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
  if (positionals.length === 0) {
    throw new ContractError("Usage: npm run contract:update -- PAGE... | openapi.yaml [--accept] [--base git:HEAD]");
  }
  const isDone = await update(positionals, { root, run: runIn(root), print: (text) => console.log(text) }, values);
  return isDone ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await exitCodeOf(main, 1);
}
