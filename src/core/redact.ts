/** What must not be printed, and how it is kept out of what is. */

/** The header that carries the key. */
export const API_KEY_HEADER = "x-apikey";

/** Stands in for a secret. */
export const MASK = "***";

/** A shorter value is no secret, and masking it would garble every text. */
const SHORTEST_SECRET = 4;

/** A longer secret is looked for as it is, a shorter one also in the forms in which a server may quote it. */
const LONGEST_PATTERN = 2_000;

/** A quotation mark as it is, escaped for JSON, or escaped for HTML. */
const QUOTE = String.raw`\\{0,7}["']|&quot;|&(?:amp;)?#(?:34|39|x0*22|x0*27);|&apos;`;

/** "Your Basic plan" is no secret. */
const CREDENTIALS =
  /\b(Bearer|Basic)(\s+|%20|\+)(?!(?:plan|tier|subscription|auth|authentication|token)s?(?:[\s,;:)]|\.?$|\.\s))[^\s"'<>,;]+/gi;

/** The value of a name-value pair, in JSON or Python, up to its end or, where it was cut, to that of the text. */
const PAIR_VALUE = new RegExp(
  `((?:${QUOTE})value(?:${QUOTE})\\s*:\\s*)(${QUOTE})(?:(?!\\2)[^\\\\]|\\\\.)*\\\\?(\\2|$)`,
  "gi",
);

/** What pydantic quotes of its input in a text. */
const INPUT_VALUE = /\b(input_value=)(?:(?!, input_type=).)*/gi;

/**
 * What may stand in a text for a character of a secret that is neither a letter nor a digit: any such character, for
 * one that cannot be decoded is replaced; or an escape of JSON, Python, URLs or HTML.
 */
const ESCAPED = String.raw`[^a-z\d]|(?<=%)[\da-f]{2}|(?<=\\)(?:[ux][\da-f]{2,4}|[bfnrtv])|(?<=&(?:amp;)?#?)\w{1,6}(?=;)`;

/** An escape may be escaped again. */
const LONGEST_ESCAPE = 12;

/** Masks the given secrets, `Bearer` and `Basic` credentials, and the values of name-value pairs. */
export function redact(text: string, secrets: readonly string[] = []): string {
  return maskKnown(text, secrets)
    .replace(CREDENTIALS, `$1$2${MASK}`)
    .replace(PAIR_VALUE, `$1$2${MASK}$3`)
    .replace(INPUT_VALUE, `$1${MASK}`);
}

function maskKnown(text: string, secrets: readonly string[]): string {
  const lower = text.toLowerCase();
  return needlesOf(secrets).reduce((rest, needle) => {
    const masked = rest.replaceAll(needle.secret, MASK);
    // Most texts quote nothing: the pattern is made for one that may.
    if (needle.part === "" || !lower.includes(needle.part)) {
      return masked;
    }
    needle.pattern ??= new RegExp(patternOf(needle.secret), "gi");
    return masked.replace(needle.pattern, MASK);
  }, text);
}

interface Needle {
  secret: string;
  /** Its longest run of letters and digits, in lower case, which no way of quoting changes; empty for none to look for. */
  part: string;
  pattern: RegExp | undefined;
}

const cache = new WeakMap<readonly string[], Needle[]>();

function needlesOf(secrets: readonly string[]): Needle[] {
  const known = cache.get(secrets);
  if (known) {
    return known;
  }
  // The longest first: a secret may contain another.
  const lines = [...new Set(secrets.map(oneLine))].filter(Boolean).sort((a, b) => b.length - a.length);
  const needles = lines.map((secret) => ({ secret, part: partOf(secret), pattern: undefined }));
  cache.set(secrets, needles);
  return needles;
}

function partOf(secret: string): string {
  const runs = secret.toLowerCase().match(/[a-z\d]+/g) ?? [];
  const isLookedFor = secret.length <= LONGEST_PATTERN && runs.join("").length >= SHORTEST_SECRET;
  return isLookedFor ? runs.reduce((longest, run) => (run.length > longest.length ? run : longest)) : "";
}

/** A secret's letters and digits, with anything between them that may stand for the rest. */
function patternOf(secret: string): string {
  const parts = secret.match(/[a-z\d]+|[^a-z\d]+/gi) ?? [];
  const isWord = (part: string): boolean => /[a-z\d]/i.test(part);
  const inner = parts.filter((part, at) => isWord(part) || (at > 0 && at < parts.length - 1));
  return inner.map((part) => (isWord(part) ? part : `(?:${ESCAPED}){1,${part.length * LONGEST_ESCAPE}}`)).join("");
}

const LONGEST_LINE = 300;
const LONGEST_TEXT = 20_000;

/** A stranger's text for a message: one line, masked, cut at a few hundred characters. */
export function printable(text: string, secrets: readonly string[], longest = LONGEST_LINE): string {
  // A first cut keeps the work small; the last comes after masking, for half a secret is not recognised.
  const masked = redact(oneLine(text.slice(0, LONGEST_TEXT)), secrets);
  const isEndNear = text.length > LONGEST_TEXT && masked.length < LONGEST_TEXT / 2;
  const line = isEndNear ? withoutLastWord(masked) : masked;
  return line.length > longest || (isEndNear && line !== "") ? `${line.slice(0, longest)}...` : line;
}

/** Text in UTF-16, read as UTF-8, has a NUL beside each letter, which would hide a secret. */
function oneLine(text: string): string {
  return text
    .replaceAll("\0", "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** The first cut may have left half of a secret there. */
function withoutLastWord(text: string): string {
  return text.slice(0, Math.max(text.lastIndexOf(" "), 0));
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
