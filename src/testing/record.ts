import type { OperationName } from "../generated/operations.gen.js";
import { operations } from "../generated/operations.gen.js";
import { keyHeader } from "../generated/routes.gen.js";
import { createRouter } from "./router.js";

/** A request to the API, as a recorder saw it. */
export interface RecordedRequest {
  /** The facade's name of the operation, such as `connectors.get`. */
  operation: OperationName;
  /** The values in the path, decoded. */
  path: Record<string, string>;
  /** The query; a parameter that was sent several times has all its values. */
  query: Record<string, string | string[]>;
  /** Parsed where it is JSON, otherwise the text; undefined where nothing was sent. */
  body: unknown;
  /** By lower-case name. The key, wherever it stands, is masked. */
  headers: Record<string, string>;
}

/** What a recorder needs of MSW's `setupServer` or `setupWorker`. */
export interface RequestSource {
  events: {
    /** Calls the listener for each request that comes in. */
    on(event: "request:start", listener: (event: { request: Request }) => void): void;
  };
}

const MASK = "***";
const SECRET_HEADERS = [keyHeader, "authorization", "proxy-authorization", "cookie"];

const route = createRouter(operations);
/** The requests whose bodies are still being read. */
const reading = new WeakMap<Request, Promise<void>>();

/** Settles when the recorders have all of a request: a handler of ours answers no sooner. */
export function recorded(request: Request): Promise<void> | undefined {
  return reading.get(request);
}

/**
 * Records the requests to the API's operations, whoever answers them, in the order in which they were sent.
 *
 * @param server - MSW's server or worker. Recording ends with its `events.removeAllListeners()`.
 * @returns A list that grows. Empty it between tests: `requests.length = 0`.
 */
export function recordRequests(server: RequestSource): RecordedRequest[] {
  const requests: RecordedRequest[] = [];
  server.events.on("request:start", ({ request }) => {
    const url = new URL(request.url);
    const found = route(request.method, url.pathname);
    if (found.kind !== "operation") {
      return;
    }
    const record: RecordedRequest = {
      operation: found.name as OperationName,
      path: { ...found.values },
      query: Object.fromEntries([...url.searchParams.keys()].map((name) => [name, queryValue(url.searchParams, name)])),
      body: undefined,
      headers: Object.fromEntries([...request.headers].map(([name, value]) => [name, mask(name, value)])),
    };
    requests.push(record);
    if (request.body !== null) {
      const before = reading.get(request);
      reading.set(
        request,
        readBody(request.clone()).then((body) => {
          record.body = body;
          return before;
        }),
      );
    }
  });
  return requests;
}

function queryValue(query: URLSearchParams, name: string): string | string[] {
  const values = query.getAll(name);
  return values.length === 1 ? (values[0] ?? "") : values;
}

function mask(name: string, value: string): string {
  return SECRET_HEADERS.includes(name) ? MASK : value;
}

async function readBody(request: Request): Promise<unknown> {
  // An aborted request has no body to show.
  const text = await request.text().catch(() => "");
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
