/** The way past the facade: openapi-fetch's own client, guarded. */
import createClient, { type Client } from "openapi-fetch";
import { UsageError } from "../errors/classes.js";
import { API_KEY_HEADER } from "../errors/redact.js";
import type { paths } from "../generated/schema.gen.js";
import type { ResolvedOptions } from "../options.js";
import { Attempt } from "./attempt.js";
import { askForKey, checkResponse } from "./own-functions.js";
import { connectionError, isRedirect, redirectError } from "./response.js";
import { fillPath } from "./url.js";

/** A placeholder that nobody filled in: the braces of a value are in lower case. */
const MISSING_VALUE = /%7B(\w+)%7D/g;

/** The typed openapi-fetch client with key, base URL and guards in place. */
export function createGuardedApi(options: ResolvedOptions): Client<paths> {
  return createClient<paths>({
    baseUrl: options.baseUrl,
    headers: options.headers,
    pathSerializer: fillPath,
    fetch: (request) => fetchGuarded(options, request),
  });
}

/** The key goes to the base URL alone, and redirects are refused. */
async function fetchGuarded({ apiKey, baseUrl, fetch }: ResolvedOptions, request: Request): Promise<Response> {
  const guarded = new Request(request, { redirect: "manual" });
  const { url, method, signal } = guarded;
  if (!url.startsWith(`${baseUrl}/`)) {
    throw new UsageError("databar.api sends requests to the client's baseUrl only: the key must not travel elsewhere");
  }
  const path = new URL(url).pathname;
  if (path.search(MISSING_VALUE) >= 0) {
    throw new UsageError(
      `A value of the path is missing: pass { params: { path: { ... } } } for ${path.replace(MISSING_VALUE, "{$1}")}`,
    );
  }
  const attempt = new Attempt({ operation: "api", method, path }, 1, false, []);
  const key = typeof apiKey === "string" ? apiKey : await askForKey(apiKey);
  attempt.send(url, key);
  guarded.headers.set(API_KEY_HEADER, key);
  let response: Response;
  try {
    response = checkResponse(await fetch(guarded));
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(error, attempt);
  }
  if (isRedirect(response)) {
    throw redirectError(response, attempt);
  }
  return response;
}
