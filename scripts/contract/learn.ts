/**
 * Proposes edits of the contract from recorded traffic, for operations that are known from Databar's clients alone.
 *
 *     npm run contract:learn -- TRAFFIC.jsonl... [--write] [--openapi FOLDER]
 *
 * The files come from `record({ to })` of `databar-client/drift`. Documented parts are never edited: where traffic disagrees
 * with them, that is reported. Without --write, nothing is changed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { asText, type Comparison } from "./compare/report.js";
import { compare, packageVersion, readSide } from "./compare.js";
import { Contract, ContractError, type JsonObject, YamlFile } from "./document.js";
import { edited } from "./import/yaml.js";
import { REQUIRED_AFTER } from "./learn/infer.js";
import { type Findings, propose } from "./learn/propose.js";
import { readTraffic } from "./learn/traffic.js";

export interface Learned extends Findings {
  exchanges: number;
  /** The new text of `openapi.yaml`; the same if there is nothing to propose. */
  text: string;
  /** What the edits mean for users; `undefined` if there is nothing to propose. */
  comparison: Comparison | undefined;
}

/** Reads traffic, and compares it with the contract of a folder. */
export async function learn(files: readonly string[], openapi: string): Promise<Learned> {
  const traffic = readTraffic(files);
  const findings = propose(new Contract(openapi), traffic);
  const exchanges = traffic.reduce((sum, each) => sum + each.exchanges, 0);
  const name = join(openapi, "openapi.yaml");
  const before = new YamlFile(name);
  // The file's own data: the Contract's copy lacks the key header.
  const data = structuredClone(before.data) as JsonObject;
  for (const { apply } of findings.proposals) {
    apply(data);
  }
  const text = edited(before.text, data);
  if (text === before.text) {
    return { ...findings, exchanges, text, comparison: undefined };
  }
  const comparison = await compare(
    await readSide(before),
    await readSide(new YamlFile("openapi.yaml with the proposals", text)),
    packageVersion(),
  );
  return { ...findings, exchanges, text, comparison };
}

/** The report, and what to do next. */
export function formatLearned({ exchanges, proposals, remarks, comparison }: Learned, isWritten: boolean): string {
  const list = (entries: readonly { place: string; message: string }[]): string[] =>
    entries.map(({ place, message }) => `  ${place}: ${message}`);
  return [
    `${exchanges} recorded exchanges. A field is proposed as required after ${REQUIRED_AFTER} exchanges without a gap.`,
    ...(proposals.length > 0
      ? ["", `Proposed edits (x-source: recorded): ${proposals.length}`, ...list(proposals)]
      : []),
    ...(remarks.length > 0 ? ["", `To look at: ${remarks.length}`, ...list(remarks)] : []),
    ...(comparison ? ["", "What the edits mean for users:", asText(comparison)] : ["", "No edits to propose."]),
    ...(comparison
      ? [
          "",
          isWritten
            ? "Written to openapi.yaml. Next: npm run generate, then npm test."
            : "Nothing was written: add --write.",
        ]
      : []),
  ].join("\n");
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: "boolean", default: false },
      openapi: { type: "string", default: join(root, "openapi") },
    },
  });
  if (positionals.length === 0) {
    throw new ContractError("Usage: npm run contract:learn -- TRAFFIC.jsonl... [--write] [--openapi FOLDER]");
  }
  const learned = await learn(positionals, values.openapi);
  if (values.write && learned.comparison) {
    writeFileSync(join(values.openapi, "openapi.yaml"), learned.text);
  }
  console.log(formatLearned(learned, values.write));
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await exitCodeOf(main, 1);
}
