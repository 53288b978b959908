/**
 * `npm run check:mutants -- [--area client|testing] [--count 300] [--seed 1] [--jobs 2]`: how many small mistakes do the
 * tests notice? Makes a seeded sample of mistakes in the sources, one at a time, in copies of the project.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import ts from "typescript";
import { createRandom } from "../../src/testing/random.js";
import { root } from "../project.js";
import { run } from "../run.js";

/** A source text with one mistake. */
interface Mutant {
  file: string;
  line: number;
  start: number;
  end: number;
  from: string;
  to: string;
}

/** A part of the sources, and the tests that must notice its mutants. */
interface Area {
  sources: RegExp;
  tests: string[];
  /** Names of the slow tests: they run only if the others have noticed nothing. */
  slow: string;
  /** The share of mutants that must be noticed, in percent. */
  target: number;
}

/** What is mutated. */
const AREAS: Readonly<Record<string, Area>> = {
  client: {
    sources: /^(errors|http|workflows|resources)\/|^(client|options|validate)\.ts$/,
    // Drift, logs and traces are tests of what the client tells its hooks.
    tests: ["test/client", "test/contract", "test/drift", "test/logging", "test/otel"],
    slow: "canary,responses,properties,failures,unreachable,concurrency,abort,bodies,hostile",
    target: 92,
  },
  testing: {
    sources: /^testing\//,
    tests: ["test/testing"],
    slow: "types,simulator-properties,hostile-bodies,simulator-network,replay-server",
    target: 88,
  },
};

const OPERATORS: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": ">=",
  ">=": "<",
  ">": "<=",
  "<=": ">",
  "&&": "||",
  "||": "&&",
  "??": "&&",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
};

/** Every mutant of a source text. */
function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const add = (node: ts.Node, to: string): void => {
    const start = node.getStart();
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    found.push({ file, line, start, end: node.getEnd(), from: text.slice(start, node.getEnd()), to });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) {
      return;
    }
    const operator = ts.isBinaryExpression(node) ? OPERATORS[node.operatorToken.getText()] : undefined;
    if (ts.isBinaryExpression(node) && operator && !isText(node)) {
      add(node.operatorToken, operator);
    } else if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      add(node, node.operand.getText());
    } else if (node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword) {
      add(node, node.kind === ts.SyntaxKind.TrueKeyword ? "false" : "true");
    } else if (ts.isNumericLiteral(node)) {
      add(node, `(${node.getText()} + 1)`);
    } else if (ts.isConditionalExpression(node)) {
      add(node, `${node.condition.getText()} ? ${node.whenFalse.getText()} : ${node.whenTrue.getText()}`);
    } else if (ts.isIfStatement(node)) {
      add(node.expression, "true");
      add(node.expression, "false");
    } else if (ts.isExpressionStatement(node) && ts.isCallExpression(node.expression) && !isSuper(node.expression)) {
      add(node, ";");
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Concatenated strings are messages: tests do not check every word of them. */
function isText(node: ts.BinaryExpression): boolean {
  return node.operatorToken.kind === ts.SyntaxKind.PlusToken && /["'`]/.test(node.getText());
}

function isSuper(node: ts.CallExpression): boolean {
  return node.expression.kind === ts.SyntaxKind.SuperKeyword;
}

/** The same sample for the same seed. */
function sample<T>(items: readonly T[], count: number, seed: number): T[] {
  const random = createRandom(seed);
  return items
    .map((item) => ({ item, order: random() }))
    .sort((a, b) => a.order - b.order)
    .slice(0, count)
    .map(({ item }) => item);
}

function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), "databar-mutants-"));
  for (const name of readdirSync(root).filter((each) => !/^(\.git|node_modules|dist|coverage)$/.test(each))) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** Runs the tests of a copy and stops at the first that fails; true if none did and they ended in time. */
async function isGreen(folder: string, tests: readonly string[], timeout: number): Promise<boolean> {
  // One thread and shared modules: loading the client anew for each file would take longer than the tests.
  const alone = ["--maxWorkers=1", "--pool=threads", "--no-isolate"];
  const flags = ["--bail=1", "--reporter=dot", "--testTimeout=5000", ...alone];
  const args = ["node_modules/vitest/vitest.mjs", "run", ...flags, ...tests];
  return (await run(process.execPath, args, { cwd: folder, timeout })).code === 0;
}

/** Whether the tests notice a mistake: they fail, or do not end in time. */
async function isNoticed(folder: string, mutant: Mutant, area: Area, timeout: number): Promise<boolean> {
  const path = join(folder, "src", mutant.file);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.slice(0, mutant.start) + mutant.to + text.slice(mutant.end));
  try {
    const fast = [...area.tests, `--exclude=**/{${area.slow}}.test.ts`];
    return !(await isGreen(folder, fast, timeout)) || !(await isGreen(folder, area.tests, timeout));
  } finally {
    writeFileSync(path, text);
  }
}

/** The bounds of a share that was measured on a sample, with 95 % confidence (Wilson). */
function confidence(hits: number, count: number): [low: number, high: number] {
  const z = 1.96;
  const share = hits / count;
  const centre = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count);
  const half = (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2));
  return [100 * (centre - half), 100 * (centre + half)];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      area: { type: "string", default: "client" },
      count: { type: "string", default: "300" },
      seed: { type: "string", default: "1" },
      jobs: { type: "string", default: String(availableParallelism()) },
    },
  });
  const area = AREAS[values.area];
  if (!area) {
    throw new Error(`--area must be one of ${Object.keys(AREAS).join(", ")}`);
  }
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    area.sources.test(file),
  );
  const files = sources.filter((file) => file.endsWith(".ts")).sort();
  const all = files.flatMap((file) => mutantsOf(file, readFileSync(join(root, "src", file), "utf8")));
  const queue = sample(all, Number(values.count), Number(values.seed));
  const total = queue.length;
  const survivors: Mutant[] = [];
  console.log(`${all.length} possible mutants in ${files.length} files; ${total} are tried (seed ${values.seed}).`);
  const worker = async (): Promise<void> => {
    const folder = copyProject();
    try {
      const started = performance.now();
      if (!(await isGreen(folder, area.tests, 180_000))) {
        throw new Error("The tests fail without a mistake: mend them first.");
      }
      const timeout = Math.round(3 * (performance.now() - started));
      for (let mutant = queue.pop(); mutant; mutant = queue.pop()) {
        if (!(await isNoticed(folder, mutant, area, timeout))) {
          survivors.push(mutant);
          const { file, line, from, to } = mutant;
          console.log(
            `survived (${total - queue.length} of ${total} tried): src/${file}:${line}: ${from.slice(0, 60).replace(/\s+/g, " ")} -> ${to.slice(0, 60)}`,
          );
        }
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Number(values.jobs) }, worker));
  const killed = total - survivors.length;
  const [low, high] = confidence(killed, total);
  const score = (100 * killed) / total;
  console.log(
    `${killed} of ${total} noticed: ${score.toFixed(1)} % (95 % confidence: ${low.toFixed(0)} to ${high.toFixed(0)}).`,
  );
  return score >= area.target ? 0 : 1;
}

process.exitCode = await main();
