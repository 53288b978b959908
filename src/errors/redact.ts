/** Keeps secrets out of messages. Pure. */

/** Replaces a secret. */
export const MASK = "***";

/** A shorter value is not treated as a secret: masking it would garble every text. */
const SHORTEST_SECRET = 4;

/** A longer secret is only searched for as it is, not in its encoded forms. */
const LONGEST_PATTERN = 2_000;

/** `Bearer` and `Basic` credentials, but not "your Basic plan". */
const CREDENTIALS =
  /\b(Bearer|Basic)(\s+|%20|\+)(?!(?:plan|tier|subscription|auth|authentication|token)s?(?:[\s,;:)]|\.?$|\.\s))(?:(?!\b(?:Bearer|Basic)(?:\s|%20|\+))[^\s"'<>,;])+/gi;

/** Where a text starts to quote the request, or stored data. Nothing is shown from there on. */
const QUOTATION = /(input_value=|\b(?:value|input|ctx)(?:\\*["']|&\S{1,9};)\s*:).*/is;

/** Between the letters of a written secret: any other character, or an escape of JSON, Python, URLs or HTML. */
const SEPARATOR = String.raw`(?:\\u[\da-f]{4}|\\x[\da-f]{2}|\\[bfnrt]|%(?:25)*[\da-f]{2}|&#?\w{1,8};|[^a-z\d])+`;

/** Masks the given secrets, `Bearer` and `Basic` credentials, and whatever the text quotes. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const { pattern, literals } = searchFor(secrets);
  const unquoted = text.replace(QUOTATION, `$1${MASK}`);
  const masked = literals.reduce((rest, literal) => rest.replaceAll(literal, MASK), unquoted);
  return (pattern ? masked.replace(pattern, MASK) : masked).replace(CREDENTIALS, `$1$2${MASK}`);
}

/** What to search for to find a list of secrets. */
interface Search {
  /** Secrets whose letters and digits are searched for in a row: this finds their escaped and encoded forms. */
  pattern: RegExp | undefined;
  /** Secrets that are searched for as they are: very long ones, and those with hardly a letter. */
  literals: readonly string[];
}

/** An error may have thousands of texts and the same secrets. */
const searches = new WeakMap<readonly string[], Search>();

function searchFor(secrets: readonly string[]): Search {
  const known = searches.get(secrets);
  if (known) {
    return known;
  }
  const forms = [...new Set(secrets.flatMap(writtenForms))].filter((form) => form.length >= SHORTEST_SECRET);
  const runs = (form: string): string[] => form.match(/[a-z\d]+/gi) ?? [];
  const isLiteral = (form: string): boolean =>
    form.length > LONGEST_PATTERN || runs(form).join("").length < SHORTEST_SECRET;
  const patterns = forms
    .filter((form) => !isLiteral(form))
    .sort((a, b) => b.length - a.length)
    .map((form) => runs(form).join(SEPARATOR));
  const search = {
    pattern: patterns.length > 0 ? new RegExp(patterns.join("|"), "gi") : undefined,
    literals: forms.filter(isLiteral),
  };
  searches.set(secrets, search);
  return search;
}

/** The secret, each of its words, and its base64 form. A scheme such as `Bearer` is not secret. */
function writtenForms(secret: string): string[] {
  const words = secret.split(/\s+/).filter((word) => !/^(Bearer|Basic)$/i.test(word));
  return [secret, ...words, base64(secret.slice(0, LONGEST_PATTERN))];
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text))).replace(/=+$/, "");
}

const LONGEST_LINE = 300;
const LONGEST_TEXT = 20_000;

/** An untrusted text for a message: one line, masked, cut at a few hundred characters. */
export function printable(text: string, secrets: readonly string[], longest = LONGEST_LINE): string {
  const masked = redact(oneLine(text.slice(0, LONGEST_TEXT)), secrets);
  // The first cut keeps the work small, but half a secret is not recognised: if it would be visible, the last word goes.
  const isEndNear = text.length > LONGEST_TEXT && masked.length < longest + LONGEST_TEXT / 2;
  const line = isEndNear ? masked.slice(0, masked.lastIndexOf(" ") + 1) : masked;
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}

/** UTF-16 text that is read as UTF-8 has a NUL beside each letter, which would hide a secret. */
function oneLine(text: string): string {
  return text
    .replaceAll("\0", "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** The header values of the connector in a request body: a server that rejects one may quote it. */
export function connectorSecrets(body: unknown): string[] {
  const { headers } = (body ?? {}) as { headers?: unknown };
  const values = Array.isArray(headers) ? headers.map((header) => (header as { value?: unknown } | null)?.value) : [];
  return values.filter((value) => typeof value === "string");
}

/** A URL without its secrets: credentials, and the values of its query. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replace(/([?&][^=&#]*=)[^&#]+/g, `$1${MASK}`)
    .replace(/#.+$/, "");
}
