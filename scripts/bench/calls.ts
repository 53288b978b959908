/**
 * `npm run bench`: the cost of a call compared with other clients, as ratios of medians in one run.
 *
 * All clients run in one process and take turns, so that other load on the machine affects them equally.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import axios from "axios";
import ky from "ky";
import createClient from "openapi-fetch";
import { examples } from "../../src/generated/examples.gen.js";
import type { paths } from "../../src/generated/schema.gen.js";
import { Databar } from "../../src/index.js";

const KEY = "bench-key";
const headers = { "x-apikey": KEY };
const PATH = "/v1/connectors/";

const [connector] = examples["connectors.list"][200]["application/json"].example.value;
const list = (length: number): string => JSON.stringify(Array.from({ length }, (_, id) => ({ ...connector, id })));

/** One call of each client, which lists the connectors through the given fetch. */
type Clients = Record<string, () => Promise<unknown>>;

function clients(baseUrl: string, fetch: typeof globalThis.fetch): Clients {
  const url = baseUrl + PATH;
  const databar = new Databar({
    apiKey: KEY,
    baseUrl,
    fetch,
    hooks: { onRequest() {}, onResponse() {}, onRetry() {} },
  });
  const bare = createClient<paths>({ baseUrl, headers, fetch });
  const kyClient = ky.create({ prefixUrl: baseUrl, headers, fetch });
  const axiosClient = axios.create({ baseURL: baseUrl, headers, adapter: "fetch", env: { fetch } });
  return {
    "fetch + json()": async () => (await fetch(url, { headers })).json(),
    "databar-client": () => databar.connectors.list(),
    "fetch + json() + a deadline": async () => {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(), 30_000);
      try {
        return await (await fetch(url, { headers, signal: controller.signal })).json();
      } finally {
        clearTimeout(timer);
      }
    },
    "openapi-fetch": () => bare.GET(PATH),
    "openapi-fetch + AbortSignal.timeout": () => bare.GET(PATH, { signal: AbortSignal.timeout(30_000) }),
    ky: () => kyClient.get(PATH.slice(1)).json(),
    axios: () => axiosClient.get(PATH),
  };
}

/** Prints each client's time per call, measured over `rounds` rounds of `calls` calls with `inFlight` at once. */
async function race(clientCalls: Clients, rounds: number, calls: number, inFlight: number): Promise<void> {
  const times = new Map<string, number[]>(Object.keys(clientCalls).map((name) => [name, []]));
  const names = Object.keys(clientCalls);
  // The first two rounds are a warm-up and are not counted.
  for (let round = -2; round < rounds; round++) {
    // Each round starts with another client.
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + 2) % names.length] ?? "";
      const call = clientCalls[name] ?? (async () => {});
      const start = performance.now();
      await Promise.all(
        Array.from({ length: inFlight }, async () => {
          for (let number = 0; number < calls / inFlight; number++) {
            await call();
          }
        }),
      );
      if (round >= 0) {
        times.get(name)?.push(((performance.now() - start) * 1_000) / calls);
      }
    }
  }
  const base = median(times.get("fetch + json()") ?? []);
  console.log("| client | µs per call, median | spread | ratio | throughput |\n|---|---:|---:|---:|---:|");
  for (const [name, values] of times) {
    const middle = median(values);
    const spread = `${quantile(values, 0.1).toFixed(0)}..${quantile(values, 0.9).toFixed(0)}`;
    console.log(
      `| ${name} | ${middle.toFixed(1)} | ${spread} | ${(middle / base).toFixed(2)}x | ${(base / middle).toFixed(2)}x |`,
    );
  }
}

function quantile(values: number[], at: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * at), sorted.length - 1)] ?? Number.NaN;
}

function median(values: number[]): number {
  return quantile(values, 0.5);
}

const small = list(1);
const json = { "content-type": "application/json" };
console.log(`Node ${process.version}\n\nOn a stub, one call at a time: the cost of a call without the network`);
await race(
  clients("https://api.databar.ai", async () => new Response(small, { headers: json })),
  15,
  1_500,
  1,
);

const bodies: Record<string, string> = { small, large: list(10_000) };
let body = small;
const server = createServer((_, response) => response.writeHead(200, json).end(body));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

console.log("\nOver loopback, 64 in flight");
await race(clients(baseUrl, globalThis.fetch), 21, 1_920, 64);

body = bodies.large ?? "";
console.log(`\nOver loopback, a list of 10,000 connectors (${(body.length / 1e6).toFixed(1)} MB)`);
await race(clients(baseUrl, globalThis.fetch), 21, 4, 1);
server.close();
server.closeAllConnections();
