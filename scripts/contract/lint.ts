/**
 * Lints the contract: Redocly's rules as `redocly.yaml` has them, and an example for every documented body.
 *
 *     npm run contract:lint [-- --openapi FOLDER] [--format json]
 */
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../project.js";
import { Contract, ContractError } from "./document.js";
import { checkUnusedExamples, examplesOf, schemaCheck } from "./examples.js";
import { redocly } from "./redocly.js";

/** The problems of the contract in a folder, one text for each. */
export async function lint(folder: string): Promise<string[]> {
  const examples = exampleProblems(folder);
  const file = join(folder, "openapi.yaml");
  const config = join(root, "redocly.yaml");
  const { code, stdout, stderr } = await redocly(["lint", file, "--config", config, "--format", "json"]);
  if (!stdout.trim().startsWith("{")) {
    return [...examples, `redocly lint could not run (exit code ${code}): ${stderr || stdout}`];
  }
  return [...redoclyProblems(stdout), ...examples];
}

/** The part that is read of `redocly lint --format json`. */
interface RedoclyProblem {
  ruleId: string;
  severity: string;
  message: string;
  location: { source: { ref: string }; pointer?: string; start?: { line: number; col: number } }[];
}

function redoclyProblems(json: string): string[] {
  const { problems } = JSON.parse(json) as { problems: RedoclyProblem[] };
  return problems.map(({ ruleId, message, location: [at] }) => {
    const file = at ? relative(process.cwd(), join(root, at.source.ref)) : "";
    const place = at?.start ? `${file}:${at.start.line}:${at.start.col}` : `${file}${at?.pointer ?? ""}`;
    return `${place}: ${message.replaceAll("\n", " ").trim()} (${ruleId})`;
  });
}

/** The generator's own rule: each documented body has an example, and each example fits its schema. */
function exampleProblems(folder: string): string[] {
  try {
    const contract = new Contract(folder);
    const check = schemaCheck(contract);
    // A wrong example for "*" is wrong for many operations. It is reported once.
    const problems = new Map<string, string[]>();
    for (const operation of contract.operations) {
      const bodies = operation.requestBody ? [{ status: "request", content: operation.requestBody.content }] : [];
      for (const { status, content } of [...bodies, ...operation.responses]) {
        for (const text of content.flatMap((each) =>
          problemOf(() => examplesOf(contract, check, operation, status, each)),
        )) {
          const key = text.replaceAll(operation.key, "");
          problems.set(key, [...(problems.get(key) ?? []), text]);
        }
      }
    }
    const reported = [...problems.values()].map(
      ([first, ...rest]) => `${first}${rest.length > 0 ? ` (and for ${rest.length} more operations)` : ""}`,
    );
    return [...problemOf(() => checkUnusedExamples(contract)), ...reported];
  } catch (error) {
    return [messageOf(error)];
  }
}

function problemOf(check: () => unknown): string[] {
  try {
    check();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof ContractError)) {
    throw error;
  }
  return error.message;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      openapi: { type: "string", default: join(root, "openapi") },
      format: { type: "string", default: "text" },
    },
  });
  const problems = await lint(values.openapi);
  if (values.format === "json") {
    console.log(JSON.stringify({ problems }, null, 2));
  } else {
    for (const problem of problems) {
      console.error(problem);
    }
    console.log(problems.length === 0 ? "The contract is clean." : `${problems.length} problem(s) in the contract.`);
  }
  return problems.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main();
}
