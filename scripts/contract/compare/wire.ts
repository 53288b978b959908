/**
 * Rates what a change means for a running program. Redocly's (experimental) `diff` finds and rates the differences of
 * both contracts in canonical form, by rules. Three things are added: a proof that a change is compatible, a search for
 * bodies that show a break, and a few rules of this client.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  ContractError,
  isObject,
  type Json,
  type JsonObject,
  operationNodes,
  type Path,
  referencePath,
  valueAt,
} from "../document.js";
import { schemaErrors } from "../examples.js";
import { redocly } from "../redocly.js";
import { canonical } from "./canonical.js";
import type { Change, Level } from "./change.js";
import { counterexamples } from "./counterexample.js";
import { describePath, type Split } from "./notes.js";
import { isSubset } from "./subset.js";

/** The part that is read of `redocly diff --format json`. */
export interface RedoclyChange {
  path: string;
  kind: "added" | "removed" | "modified";
  property?: string;
  verdicts: { ruleId: string; impact: string; message: string }[];
  base?: { value?: Json };
  revision?: { value?: Json };
}

type Direction = "request" | "response";

/** Compares two documents in canonical form. */
export type Diff = (old: JsonObject, now: JsonObject) => Promise<RedoclyChange[]>;

/** The changes that a running program may notice. */
export async function wireChanges(before: Split, after: Split, diff: Diff = redoclyDiff): Promise<Change[]> {
  const old = canonical(before.demands);
  const now = canonical(after.demands);
  if (isDeepStrictEqual(old, now)) {
    return [];
  }
  const found = (await diff(old, now)).flatMap((change) => judged(change, old, now));
  return withCounterexamples([...found, ...newBodies(old, now)], old, now);
}

export async function redoclyDiff(old: JsonObject, now: JsonObject): Promise<RedoclyChange[]> {
  const folder = mkdtempSync(join(tmpdir(), "compare-"));
  try {
    const files = ["old.json", "new.json", "redocly.yaml"].map((name) => join(folder, name));
    const [oldFile = "", newFile = "", config = ""] = files;
    writeFileSync(oldFile, JSON.stringify(old));
    writeFileSync(newFile, JSON.stringify(now));
    writeFileSync(config, "extends: [diff-recommended]\n");
    const args = ["diff", oldFile, newFile, "--config", config, "--format", "json", "--fail-on", "none"];
    const { code, stdout, stderr } = await redocly(args);
    if (code !== 0 || !stdout.trimStart().startsWith("{")) {
      throw new ContractError(`redocly diff failed (exit code ${code}): ${(stderr || stdout).trim()}`);
    }
    return (JSON.parse(stdout) as { changes: RedoclyChange[] }).changes;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function judged(change: RedoclyChange, old: JsonObject, now: JsonObject): Change[] {
  const path = referencePath(change.path);
  const place = { kind: "wire" as const, ...describePath(path) };
  const [verdict] = change.verdicts;
  const proved = change.property === "default" ? undefined : provedLevel(change, path, old, now);
  if (!verdict) {
    const level = proved === "none" ? "none" : levelWithoutVerdict(change, path);
    return [{ level, ...place, message: plainMessage(change, path) }];
  }
  const level = proved ?? (verdict.impact as Level);
  return change.verdicts.map(({ message }) => ({ level, ...place, message: message.replaceAll("`", "") }));
}

/** Redocly has no rule for defaults. With another default, a request that omits the value means something else. */
function levelWithoutVerdict({ property, base }: RedoclyChange, path: Path): Level {
  if (property === "default") {
    return directionOf(path) === "response" ? "patch" : base?.value === undefined ? "minor" : "major";
  }
  return "minor";
}

function plainMessage({ kind, property, base, revision }: RedoclyChange, path: Path): string {
  const name = property ?? String(path.at(-1));
  if (kind !== "modified") {
    return `${name} was ${kind}`;
  }
  const values = [base, revision].map((side) => (side?.value === undefined ? "none" : JSON.stringify(side.value)));
  return `${name} changed from ${values.join(" to ")}`;
}

/** The level of a change that the rules rate too high, if a proof shows it; otherwise `undefined`. */
function provedLevel(
  { verdicts, kind }: RedoclyChange,
  path: Path,
  old: JsonObject,
  now: JsonObject,
): Level | undefined {
  if (kind === "removed" && verdicts.some(({ ruleId }) => ruleId === "response-removed")) {
    // A program that handles an error still works when the error no longer comes.
    return /^2/.test(String(path.at(-1))) ? undefined : "minor";
  }
  for (const schema of schemasAround(path)) {
    const sides = [valueAt(old, schema), valueAt(now, schema)];
    const [inner, outer] = directionOf(path) === "response" ? sides.toReversed() : sides;
    if (inner !== undefined && outer !== undefined && isSubset(inner, outer)) {
      return isSubset(outer, inner) ? "none" : "minor";
    }
  }
  return undefined;
}

/** The paths of the schemas that a path leads through, the innermost first. */
function schemasAround(path: Path): Path[] {
  const found: Path[] = [];
  const start = path[0] === "components" ? 2 : path.indexOf("schema");
  let isSchema = start >= 0;
  for (let index = start; isSchema && index < path.length; index++) {
    found.unshift(path.slice(0, index + 1));
    const keyword = String(path[index + 1]);
    if (["properties", "patternProperties", "anyOf", "oneOf", "allOf", "prefixItems"].includes(keyword)) {
      isSchema = path.length > index + 2;
      index++;
    } else {
      isSchema = ["items", "additionalProperties", "not"].includes(keyword);
    }
  }
  return found;
}

/** A required body that is new. Redocly finds only an optional body that becomes required. */
function newBodies(old: JsonObject, now: JsonObject): Change[] {
  return operationNodes(old).flatMap(({ at: path }) => {
    const before = valueAt(old, [...path, "requestBody"]);
    const after = valueAt(now, [...path, "requestBody"]);
    const isNew = before === undefined && isObject(after) && after.required === true;
    const place = { kind: "wire" as const, ...describePath([...path, "requestBody"]) };
    return isNew ? [{ level: "major", ...place, message: "A request body became required." }] : [];
  });
}

/** Adds counterexamples to breaking responses, and breaks that only a counterexample shows. */
function withCounterexamples(changes: readonly Change[], old: JsonObject, now: JsonObject): Change[] {
  const result = [...changes];
  const [oldErrors, newErrors] = [schemaErrors(old), schemaErrors(now)];
  const searches = {
    response: counterexamples(now, newErrors, oldErrors),
    request: counterexamples(old, oldErrors, newErrors),
  };
  for (const path of schemaHolders(old)) {
    const before = valueAt(old, path);
    const after = valueAt(now, path);
    if (before !== undefined && after !== undefined && !isDeepStrictEqual(before, after)) {
      const isResponse = directionOf(path) === "response";
      const { operation, where } = describePath(path);
      const examples = searches[directionOf(path)](path);
      const isHere = (change: Change): boolean => change.operation === operation && change.where.startsWith(where);
      const [first] = examples;
      if (first && !result.some((change) => change.level === "major" && isHere(change))) {
        const message = isResponse
          ? "A new body breaks the old contract"
          : "The new contract refuses what was accepted";
        result.push({ level: "major", kind: "wire", operation, where, message: `${message}: ${first.reason}.` });
      }
      for (const change of result.filter((each) => first && isResponse && each.level === "major" && isHere(each))) {
        const place = change.where.slice(where.length).trim();
        const own =
          examples.find((each) => each.place === place) ?? examples.find((each) => each.place.startsWith(place));
        change.counterexample = (own ?? first)?.value ?? null;
      }
    }
  }
  return result;
}

/** The paths of all schemas of bodies and parameters. */
function schemaHolders(document: JsonObject): Path[] {
  return operationNodes(document).flatMap(({ at: path }) => {
    const responses = Object.keys(valueAt(document, [...path, "responses"]) ?? {}).map((status) => [
      ...path,
      "responses",
      status,
    ]);
    const bodies = [...responses, [...path, "requestBody"]].flatMap((holder) =>
      Object.keys(valueAt(document, [...holder, "content"]) ?? {}).map((type) => [
        ...holder,
        "content",
        type,
        "schema",
      ]),
    );
    return bodies.filter((body) => valueAt(document, body) !== undefined);
  });
}

function directionOf(path: Path): Direction {
  return path[3] === "responses" ? "response" : "request";
}
