import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { checklist } from "../../scripts/contract/checklist.js";
import type { Comparison } from "../../scripts/contract/compare/report.js";
import { readNames, readSource } from "../../scripts/contract/compare/source.js";
import { compare, readSide } from "../../scripts/contract/compare.js";
import { formatChanges, importPages } from "../../scripts/contract/import.js";
import { batchedDiff } from "../support/batched-diff.js";
import { scratchFolder } from "../support/contract-folder.js";
import { KINDS, type Kind, STORED } from "../support/page-kinds.js";

interface Outcome {
  error?: string;
  report: string;
  touched: string[];
  again: string[];
  steps: string[];
  comparison?: Comparison;
}

const outcomes = new Map<string, Outcome>();

/** A project whose contract is the small one, with this project's own code. */
function project(kind: Kind): { root: string; sources: string[] } {
  const root = scratchFolder();
  mkdirSync(join(root, "openapi"));
  for (const folder of ["src", "test", "README.md"]) {
    symlinkSync(resolve(folder), join(root, folder));
  }
  for (const [name, text] of Object.entries(STORED)) {
    writeFileSync(join(root, "openapi", name), text);
  }
  const sources = Object.entries(kind.pages).map(([name, text]) => {
    writeFileSync(join(root, name), text);
    return join(root, name);
  });
  return { root, sources };
}

const filesOf = (root: string): string[] =>
  Object.keys(STORED).map((name) => readFileSync(join(root, "openapi", name), "utf8"));

beforeAll(async () => {
  const { diff, run } = batchedDiff();
  const base = project(KINDS[0] as Kind).root;
  const side = async (root: string) => {
    const folder = join(root, "openapi");
    return readSide(readSource(folder), readNames(folder));
  };
  const old = await side(base);
  const pending: Promise<void>[] = [];
  for (const kind of KINDS) {
    const { root, sources } = project(kind);
    const openapi = join(root, "openapi");
    const texts = () => Object.fromEntries(Object.keys(STORED).map((name, index) => [name, filesOf(root)[index]]));
    const outcome: Outcome = { report: "", touched: [], again: [], steps: [] };
    outcomes.set(kind.name, outcome);
    try {
      outcome.report = formatChanges(await importPages(sources, { ...kind.options, openapi }), false);
      const first = texts();
      outcome.touched = Object.keys(STORED)
        .filter((name) => first[name] !== STORED[name])
        .sort();
      await importPages(sources, { ...kind.options, openapi });
      const second = texts();
      outcome.again = Object.keys(STORED).filter((name) => first[name] !== second[name]);
      const [before, now] = [base, root].map((folder) => readSource(join(folder, "openapi")).data);
      const sides = { root, old: before ?? {}, now: now ?? {}, oldNames: parse(STORED["names.yaml"] ?? "") };
      outcome.steps = checklist(sides).map(({ file, what }) => `${file}: ${what}`);
      const changed = await side(root);
      pending.push(
        compare(old, changed, "0.1.0", diff).then((comparison) => {
          outcome.comparison = comparison;
        }),
      );
    } catch (error) {
      outcome.error = (error as Error).message;
    }
  }
  await run();
  await Promise.all(pending);
}, 120_000);

const refused = KINDS.filter((kind) => kind.refused);
const taken = KINDS.filter((kind) => !kind.refused);

describe("contract:import and compare: a page with", () => {
  it.each(refused)(
    "$name is refused with its place and a way out, and writes nothing",
    ({ name, refused: message }) => {
      expect(outcomes.get(name)?.error).toMatch(message as RegExp);
      expect(outcomes.get(name)?.touched).toEqual([]);
    },
  );

  it.each(taken)("$name is rated $verdict", ({ name, verdict }) => {
    const { error, comparison } = outcomes.get(name) as Outcome;
    expect(error).toBeUndefined();
    expect(comparison?.verdict, JSON.stringify(comparison?.changes, null, 1)).toBe(verdict);
  });

  it.each(taken)("$name touches $touched, and nothing the second time", ({ name, touched, reports }) => {
    const outcome = outcomes.get(name) as Outcome;
    expect(outcome.touched).toEqual(touched);
    expect(outcome.again).toEqual([]);
    expect(outcome.report).toMatch(reports ?? /./);
  });

  it.each(taken.filter(({ checklist: steps }) => steps))(
    "$name leaves these steps: $checklist",
    ({ name, checklist: expected }) => {
      const steps = [...new Set(outcomes.get(name)?.steps)];
      const missing = (expected ?? []).filter(
        (each) => !steps.some((step) => (typeof each === "string" ? step === each : each.test(step))),
      );
      expect({ missing, steps: (expected ?? []).length === 0 ? steps : [] }).toEqual({ missing: [], steps: [] });
    },
  );
});

describe("the contract that pages are imported into", () => {
  it("has the stored contract's comments and marks", () => {
    expect(STORED["openapi.yaml"]).toContain("# Seen in the SDK only (2.5 and later).");
    expect(STORED["openapi.yaml"]).toContain("x-added: sdk");
  });
});
