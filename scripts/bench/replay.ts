/**
 * Compares the replay server with a bare node:http server that returns the same bytes.
 *
 *     npx tsx scripts/bench/replay.ts [--rounds 12] [--requests 4000] [--connections 16]
 *
 * Both servers run in one child process, the load in this one, over loopback. Each round measures both servers,
 * one after the other. The result is the ratio of the medians.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startReplayServer } from "../../src/testing/server.js";

interface Case {
  title: string;
  /** The bytes of the request. */
  request: string;
}

const HEADERS = "host: 127.0.0.1\r\nx-apikey: bench\r\n";
const BODY = '{"params":{"first_name":"Ada","last_name":"Okafor","company":"northwind.example"}}';

const CASES: Case[] = [
  { title: "GET a list", request: `GET /v1/connectors/ HTTP/1.1\r\n${HEADERS}\r\n` },
  { title: "GET by id", request: `GET /v1/connectors/58 HTTP/1.1\r\n${HEADERS}\r\n` },
  {
    title: "POST a run",
    request: `POST /v1/enrichments/833/run HTTP/1.1\r\n${HEADERS}content-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  },
];

/** The child process: a replay server, and a bare server that sends the response it received as a message. */
async function serve(): Promise<void> {
  const replay = await startReplayServer();
  let answer: { status: number; headers: Record<string, string>; body: string } = {
    status: 200,
    headers: {},
    body: "",
  };
  const bare = createServer((incoming, outgoing) => {
    const end = (): void => {
      outgoing.writeHead(answer.status, answer.headers).end(answer.body);
    };
    if (incoming.headers["content-length"] === undefined) {
      end();
    } else {
      // Reads the request body, as any server would.
      incoming.resume().once("end", end);
    }
  });
  await once(bare.listen(0, "127.0.0.1"), "listening");
  process.on("message", (message) => {
    answer = message as typeof answer;
    process.send?.("ready");
  });
  process.send?.({ replay: Number(new URL(replay.url).port), bare: (bare.address() as AddressInfo).port });
}

/** Sends the request repeatedly on several connections. @returns Requests per second. */
async function load(
  port: number,
  request: string,
  size: number,
  requests: number,
  connections: number,
): Promise<number> {
  let toSend = requests;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(port, "127.0.0.1").setNoDelay();
      let pending = 0;
      const next = (): void => {
        pending = size;
        toSend-- > 0 ? socket.write(request) : socket.end();
      };
      socket.on("connect", next).on("data", (chunk) => {
        pending -= chunk.length;
        if (pending === 0) {
          next();
        } else if (pending < 0) {
          socket.destroy(new Error("a response of a different size"));
        }
      });
      await once(socket, "close");
    }),
  );
  return (requests / (performance.now() - start)) * 1000;
}

/** One response, as the text that the server sent. */
async function sample(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
    const [, length] = /content-length: (\d+)/i.exec(text) ?? [];
    const body = text.indexOf("\r\n\r\n");
    if (body !== -1 && Buffer.byteLength(text.slice(body + 4)) >= Number(length)) {
      socket.end();
    }
  });
  socket.write(request);
  await once(socket, "close");
  return text;
}

function parse(text: string): { status: number; headers: Record<string, string>; body: string } {
  const [head = "", body = ""] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = lines.map((line) => line.split(": ") as [string, string]);
  // The bare server adds these headers itself.
  const own = headers.filter(([name]) => !["Date", "Connection", "Keep-Alive"].includes(name));
  return { status: Number(first.split(" ")[1]), headers: Object.fromEntries(own), body };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "12" },
      requests: { type: "string", default: "4000" },
      connections: { type: "string", default: "16" },
    },
  });
  const [rounds, requests, connections] = [values.rounds, values.requests, values.connections].map(Number);
  if (![rounds, requests, connections].every((number) => Number.isInteger(number) && Number(number) > 0)) {
    throw new Error("--rounds, --requests and --connections must be whole numbers from 1");
  }
  const child = fork(fileURLToPath(import.meta.url), ["serve"]);
  try {
    const [ports] = (await once(child, "message")) as [{ replay: number; bare: number }];
    console.log(`${rounds} rounds of ${requests} requests, ${connections} connections, Node ${process.version}`);
    for (const { title, request } of CASES) {
      const answer = await sample(ports.replay, request);
      child.send(parse(answer));
      await once(child, "message");
      const undated = (text: string): string => text.replace(/^Date: .*$/m, "");
      if (undated(await sample(ports.bare, request)) !== undated(answer)) {
        throw new Error(`${title}: the bare server does not return the same bytes`);
      }
      const speed = { replay: [] as number[], bare: [] as number[] };
      for (let round = -2; round < Number(rounds); round++) {
        for (const name of ["replay", "bare"] as const) {
          const size = Buffer.byteLength(answer);
          const rate = await load(ports[name], request, size, Number(requests), Number(connections));
          // The first two rounds are a warm-up.
          if (round >= 0) {
            speed[name].push(rate);
          }
        }
      }
      const show = (rates: number[]): string =>
        `${Math.round(median(rates))}/s (${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))})`;
      const ratio = (median(speed.replay) / median(speed.bare)).toFixed(2);
      console.log(`${title.padEnd(12)} replay ${show(speed.replay)}, bare ${show(speed.bare)}: ${ratio}`);
    }
  } finally {
    child.kill();
  }
}

await (process.argv[2] === "serve" ? serve() : main());
