/**
 * `npx tsx scripts/bench/volume.ts`: large jobs against the simulator with a latency of 200 ms and a limit of 20 requests a second,
 * compared with the best that latency and limit allow.
 *
 * The best possible time: the first 20 requests are free, the others go at the limit's rate, and one latency is added.
 * Requests that depend on each other take one latency each.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type ClientOptions, Databar } from "../../src/index.js";
import { type RunningSimulator, startSimulator } from "../../src/testing/simulator/start.js";

const LATENCY_MS = 200;
const PER_SECOND = 20;

interface Work {
  name: string;
  /** The least number of requests. */
  requests: number;
  /** Whether each request needs the response to the previous one. */
  isSequential?: boolean;
  /** Time that the server needs, which no client can shorten. */
  serverMs?: number;
  run: (databar: Databar, simulator: RunningSimulator) => Promise<number>;
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ key: { email: `user${n}@example.com` }, fields: { n } }));

async function makeTable(databar: Databar): Promise<string> {
  const { identifier } = await databar.tables.create({ name: "bench", columns: ["email", "n"] });
  return identifier;
}

const works: readonly Work[] = [
  {
    name: "upsert 3,000 rows, 5 batches at a time",
    requests: 1 + 60,
    run: async (databar) => {
      const table = await makeTable(databar);
      return (await databar.tables.rows.upsertMany(table, rows(3_000), {}, { concurrency: 5 })).length;
    },
  },
  {
    name: "read 10,000 rows, 500 a page",
    requests: 20,
    isSequential: true,
    run: async (databar, { url }) => {
      const table = await fill(url, 10_000);
      const startedAt = performance.now();
      let count = 0;
      for await (const _ of databar.tables.rows.iterate(table, { per_page: 500 })) {
        count++;
      }
      prepared = startedAt;
      return count;
    },
  },
  {
    name: "enrich 5,000 inputs, 50 bulk runs at a time",
    requests: 50 + 50,
    serverMs: 1_000,
    run: async (databar) => {
      const chunks = Array.from({ length: 50 }, (_, chunk) =>
        Array.from({ length: 100 }, (_, n) => ({ domain: `company${100 * chunk + n}.example` })),
      );
      const ended = await Promise.all(
        chunks.map((params) => databar.enrichments.bulkRunAndWait(833, { params }, { timeoutMs: 600_000 })),
      );
      return ended.reduce((count, { data }) => count + (data?.length ?? 0), 0);
    },
  },
];

/** When the measured work began, if it needed preparation. */
let prepared: number | undefined;

/** Fills a table through another client, so that its rate-limit errors do not count. */
async function fill(url: string, count: number): Promise<string> {
  const databar = new Databar({ apiKey: "bench", baseUrl: url, maxRetries: 5 });
  const table = await makeTable(databar);
  await databar.tables.rows.insertMany(
    table,
    rows(count).map(({ key, fields }) => ({ fields: { ...key, ...fields } })),
    {},
    { concurrency: 8 },
  );
  // Wait until the rate limit allows a full burst again.
  await sleep(1_500);
  return table;
}

async function measure({ name, requests, isSequential, serverMs = 0, run }: Work): Promise<string> {
  const simulator = await startSimulator({ latencyMs: LATENCY_MS, rateLimit: PER_SECOND, balance: 1_000_000 });
  let limited = 0;
  const options: ClientOptions = {
    apiKey: "bench",
    baseUrl: simulator.url,
    hooks: { onRetry: ({ status }) => void (status === 429 && limited++) },
  };
  try {
    prepared = undefined;
    const startedAt = performance.now();
    const count = await run(new Databar(options), simulator);
    const seconds = (performance.now() - (prepared ?? startedAt)) / 1_000;
    const atLimit = Math.max(0, requests - PER_SECOND) / PER_SECOND + LATENCY_MS / 1_000;
    const best = Math.max(atLimit, isSequential ? (requests * LATENCY_MS) / 1_000 : 0) + serverMs / 1_000;
    const ratio = (seconds / best).toFixed(2);
    return `| ${name} | ${count} | ${seconds.toFixed(1)} s | ${best.toFixed(1)} s | ${ratio}x | ${limited} |`;
  } finally {
    await simulator.close();
  }
}

console.log(`Against the simulator: ${LATENCY_MS} ms latency, ${PER_SECOND} requests a second.\n`);
console.log("| work | results | time | best | ratio | 429 |\n|---|---:|---:|---:|---:|---:|");
for (const work of works) {
  console.log(await measure(work));
}
