/** The result of a comparison, for people and for pull requests. */
import type { Json } from "../document.js";
import { type Change, LEVELS, type Level } from "./change.js";
import type { FacadeMethod } from "./facade.js";

export interface Comparison {
  wire: Level;
  compile: Level;
  verdict: Level;
  proposedVersion: string;
  changes: Change[];
}

/**
 * The next version. Below 1.0 a break raises the second number and everything else the third, which is how `^0.1.0`
 * reads versions; from 1.0 on they follow their names.
 */
export function proposedVersion(version: string, verdict: Level): string {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.+-]/).map(Number);
  if (verdict === "none") {
    return version;
  }
  if (major === 0) {
    return verdict === "major" ? `0.${minor + 1}.0` : `0.${minor}.${patch + 1}`;
  }
  const next = { major: `${major + 1}.0.0`, minor: `${major}.${minor + 1}.0`, patch: `${major}.${minor}.${patch + 1}` };
  return next[verdict];
}

/** A change with all its operations, so that a change of a shared schema is reported once. */
export interface Grouped {
  change: Change;
  operations: string[];
}

export function grouped(changes: readonly Change[]): Grouped[] {
  const found = new Map<string, Grouped>();
  for (const change of changes) {
    const key = [change.level, change.kind, change.where, change.message].join("\n");
    const group = found.get(key) ?? { change, operations: [] };
    if (change.operation && !group.operations.includes(change.operation)) {
      group.operations.push(change.operation);
    }
    found.set(key, group);
  }
  const rank = ({ change }: Grouped): number => -LEVELS.indexOf(change.level);
  return [...found.values()].sort((a, b) => rank(a) - rank(b));
}

/** @param facade - The facade's methods for the changed operations. */
export function asText(comparison: Comparison, facade: readonly FacadeMethod[] = []): string {
  const { wire, compile, verdict, proposedVersion: version, changes } = comparison;
  const lines = grouped(changes).flatMap((group) => {
    const { level, kind, counterexample } = group.change;
    const line = `${level.padEnd(6)}${kind.padEnd(8)} ${words(group)}`;
    const hint = counterexample === undefined ? [] : [`${" ".repeat(15)}such as ${short(counterexample, 300)}`];
    return [line, ...hint];
  });
  lines.push(...facade.map(({ place, operation }) => `facade ${place} (${operation})`));
  return [...lines, ...(lines.length > 0 ? [""] : []), summary(wire, compile, verdict, version)].join("\n");
}

export function asMarkdown(comparison: Comparison, facade: readonly FacadeMethod[] = []): string {
  const { wire, compile, verdict, proposedVersion: version, changes } = comparison;
  const groups = grouped(changes);
  const sections = LEVELS.toReversed().flatMap((level) => {
    const items = groups.filter(({ change }) => change.level === level);
    return items.length === 0 ? [] : ["", `#### ${level}`, "", ...items.flatMap(markdownItem)];
  });
  return [
    `### Contract: ${verdict}`,
    "",
    "| wire | compile | proposed version |",
    "| --- | --- | --- |",
    `| ${wire} | ${compile} | ${version} |`,
    ...sections,
    ...(facade.length > 0 ? ["", "Methods of the facade that this concerns:", ""] : []),
    ...facade.map(({ place, operation }) => `- \`${place}\` (${escaped(operation)})`),
    "",
  ].join("\n");
}

function markdownItem(group: Grouped): string[] {
  const { kind, counterexample } = group.change;
  const item = `- ${kind}: ${escaped(words(group))}`;
  if (counterexample === undefined) {
    return [item];
  }
  return [item, "", "  ```json", `  ${short(counterexample, 1000)}`, "  ```", ""];
}

function words({ change: { where, message, kind }, operations }: Grouped): string {
  const place = kind !== "compile" && where ? `${where}: ` : "";
  const text = operations.length === 1 && message.startsWith(`${operations[0]}:`) ? "" : listed(operations);
  return `${place}${message}${text}`;
}

function listed(operations: readonly string[]): string {
  if (operations.length === 0) {
    return "";
  }
  const more = operations.length > 2 ? ` and ${operations.length - 2} more` : "";
  return ` (${operations.slice(0, 2).join(", ")}${more})`;
}

function summary(wire: Level, compile: Level, verdict: Level, version: string): string {
  return `wire: ${wire}, compile: ${compile}; verdict: ${verdict}; proposed version: ${version}`;
}

/** Escapes text of a contract for Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]|]/g, "\\$&").replaceAll(/\s+/g, " ");
}

function short(value: Json, length: number): string {
  const text = JSON.stringify(value).replaceAll("```", "");
  return text.length > length ? `${text.slice(0, length)}...` : text;
}

/** The operations for which a correct program breaks. */
export function brokenOperations(changes: readonly Change[]): string[] {
  const broken = changes.filter(({ level, operation }) => level === "major" && operation !== "");
  return [...new Set(broken.map(({ operation }) => operation))];
}

/** A file for `.changeset/`: breaking changes first. */
export function changeset({ changes, verdict }: Comparison, version: string): string {
  const groups = grouped(changes);
  const lines = (level: Level): string[] => {
    const all = groups.filter(({ change }) => change.level === level && change.kind !== "example");
    // The compiler's message is the clearest. Wire messages are for operations that it does not mention.
    const compiled = all.filter(({ change }) => change.kind === "compile");
    const seen = new Set(compiled.flatMap(({ operations }) => operations));
    const others = all.filter(({ operations }) => !operations.some((operation) => seen.has(operation)));
    return [...compiled, ...others].map((each) => `- ${escaped(words(each))}`);
  };
  const sections = [
    ["Breaking changes of the API's contract:", lines("major")],
    ["New in the API's contract:", lines("minor")],
    ["Changes of the API's documentation:", lines("patch")],
  ] as const;
  const filled = sections.filter(([, items]) => items.length > 0);
  const isEarly = version.startsWith("0.");
  const bump = isEarly ? (verdict === "major" ? "minor" : "patch") : verdict;
  return [
    "---",
    `"databar-client": ${bump}`,
    "---",
    ...filled.flatMap(([title, items]) => ["", title, "", ...items]),
    "",
  ].join("\n");
}
