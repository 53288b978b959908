/** Understands the bodies of error responses, whatever shape they come in. Pure. */

/** One field that the server refused. */
export interface Issue {
  /** Where, as one string: `header.x-apikey`, `body.rows.0.fields`. */
  path: string;
  /** Where, as the server sent it. */
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

/** Lists in lists in lists hold no words for people. */
const DEEPEST_WORDS = 4;

/** The server's words, code and issues in an error body: parsed JSON, text, or `undefined` for none. */
export function describeErrorBody(body: unknown): ErrorDetail {
  if (!isObject(body)) {
    return {
      words: typeof body === "string" ? textWords(body) : wordsOf(body) || compact(body),
      code: undefined,
      issues: [],
    };
  }
  const { detail, error, details } = body;
  const issues = [detail, body.fields, body.rows].map(issuesOf).find((found) => found.length > 0) ?? [];
  const words = [wordsOf(detail), wordsOf(details), issueWords(issues), wordsOf(error), wordsOf(body.message)];
  const said = words.find((each) => each !== "") ?? (Object.keys(body).length > 0 ? compact(body) : "");
  const code = codeOf(error) ?? codeOf(body.code) ?? (isObject(detail) ? codeOf(detail.code) : undefined);
  return { words: code && !said.includes(code) ? `${code}: ${said}` : said, code, issues };
}

function wordsOf(value: unknown, depth = 0): string {
  if (typeof value === "string") {
    return withoutEcho(value);
  }
  if (Array.isArray(value)) {
    const issues = issuesOf(value);
    if (issues.length > 0) {
      return issueWords(issues);
    }
    return depth < DEEPEST_WORDS
      ? value
          .map((each) => wordsOf(each, depth + 1))
          .filter(Boolean)
          .join("; ")
      : "";
  }
  if (!isObject(value)) {
    return "";
  }
  const said = [value.message, value.msg, value.detail, value.error].find((each) => typeof each === "string" && each);
  return typeof said === "string" ? withoutEcho(said) : compact(value);
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
    const message = [entry.msg, entry.message, entry.error, entry.detail].find((each) => typeof each === "string");
    const where = entry.loc ?? entry.field ?? entry.name ?? entry.index ?? entry.row;
    const loc = (Array.isArray(where) ? where : [where]).filter(
      (part): part is string | number => typeof part === "string" || typeof part === "number",
    );
    const type = [entry.type, entry.code].find((each) => typeof each === "string");
    return typeof message === "string"
      ? [{ path: loc.join("."), loc, message, type: typeof type === "string" ? type : "" }]
      : [];
  });
}

/** A code is one word; what has spaces is a text. */
function codeOf(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Za-z][\w.-]{1,63}$/.test(value) ? value : undefined;
}

/** A proxy's page is told by its title. */
function textWords(text: string): string {
  if (!/^\s*</.test(text)) {
    return withoutEcho(text);
  }
  const title = /<title[^<>]*>([^<]*)/i.exec(text)?.[1]?.trim();
  return title ? `HTML page "${title}"` : `HTML page: ${text.replace(/<[^<>]*>/g, " ")}`;
}

/** JSON that was cut, or put into a text, is a text: what it echoes stays out of words as well. */
function withoutEcho(text: string): string {
  return text.replace(/\\{0,7}(["'])(?:input|ctx)\\{0,7}\1\s*:.*$/s, "...");
}

/** `input` and `ctx` echo what was sent: they stay out of words. */
function compact(value: unknown): string {
  try {
    return JSON.stringify(value, (key, each) => (key === "input" || key === "ctx" ? undefined : each)) ?? "";
  } catch {
    // Nested more deeply than can be written.
    return "";
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
