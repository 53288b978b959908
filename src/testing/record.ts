import type { OperationName } from "../generated/operations.gen.js";
import { keyHeader } from "../generated/routes.gen.js";
import { route } from "./replay.js";

/** A recorded request to the API. */
export interface RecordedRequest {
  /** The client's name of the operation, such as `connectors.get`. */
  operation: OperationName;
  /** The decoded path parameters. */
  path: Record<string, string>;
  /** The query parameters. A repeated parameter has the list of its values. */
  query: Record<string, string | string[]>;
  /** Parsed if it is JSON, otherwise the text. Undefined for a request without a body. */
  body: unknown;
  /** By lower-case name. Headers that may carry the key are masked. */
  headers: Record<string, string>;
}

/** The part of MSW's `setupServer` or `setupWorker` that a recorder needs. */
export interface RequestSource {
  events: {
    /** Calls the listener for each intercepted request. */
    on(event: "request:start", listener: (event: { request: Request }) => void): void;
  };
}

const MASK = "***";
const SECRET_HEADERS = [keyHeader, "authorization", "proxy-authorization", "cookie"];

/** Requests whose bodies the recorders are reading. */
const reading = new WeakMap<Request, Promise<void>>();

/** Settles when the recorders have read a request's body. The kit's handlers answer after that. */
export function recorded(request: Request): Promise<void> | undefined {
  return reading.get(request);
}

/**
 * Records the requests to the API's operations in the order in which they were sent, whoever answers them.
 *
 * @param server - MSW's server or worker. Its `events.removeAllListeners()` ends the recording.
 * @returns A list that grows. Empty it between tests: `requests.length = 0`.
 */
export function recordRequests(server: RequestSource): RecordedRequest[] {
  const requests: RecordedRequest[] = [];
  server.events.on("request:start", ({ request }) => {
    const record = recordOf(request);
    if (!record) {
      return;
    }
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

/** The record of a request to an operation, body included. The request's body stays readable. */
export async function describeRequest(request: Request): Promise<RecordedRequest | undefined> {
  const record = recordOf(request);
  return record && { ...record, body: request.body === null ? undefined : await readBody(request.clone()) };
}

/** A record without the body; undefined for a request to anything else. */
function recordOf(request: Request): RecordedRequest | undefined {
  const url = new URL(request.url);
  const found = route(request.method, url.pathname);
  if (found.kind !== "operation") {
    return undefined;
  }
  return {
    operation: found.name as OperationName,
    path: { ...found.values },
    query: Object.fromEntries([...url.searchParams.keys()].map((name) => [name, queryValue(url.searchParams, name)])),
    body: undefined,
    headers: Object.fromEntries([...request.headers].map(([name, value]) => [name, mask(name, value)])),
  };
}

function queryValue(query: URLSearchParams, name: string): string | string[] {
  const values = query.getAll(name);
  return values.length === 1 ? (values[0] ?? "") : values;
}

function mask(name: string, value: string): string {
  return SECRET_HEADERS.includes(name) ? MASK : value;
}

async function readBody(request: Request): Promise<unknown> {
  // The body of an aborted request cannot be read.
  const text = await request.text().catch(() => "");
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
}
