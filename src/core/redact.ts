/** What must not be printed, and how it is kept out of what is. */

/** The header that carries the key. */
export const API_KEY_HEADER = "x-apikey";

/** Stands in for a secret. */
export const MASK = "***";

/** A shorter value is no secret, and masking it would garble every text. */
const SHORTEST_SECRET = 4;

/** Masks the given secrets, `Bearer` and `Basic` credentials, and the values of name-value pairs in JSON. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const longestFirst = secrets.filter((secret) => secret !== "").sort((a, b) => b.length - a.length);
  const known = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
  return known
    .replace(/\b(Bearer|Basic)(\s+|%20|\+)[^\s"'<>,;]+/gi, `$1 ${MASK}`)
    .replace(/(\\?["']value\\?["']\s*:\s*)(\\?["'])(?:(?!\2)[^\\]|\\.)*(\2|$)/g, `$1$2${MASK}$3`);
}

const LONGEST_LINE = 300;

/** A stranger's text for a message: one line, masked, cut at a few hundred characters. */
export function printable(text: string, secrets: readonly string[]): string {
  // Cut last: half a secret would not be recognised. A first cut keeps the work small.
  const line = text
    .slice(0, 20_000)
    .replace(/[\s\p{Cc}\u2028\u2029]+/gu, " ")
    .trim();
  const masked = redact(line, secrets);
  return masked.length > LONGEST_LINE ? `${masked.slice(0, LONGEST_LINE)}...` : masked;
}

/** A key in the forms in which a server may quote it. */
export function keyForms(key: string): string[] {
  return [key, JSON.stringify(key).slice(1, -1), encodeURIComponent(key)];
}

/** The header values of the connector in a request body: a server that refuses one may quote it. */
export function connectorSecrets(body: unknown): string[] {
  const { headers } = (body ?? {}) as { headers?: unknown };
  const values = Array.isArray(headers) ? headers.map((header) => (header as { value?: unknown } | null)?.value) : [];
  return values
    .filter((value) => typeof value === "string")
    .flatMap((value) => [value, ...value.split(/\s+/)])
    .filter((value) => value.length >= SHORTEST_SECRET);
}

/** A URL without what may be secret in it: credentials, and the values of its query. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replace(/([?&][^=&#]*=)[^&#]+/g, `$1${MASK}`)
    .replace(/#.+$/, "");
}
