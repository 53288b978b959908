/**
 * Reports what the difference between two contracts means for users of this package.
 *
 *     npm run contract:compare -- OLD NEW [--format text|json|markdown] [--fail-on major|minor|patch]
 *
 * OLD and NEW are files, folders with an `openapi.yaml`, or `git:REV`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { renderTypes } from "../generate.js";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { keySchemes } from "./compare/canonical.js";
import { type Change, LEVELS, type Level, worst } from "./compare/change.js";
import { compileChanges } from "./compare/compile.js";
import { facadeMethods } from "./compare/facade.js";
import { describePath, hasParent, type Split, splitNotes } from "./compare/notes.js";
import { asMarkdown, asText, brokenOperations, type Comparison, proposedVersion } from "./compare/report.js";
import { readNames, readSource } from "./compare/source.js";
import { type Diff, wireChanges } from "./compare/wire.js";
import { describe, differences } from "./differences.js";
import {
  ContractError,
  isKeyHeader,
  isObject,
  type Json,
  type JsonObject,
  operationNodes,
  stripKeyHeader,
  valueAt,
  type YamlFile,
} from "./document.js";

/** One contract, read for comparing. */
export interface Side {
  split: Split;
  types: string;
  /** How each operation states the API key: `header`, `security` or both. */
  keys: ReadonlyMap<string, string>;
  /** The client's name for each operation that has one; `undefined` if the source has no names. */
  names: JsonObject | undefined;
}

export async function readSide(file: YamlFile, names?: JsonObject): Promise<Side> {
  const split = splitNotes(file.data);
  const keys = keyStatements(file.data);
  stripKeyHeader(file.data);
  return { split, types: await renderTypes(file), keys, names };
}

/**
 * Compares two contracts.
 *
 * @param version - The package's present version.
 * @param diff - Replaces Redocly in tests.
 */
export async function compare(old: Side, now: Side, version: string, diff?: Diff): Promise<Comparison> {
  // Redocly is a process of its own, so the compiler works meanwhile.
  const [wire, types] = await Promise.all([
    wireChanges(old.split, now.split, diff),
    Promise.resolve().then(() => compileChanges(old.types, now.types)),
  ]);
  const compile = [...types, ...nameChanges(old.names, now.names)];
  const others = [...noteChanges(old.split, now.split), ...keyChanges(old.keys, now.keys)];
  const wireLevel = worst([...wire, ...others].map(({ level }) => level));
  const compileLevel = worst(compile.map(({ level }) => level));
  const verdict = worst([wireLevel, compileLevel]);
  const changes = [...wire, ...compile, ...others];
  return {
    wire: wireLevel,
    compile: compileLevel,
    verdict,
    proposedVersion: proposedVersion(version, verdict),
    changes,
  };
}

function keyStatements(data: JsonObject): Map<string, string> {
  const schemes = keySchemes(data);
  return new Map(
    operationNodes(data).map(({ key, at: [, path], node }) => {
      const parameters = [valueAt(data, ["paths", path, "parameters"]), node.parameters].flatMap((list) => list ?? []);
      const security = node.security ?? data.security ?? [];
      const isScheme = Object.values(security).some((need) => schemes.some((name) => isObject(need) && name in need));
      return [key, [parameters.some(isKeyHeader) && "header", isScheme && "security"].filter(Boolean).join(" and ")];
    }),
  );
}

/** The client sends the key by itself, however the contract states it. */
function keyChanges(old: Side["keys"], now: Side["keys"]): Change[] {
  return [...old].flatMap(([operation, before]) => {
    const after = now.get(operation) ?? before;
    const message = `The API key is stated as ${after || "nothing"} instead of ${before || "nothing"}. The client sends it by itself.`;
    return before === after ? [] : [{ level: "none", kind: "wire", operation, where: "", message }];
  });
}

/** A method's name is the client's own, so programs notice when it changes. */
function nameChanges(old: Side["names"], now: Side["names"]): Change[] {
  return Object.entries(old && now ? old : {}).flatMap(([operation, name]) => {
    const other = now?.[operation];
    const message = `The method ${String(name)} is now called ${String(other)}`;
    return other === undefined || other === name
      ? []
      : [{ level: "major", kind: "compile", operation, where: String(name), message }];
  });
}

/** Descriptions, deprecations, servers; and examples, because the tests replay them. */
function noteChanges(before: Split, after: Split): Change[] {
  const places = (part: "notes" | "examples"): string[] => [
    ...new Set([...before[part].keys(), ...after[part].keys()]),
  ];
  const wire = places("notes")
    .filter((place) => hasParent(before.demands, place) && hasParent(after.demands, place))
    .flatMap((place) => noteChange("wire", place, before.notes.get(place), after.notes.get(place)));
  const examples = places("examples").flatMap((place) =>
    noteChange("example", place, before.examples.get(place), after.examples.get(place)),
  );
  return [...wire, ...examples];
}

function noteChange(kind: "wire" | "example", place: string, from: Json | undefined, to: Json | undefined): Change[] {
  const path: string[] = JSON.parse(place);
  const { operation, where } = describePath(path);
  // The first server is the default host, to which the API key goes.
  const isOtherHost = path.at(-1) === "servers" && valueAt(from, [0, "url"]) !== valueAt(to, [0, "url"]);
  return differences(from, to).map((difference) => {
    const message = describe(difference).replace(/^the whole: /, "");
    return { level: isOtherHost ? "major" : "patch", kind, operation, where, message };
  });
}

/** The version in a folder's `package.json`. */
export function packageVersion(folder: string = root): string {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}

/** The command: its arguments to its exit code. */
export async function main(args: string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { format: { type: "string", default: "text" }, "fail-on": { type: "string", default: "none" } },
  });
  const [old, now, ...rest] = positionals;
  const failOn = LEVELS.indexOf(values["fail-on"] as Level);
  if (!old || !now || rest.length > 0 || failOn < 0 || !["text", "markdown", "json"].includes(values.format)) {
    throw new ContractError(
      "Usage: npm run contract:compare -- OLD NEW [--format text|json|markdown] [--fail-on major|minor|patch]",
    );
  }
  const comparison = await compare(
    await readSide(readSource(old), readNames(old)),
    await readSide(readSource(now), readNames(now)),
    packageVersion(),
  );
  const facade = facadeMethods(brokenOperations(comparison.changes));
  const write = { text: asText, markdown: asMarkdown }[values.format];
  print(write ? write(comparison, facade) : JSON.stringify(comparison, null, 2));
  return failOn > 0 && LEVELS.indexOf(comparison.verdict) >= failOn ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await exitCodeOf(() => main(process.argv.slice(2), console.log), 2);
}
