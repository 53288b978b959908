/** Runs Redocly once for many comparisons. The paths of each pair get their own prefix in one pair of documents. */

import { type Diff, type RedoclyChange, redoclyDiff } from "../../scripts/contract/compare/wire.js";
import type { Json, JsonObject } from "../../scripts/contract/document.js";

interface Waiting {
  old: JsonObject;
  now: JsonObject;
  resolve: (changes: RedoclyChange[]) => void;
}

/** A diff whose calls wait until `run` answers all of them. */
export function batchedDiff(): { diff: Diff; run: () => Promise<void> } {
  const waiting: Waiting[] = [];
  return {
    diff: (old, now) => new Promise((resolve) => waiting.push({ old, now, resolve })),
    run: async () => {
      // Redocly treats a removed and an added path as a renamed path, so such pairs are compared alone.
      const all = waiting.splice(0);
      const isAlone = ({ old, now }: Waiting) => pathsOf(old) !== pathsOf(now);
      const alone = oneByOne(all.filter(isAlone));
      const batch = all.filter((each) => !isAlone(each));
      const changes = await redoclyDiff(combined(batch.map(({ old }) => old)), combined(batch.map(({ now }) => now)));
      for (const [index, { resolve }] of batch.entries()) {
        const start = `#/paths/~1pair-${index}~1`;
        const own = changes.filter(({ path }) => path.startsWith(start));
        resolve(own.map((change) => ({ ...change, path: change.path.replace(start, "#/paths/~1") })));
      }
      await alone;
    },
  };
}

/** One after the other, beside the rest. */
async function oneByOne(waiting: readonly Waiting[]): Promise<void> {
  for (const { old, now, resolve } of waiting) {
    resolve(await redoclyDiff(old, now));
  }
}

function pathsOf({ paths }: JsonObject): string {
  return Object.keys(paths as JsonObject).join(" ");
}

function combined(documents: readonly JsonObject[]): JsonObject {
  const paths: JsonObject = {};
  const schemas: JsonObject = {};
  for (const [index, document] of documents.entries()) {
    for (const [path, item] of Object.entries(document.paths as JsonObject)) {
      paths[`/pair-${index}${path}`] = renamed(item, index);
    }
    for (const [name, schema] of Object.entries((document.components as { schemas: JsonObject }).schemas)) {
      schemas[`${name}-${index}`] = renamed(schema, index);
    }
  }
  return { openapi: "3.1.0", info: { title: "Pairs", version: "1" }, paths, components: { schemas } };
}

/** References to the pair's own schemas. */
function renamed(node: Json, index: number): Json {
  return JSON.parse(
    JSON.stringify(node).replaceAll(/"\$ref":"(#\/components\/schemas\/[^"]+)"/g, `"$ref":"$1-${index}"`),
  );
}
