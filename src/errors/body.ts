/** Understands the bodies of error responses, whatever shape they come in. Pure. */

/** One field that the server refused. */
export interface Issue {
  /** Where, as one string: `header.x-apikey`, `body.rows.0.fields`. */
  path: string;
  /** Where, as the server sent it; at most 50 parts. */
  loc: readonly (string | number)[];
  /** The server's reason. */
  message: string;
  /** The server's name for the kind of error, such as `missing`; empty where it gave none. */
  type: string;
}

/** What can be said of an error body. */
export interface ErrorDetail {
  /** The server's own words. */
  words: string;
  code: string | undefined;
  issues: Issue[];
}

const MAX_ISSUES_IN_WORDS = 3;

/** The server's words, code and issues in an error body: parsed JSON, text, or `undefined` for none. */
export function describeErrorBody(body: unknown): ErrorDetail {
  if (typeof body === "string") {
    return { words: textWords(body), code: undefined, issues: [] };
  }
  const fields = isObject(body) ? body : { detail: body };
  const { detail, error, details, message } = fields;
  const issues = [detail, fields.fields, fields.rows].map(issuesOf).find((found) => found.length > 0) ?? [];
  const code = [error, fields.code, isObject(detail) && detail.code].find(isCode);
  const said =
    wordsOf(detail) || wordsOf(details) || issueWords(issues) || wordsOf(error) || wordsOf(message) || compact(body);
  return { words: code && !said.includes(code) ? `${code}: ${said}` : said, code, issues };
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) {
    // Lists in lists hold no words for people.
    return (
      issueWords(issuesOf(value)) ||
      value
        .map((each) => (Array.isArray(each) ? "" : wordsOf(each)))
        .filter(Boolean)
        .join("; ")
    );
  }
  return isObject(value)
    ? firstText(value.message, value.msg, value.detail, value.error) || compact(value)
    : firstText(value);
}

function issueWords(issues: Issue[]): string {
  const shown = issues
    .slice(0, MAX_ISSUES_IN_WORDS)
    .map(({ path, message }) => (path ? `${path}: ${message}` : message));
  const more = issues.length - shown.length;
  return shown.join("; ") + (more > 0 ? ` (+${more} more)` : "");
}

function issuesOf(value: unknown): Issue[] {
  if (!Array.isArray(value)) {
    return [];
  }
  return value.filter(isObject).flatMap((entry) => {
    const message = firstText(entry.msg, entry.message, entry.error, entry.detail);
    const where = entry.loc ?? entry.field ?? entry.name ?? entry.index ?? entry.row;
    const loc = [where].flat().filter((part) => typeof part === "string" || typeof part === "number");
    return message ? [{ path: loc.join("."), loc, message, type: firstText(entry.type, entry.code) }] : [];
  });
}

/** A code is one word; what has spaces is a text. */
function isCode(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z][\w.-]{1,63}$/.test(value);
}

/** A proxy's page is told by its title. */
function textWords(text: string): string {
  if (!/^\s*</.test(text)) {
    return text;
  }
  const title = /<title[^<>]*>([^<]*)/i.exec(text)?.[1]?.trim();
  return title ? `HTML page "${title}"` : `HTML page: ${text.replace(/<[^<>]*>/g, " ")}`;
}

function compact(value: unknown): string {
  try {
    return JSON.stringify(value)?.replace(/^\{\}$/, "") ?? "";
  } catch {
    // Nested more deeply than can be written.
    return "";
  }
}

function firstText(...values: unknown[]): string {
  return values.find((each): each is string => typeof each === "string" && each !== "") ?? "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
