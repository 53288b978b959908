/** What must not be printed, and how it is kept out of what is. */

/** The header that carries the key. */
export const API_KEY_HEADER = "x-apikey";

/** Stands in for a secret. */
export const MASK = "***";

/** A shorter value is no secret, and masking it would garble every text. */
const SHORTEST_SECRET = 4;

/** A longer secret is not looked for with other characters between its words. */
const LONGEST_PATTERN = 2_000;

/** "Your Basic plan" is no secret. */
const CREDENTIALS =
  /\b(Bearer|Basic)(\s+|%20|\+)(?!(?:plan|tier|subscription|auth|authentication|token)s?(?:[\s,;:)]|\.?$|\.\s))[^\s"'<>,;]+/gi;

/** At the end of a word: it marks the next one as a secret, whatever the word holds. */
const SCHEME = /\b(Bearer|Basic)$/i;

/** Where a server starts to quote what it was sent, or what it has stored: nothing from there on is printed. */
const QUOTATION = /(input_value=|\b(?:value|input|ctx)(?:\\*["']|&\S{1,9};)\s*:)(\S*).*/is;

/** Masks the words that hold a secret, `Bearer` and `Basic` credentials, and all that is quoted. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const parts = secrets.flatMap((secret) => [secret, ...secret.split(/\s+/).filter((part) => !SCHEME.test(part))]);
  // A masked word may take along the mark of a quotation: what comes after that word goes first.
  const start = text.replace(QUOTATION, "$1$2");
  return parts.reduce(mask, start).replace(CREDENTIALS, `$1$2${MASK}`).replace(QUOTATION, `$1${MASK}`);
}

/** Quoting changes everything but letters and digits: what holds all those of a secret, as a word or in a row, is masked. */
function mask(text: string, secret: string): string {
  const runs = secret.toLowerCase().match(/[a-z\d]+/g) ?? [];
  const needed = [...new Set(runs)];
  const holdsSecret = (part: string): boolean => {
    const lower = part.toLowerCase();
    return needed.every((run) => lower.includes(run));
  };
  if (secret.length < SHORTEST_SECRET || !holdsSecret(text)) {
    return text;
  }
  if (runs.join("").length < SHORTEST_SECRET) {
    return text.replaceAll(secret, MASK);
  }
  const inARow = secret.length > LONGEST_PATTERN ? secret : new RegExp(runs.join("[^a-z\\d]+"), "gi");
  const maskWord = (word: string): string => `${MASK} ${SCHEME.exec(word)?.[0] ?? ""}`.trim();
  return text.replace(/\S+/g, (word) => (holdsSecret(word) ? maskWord(word) : word)).replaceAll(inARow, MASK);
}

const LONGEST_LINE = 300;
const LONGEST_TEXT = 20_000;

/** A stranger's text for a message: one line, masked, cut at a few hundred characters. */
export function printable(text: string, secrets: readonly string[], longest = LONGEST_LINE): string {
  const masked = redact(oneLine(text.slice(0, LONGEST_TEXT)), secrets);
  // The first cut keeps the work small, but half a secret is not recognised: where it may be seen, the last word goes.
  const isEndNear = text.length > LONGEST_TEXT && masked.length < longest + LONGEST_TEXT / 2;
  const line = isEndNear ? masked.slice(0, masked.lastIndexOf(" ") + 1) : masked;
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}

/** Text in UTF-16, read as UTF-8, has a NUL beside each letter, which would hide a secret. */
function oneLine(text: string): string {
  return text
    .replaceAll("\0", "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** The header values of the connector in a request body: a server that refuses one may quote it. */
export function connectorSecrets(body: unknown): string[] {
  const { headers } = (body ?? {}) as { headers?: unknown };
  const values = Array.isArray(headers) ? headers.map((header) => (header as { value?: unknown } | null)?.value) : [];
  return values.filter((value) => typeof value === "string");
}

/** A URL without what may be secret in it: credentials, and the values of its query. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replace(/([?&][^=&#]*=)[^&#]+/g, `$1${MASK}`)
    .replace(/#.+$/, "");
}
