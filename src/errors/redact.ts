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

/** How one of these characters may be written: escapes of JSON, Python, HTML and URLs. A host name has no percent sign. */
const ESCAPES = [
  String.raw`\\u[\da-f]{4}|\\x[\da-f]{2}|\\[bfnrt]`,
  String.raw`&#?\w{1,8};`,
  String.raw`%?(?:25)*(?:2[\da-f]|3[a-f]|40|5[b-f]|60|7[b-e])|%(?:25)*[\da-f]{2}`,
];

/** Between the letters of a written secret: any other character, or an escape. */
const SEPARATOR = `(?:${ESCAPES.join("|")}|[^a-z\\d])+`;

/** Masks the given secrets, `Bearer` and `Basic` credentials, and whatever the text quotes. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const { pattern, literals } = searchFor(secrets);
  const unquoted = text.replace(QUOTATION, `$1${MASK}`);
  const masked = literals.reduce((rest, literal) => rest.replaceAll(literal, MASK), unquoted);
  return masked.replace(pattern, MASK).replace(CREDENTIALS, `$1$2${MASK}`);
}

/** What to search for to find a list of secrets. */
interface Search {
  /** Secrets whose letters and digits are searched for in a row: this finds their escaped and encoded forms. */
  pattern: RegExp;
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
    // Without a pattern: what matches nothing.
    pattern: new RegExp(patterns.join("|") || "(?!)", "gi"),
    literals: forms.filter(isLiteral),
  };
  searches.set(secrets, search);
  return search;
}

/** The secret, each of its words, and their base64 forms. A scheme such as `Bearer` is not secret. */
function writtenForms(secret: string): string[] {
  const words = secret.split(/\s+/).filter((word) => !/^(Bearer|Basic)$/i.test(word));
  return [secret, ...words, ...[secret, ...words].map((form) => base64(form.slice(0, LONGEST_PATTERN)))];
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
  const line = visible(isEndNear ? masked.slice(0, masked.lastIndexOf(" ") + 1) : masked);
  return line.length > longest ? `${line.slice(0, longest)}...` : line;
}

/** UTF-16 text that is read as UTF-8 has a NUL beside each letter, which would hide a secret. */
function oneLine(text: string): string {
  return text
    .replaceAll("\0", "")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
}

/** Characters that nobody sees, or that reverse what is seen, are written as escapes. */
function visible(text: string): string {
  return text.replace(/[\p{Cf}\p{Co}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/**
 * The values in a connector that may be secret: those of its headers, parameters and body, and of its URL's query and
 * credentials. A server that rejects one may quote it.
 */
export function connectorSecrets(connector: unknown): string[] {
  const { headers, parameters, body, url } = Object(connector) as Record<string, unknown>;
  const values = [headers, parameters, body].flat().map((pair) => (Object(pair) as { value?: unknown }).value);
  return [...values, ...urlSecrets(url)].filter((value): value is string => typeof value === "string" && value !== "");
}

function urlSecrets(url: unknown): string[] {
  if (typeof url !== "string" || !URL.canParse(url)) {
    return [];
  }
  const { username, password, searchParams } = new URL(url);
  return [username, password, ...searchParams.values()];
}
