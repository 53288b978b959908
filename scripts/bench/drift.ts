/**
 * `npm run bench -- drift`: the cost of checking a response, relative to the time that `JSON.parse` needs for its body.
 *
 * Both run in one process in turns. As in a client, each check gets a newly parsed body. "Check" is the generated function
 * alone. "All" is the total cost for a client: the hook, the queue, and the check of the sampled small bodies. The run fails
 * if a ratio is above {@link LIMIT}.
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { findDrift } from "../../src/drift/check.js";
import { driftSettled, watchDrift } from "../../src/drift/index.js";
import { examples } from "../../src/generated/examples.gen.js";
import { validators } from "../../src/generated/validators.gen.js";
import { INSPECT, type InspectingHooks } from "../../src/http/hooks.js";
import { root } from "../project.js";

const LIMIT = 0.06;
const ROUNDS = 41;
const WARM_UP = 20;

/** The number of bytes that one round parses, approximately. */
const BYTES = 3_000_000;

interface Case {
  name: string;
  operation: string;
  status: number;
  body: unknown;
}

const [connector] = examples["connectors.list"][200]["application/json"].example.value;

function connectors(length: number): Case {
  const body = Array.from({ length }, (_, id) => ({ ...connector, id }));
  return { name: `${length.toLocaleString("en")} connectors`, operation: "connectors.list", status: 200, body };
}

/** The example of an operation. With a `length`, its lists are repeated up to that length. */
function example(operation: keyof typeof examples, status = 200, length?: number): Case {
  const bodies = Object.values(examples[operation]) as unknown[];
  const keys = Object.keys(examples[operation]);
  const named = (bodies[keys.indexOf(String(status))] as { "application/json": object })["application/json"];
  const [{ value }] = Object.values(named) as [{ value: unknown }];
  const name = `${operation} ${status}`;
  if (length === undefined) {
    return { name, operation, status, body: value };
  }
  const repeat = (list: unknown[]): unknown[] => Array.from({ length }, (_, index) => list[index % list.length]);
  const body = Array.isArray(value)
    ? repeat(value)
    : Object.fromEntries(
        Object.entries(value as object).map(([key, inner]) => [key, Array.isArray(inner) ? repeat(inner) : inner]),
      );
  return { name: `${name}, ${length} items`, operation, status, body };
}

const cases: Case[] = [
  example("user.me"),
  { name: "one connector", operation: "connectors.get", status: 200, body: connector },
  example("enrichments.get"),
  example("tasks.get"),
  example("connectors.list", 422),
  connectors(20),
  connectors(100),
  connectors(101),
  example("enrichments.list", 200, 20),
  example("enrichments.list", 200, 100),
  example("tables.rows.list", 200, 100),
  example("tables.rows.upsert", 200, 100),
  connectors(1_000),
  connectors(10_000),
];

const drifts: unknown[] = [];
const hooks: InspectingHooks = watchDrift({ onDrift: (drift) => drifts.push(drift) });
const inspect = hooks[INSPECT];
if (!inspect) {
  throw new Error("watchDrift returned no hook that sees bodies");
}

/** Microseconds per body: for parsing, for the check, and for everything that a client does for a check. */
async function measure({ operation, status, body }: Case) {
  const text = JSON.stringify(body);
  const bytes = new TextEncoder().encode(text);
  const count = Math.min(400, Math.max(1, Math.floor(BYTES / bytes.length)));
  const times = { parse: [] as number[], check: [] as number[], all: [] as number[] };
  const sampling = { limit: 50, offset: 0.5 };
  const parsed = (): unknown[] => Array.from({ length: count }, () => JSON.parse(text));
  // The first rounds are a warm-up.
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const start = performance.now();
    const bodies = parsed();
    const parse = performance.now() - start;
    const check = clock(() => {
      for (const each of bodies) {
        findDrift(validators, operation, status, each, sampling);
      }
    });
    const others = parsed();
    const all = clock(() => {
      for (const each of others) {
        inspect?.({ operation, status, body: each, bytes, sent: undefined });
      }
      void driftSettled();
    });
    if (round >= 0) {
      for (const [name, time] of Object.entries({ parse, check, all })) {
        times[name as keyof typeof times].push((time * 1_000) / count);
      }
    }
    await driftSettled();
  }
  const { parse, check, all } = times;
  return { parse: median(parse), check: median(check), all: median(all), bytes: bytes.length };
}

function clock(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The size of the entry when it is bundled alone and minified, in bytes. */
async function sizes(): Promise<{ minified: number; gzip: number }> {
  const { outputFiles } = await build({
    stdin: { contents: 'export { watchDrift } from "./src/drift/index.ts";', resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: code.byteLength, gzip: gzipSync(code, { level: 9 }).byteLength };
}

console.log(`Node ${process.version}\n`);
console.log(
  "| body | bytes | JSON.parse, µs | check, µs | ratio | all, µs | ratio |\n|---|---:|---:|---:|---:|---:|---:|",
);
let worst = 0;
for (const each of cases) {
  const { parse, check, all, bytes } = await measure(each);
  worst = Math.max(worst, all / parse);
  const ratios = [check.toFixed(3), `${(check / parse).toFixed(3)}x`, all.toFixed(3), `${(all / parse).toFixed(3)}x`];
  console.log(`| ${each.name} | ${bytes.toLocaleString("en")} | ${parse.toFixed(2)} | ${ratios.join(" | ")} |`);
}
if (drifts.length > 0) {
  throw new Error(`The bodies do not fit the contract: ${JSON.stringify(drifts)}`);
}
const { minified, gzip } = await sizes();
console.log(`\nLargest ratio of all: ${worst.toFixed(3)}x (limit ${LIMIT}x)`);
console.log(`Size of watchDrift: ${(minified / 1_000).toFixed(1)} kB minified, ${(gzip / 1_000).toFixed(1)} kB gzip`);
process.exitCode = worst > LIMIT ? 1 : 0;
