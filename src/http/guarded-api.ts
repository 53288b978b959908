/** The typed openapi-fetch client behind `databar.api`, with the client's key and guards. */
import createClient, { type Client } from "openapi-fetch";
import { UsageError } from "../errors/classes.js";
import type { paths } from "../generated/schema.gen.js";
import type { ResolvedOptions } from "../options.js";
import { isRedirect, redirectError } from "./response.js";
import { send } from "./send.js";
import { fillPath } from "./url.js";

/** A placeholder without a value. The braces of a value are in lower case. */
const MISSING_VALUE = /%7B(\w+)%7D/g;

/** The typed openapi-fetch client with key, base URL and guards in place. */
export function createGuardedApi(options: ResolvedOptions): Client<paths> {
  return createClient<paths>({
    baseUrl: options.baseUrl,
    headers: options.headers,
    pathSerializer: fillPath,
    fetch: (request) => sendGuarded(options, request),
  });
}

async function sendGuarded(options: ResolvedOptions, request: Request): Promise<Response> {
  // Copied before it is checked: a custom Request class may report one URL and use another.
  const copy = new Request(request);
  const { url, method, signal } = copy;
  const path = new URL(url).pathname;
  if (path.search(MISSING_VALUE) >= 0) {
    throw new UsageError(
      `A value of the path is missing: pass { params: { path: { ... } } } for ${path.replace(MISSING_VALUE, "{$1}")}`,
    );
  }
  const headers = Object.fromEntries(copy.headers);
  const body = copy.body ? new Uint8Array(await copy.arrayBuffer()) : undefined;
  const sent = await send(options, { operation: "api", method, path, url, headers, body, secrets: [] }, signal);
  if (isRedirect(sent.response)) {
    throw redirectError(sent);
  }
  return sent.response;
}
