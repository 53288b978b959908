/**
 * The conformance program: what the client must do in every runtime.
 *
 * It uses nothing but the package and what every runtime has. The server counts; see `server.ts`.
 */
import {
  AbortError,
  ConnectionError,
  Databar,
  NotFoundError,
  RateLimitError,
  RedirectError,
  ResponseParseError,
  ServerError,
  TimeoutError,
  UsageError,
  ValidationError,
} from "databar-client";
import { type Check, equal, failure, type Outcome, runCheck } from "./check.js";

interface Seen {
  requests: string[];
  keys: string[];
  bodies: string[];
  cancelled: number;
  atOnce: number;
}

const BODY = { params: { name: "Ada 🙂" } };
const RUN = "/v1/enrichments/833/run";
const BIG_LIST_LENGTH = 20_000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Runs every check against the server. `runtime` keeps the counters of runtimes apart. */
export async function conform(server: string, runtime: string): Promise<Outcome[]> {
  const printed = watchConsole();
  const outcomes: Outcome[] = [];
  for (const check of checks(server, runtime)) {
    outcomes.push(await runCheck(check));
  }
  outcomes.push(await runCheck({ name: "prints nothing", run: async () => equal(printed, []) }));
  return outcomes;
}

/** Collects what the package prints. Runtimes with an output of their own are watched from outside, too. */
function watchConsole(): string[] {
  const printed: string[] = [];
  for (const name of ["debug", "error", "info", "log", "warn"] as const) {
    const original = console[name];
    console[name] = (...values) => {
      printed.push(`${name}: ${values.join(" ")}`);
      original.apply(console, values);
    };
  }
  return printed;
}

function checks(server: string, runtime: string): Check[] {
  let last = 0;
  const list: Check[] = [];

  /** Adds a check that has a base URL and counters of its own. */
  function check(scenario: string, name: string, run: (use: Use) => Promise<unknown>): void {
    const id = `${runtime}-${++last}`;
    const options = { apiKey: "secret-key", baseUrl: `${server}/${scenario}/${id}`, maxRetries: 0 };
    const use: Use = {
      databar: new Databar(options),
      insecure: new Databar({ ...options, baseUrl: options.baseUrl.replace("http:", "https:") }),
      limited: new Databar({ ...options, maxResponseBytes: 100_000 }),
      seen: async () => (await fetch(`${server}/seen/${id}`)).json(),
    };
    list.push({ name, run: () => run(use) });
  }

  answers(check);
  retries(check);
  endings(check);
  volume(check);
  return list;
}

interface Use {
  databar: Databar;
  /** Speaks TLS to a server that does not. */
  insecure: Databar;
  /** Reads at most 100 000 bytes of a body. */
  limited: Databar;
  /** What the server saw of this check. */
  seen(): Promise<Seen>;
}

type Add = (scenario: string, name: string, run: (use: Use) => Promise<unknown>) => void;

function answers(check: Add): void {
  check("list", "list", async ({ databar, seen }) => {
    equal(await databar.connectors.list(), [{ id: 1, name: "Größe 🙂" }]);
    const { requests, keys } = await seen();
    equal([requests, keys], [["GET /v1/connectors/"], ["secret-key"]]);
  });
  check("errors", "errors", async ({ databar: { connectors } }) => {
    const missing = await failure(connectors.get(404), NotFoundError);
    equal(missing.message, "GET /v1/connectors/{connector_id} -> 404: Connector not found");
    equal(missing.requestId, "request-1");
    const refused = await failure(connectors.get(422), ValidationError);
    equal(
      refused.issues.map(({ path, message }) => [path, message]),
      [["header.x-apikey", "Field required"]],
    );
    equal((await failure(connectors.get(500), ServerError)).body, "Internal Server Error");
    // The last one: it delays all further calls of this client.
    equal((await failure(connectors.get(429), RateLimitError)).retryAfterMs, 7_000);
  });
  check("not-json", "HTML for JSON", async ({ databar }) => {
    equal((await failure(databar.connectors.list(), ResponseParseError)).contentType, "text/html");
  });
  check("redirect", "redirect refused", async ({ databar, seen }) => {
    const error = await failure(databar.connectors.list(), RedirectError);
    equal(error.attempts, 1);
    await pause(20);
    equal((await seen()).requests, ["GET /v1/connectors/"]);
  });
  check("truncated", "truncated body", async ({ databar, seen }) => {
    const error = await failure(databar.enrichments.run(833, BODY), ConnectionError);
    equal([error.attempts, error.mayHaveBeenProcessed], [1, true]);
    equal((await seen()).requests, [`POST ${RUN}`]);
  });
  check("none", "no key", async () => {
    const error = await failure(
      Promise.resolve().then(() => new Databar()),
      UsageError,
    );
    equal(error.message.startsWith("No API key: "), true, error.message);
  });
}

function retries(check: Add): void {
  const three = { maxRetries: 2 };
  check("retry-503", "GET retried", async ({ databar, seen }) => {
    equal(await databar.connectors.list(three), []);
    equal((await seen()).requests.length, 3);
  });
  check("retry-503", "POST not retried", async ({ databar, seen }) => {
    const error = await failure(databar.enrichments.run(833, BODY, three), ServerError);
    equal([error.attempts, error.mayHaveBeenProcessed], [1, true]);
    equal((await seen()).requests, [`POST ${RUN}`]);
  });
  check("retry-429", "POST after 429", async ({ databar, seen }) => {
    await databar.enrichments.run(833, BODY, three);
    const { requests, bodies } = await seen();
    equal([requests.length, bodies], [2, [JSON.stringify(BODY), JSON.stringify(BODY)]]);
  });
  check("reset", "GET reset", async ({ databar, seen }) => {
    const error = await failure(databar.connectors.list({ maxRetries: 1 }), ConnectionError);
    equal([error.attempts, (await seen()).requests.length], [2, 2], "attempts, requests at the server");
  });
  check("reset-post", "POST reset", async ({ databar, seen }) => {
    // The connection has been used: platforms treat its reset as "closed for idleness".
    await databar.connectors.list();
    await pause(50);
    const error = await failure(databar.enrichments.run(833, BODY, three), ConnectionError);
    const posts = (await seen()).requests.filter((request) => request.startsWith("POST"));
    equal([error.attempts, posts.length], [1, 1], "attempts, POSTs at the server");
    equal(error.mayHaveBeenProcessed, true, "mayHaveBeenProcessed");
  });
  check("none", "refused, POST retried", async () => {
    // Nothing listens on this port, and fetch does not refuse it as it refuses the well-known ports.
    const databar = new Databar({ apiKey: "k", baseUrl: "http://127.0.0.1:1999", maxRetries: 1 });
    const error = await failure(databar.enrichments.run(833, BODY), ConnectionError);
    equal([error.attempts, error.mayHaveBeenProcessed], [2, false], "attempts, mayHaveBeenProcessed");
    equal(error.message.includes("connection refused"), true, error.message);
  });
  check("list", "no TLS", async ({ insecure, seen }) => {
    await failure(insecure.enrichments.run(833, BODY), ConnectionError);
    equal((await seen()).requests, []);
  });
}

/** Waits until the server has noticed `count` closed connections. */
async function cancelled(seen: Use["seen"], count: number): Promise<void> {
  for (let round = 0; round < 50 && (await seen()).cancelled < count; round++) {
    await pause(20);
  }
  equal((await seen()).cancelled, count, "cancelled requests");
}

function endings(check: Add): void {
  for (const [scenario, part] of [
    ["stall", "headers"],
    ["stall-body", "body"],
  ] as const) {
    check(scenario, `deadline, ${part}`, async ({ databar, seen }) => {
      const error = await failure(databar.enrichments.run(833, BODY, { timeoutMs: 100 }), TimeoutError);
      equal([error.timeoutMs, error.mayHaveBeenProcessed], [100, true]);
      await cancelled(seen, 1);
    });
    check(scenario, `abort, ${part}`, async ({ databar, seen }) => {
      const controller = new AbortController();
      const reason = new Error("enough");
      setTimeout(() => controller.abort(reason), 50);
      const error = await failure(databar.connectors.list({ signal: controller.signal, timeoutMs: 2_000 }), AbortError);
      equal(error.cause === reason, true, "cause is the reason");
      await cancelled(seen, 1);
    });
  }
  check("list", "aborted before", async ({ databar, seen }) => {
    const error = await failure(databar.connectors.list({ signal: AbortSignal.abort() }), AbortError);
    equal([error.attempts, (await seen()).requests], [0, []]);
  });
}

function volume(check: Add): void {
  check("big", "big list", async ({ databar }) => {
    const list = await databar.connectors.list();
    const at = BIG_LIST_LENGTH - 1;
    equal([list.length, list[at]?.name], [BIG_LIST_LENGTH, `Größe 🙂 ${at}`]);
    equal(
      list.every(({ headers }) => `${headers}`.length === 40),
      true,
      "every headers",
    );
  });
  check("big", "body limit", async ({ limited, seen }) => {
    const error = await failure(limited.connectors.list(), ResponseParseError);
    equal(error.message.includes("maxResponseBytes"), true, error.message);
    equal((await seen()).requests.length, 1);
  });
  check("paging", "paging", async ({ databar, seen }) => {
    const ids: unknown[] = [];
    for await (const { id } of databar.tables.rows.iterate("3fa85f64-5717-4562-b3fc-2c963f66afa6")) {
      ids.push(id);
    }
    equal([ids.length, ids.at(-1), (await seen()).requests.length], [300, "row 299", 3]);
  });
  check("task", "runAndWait", async ({ databar, seen }) => {
    const options = { pollIntervalMs: 10, timeoutMs: 5_000 };
    const { data } = await databar.enrichments.runAndWait(833, BODY, options);
    equal(data, { email: "ada@northwind.example" });
    equal((await seen()).requests, [`POST ${RUN}`, ...Array(3).fill("GET /v1/tasks/task-1")]);
  });
  check("cacheable", "GETs not cached", async ({ databar, seen }) => {
    const ids = [await databar.connectors.list(), await databar.connectors.list()].map(([first]) => first?.id);
    equal([ids, (await seen()).requests.length], [[1, 2], 2]);
  });
  check("slow", "50 in flight", async ({ databar, seen }) => {
    const ids = Array.from({ length: 50 }, (_, id) => id);
    const results = await Promise.all(
      ids.map(async (id) =>
        id % 2
          ? (await databar.connectors.get(id)).id
          : Number((await databar.enrichments.run(id, BODY)).task_id.replace("task-", "")),
      ),
    );
    equal(results, ids);
    equal((await seen()).requests.length, 50);
  });
  check("slow", "50 equal GETs", async ({ databar, seen }) => {
    await Promise.all(Array.from({ length: 50 }, () => databar.connectors.get(1)));
    const { requests, atOnce } = await seen();
    equal([requests.length, atOnce >= 3], [50, true], `requests, several at once (${atOnce})`);
  });
}
