/** Understands the bodies of error responses, whatever shape they have. Pure. */

/** One field that the server rejected. */
export interface Issue {
  /** The location as one string: `header.x-apikey`, `body.rows.0.fields`. */
  path: string;
  /** Where, as the server sent it; at most 50 parts. */
  loc: readonly (string | number)[];
  /** The server's reason. */
  message: string;
  /** The server's name for the kind of error, such as `missing`; empty if it sent none. */
  type: string;
}

/** What an error body says. */
export interface ErrorBody {
  /** The server's message. */
  message: string;
  code: string | undefined;
  issues: Issue[];
}

const MAX_ISSUES_IN_MESSAGE = 3;

/** In these fields servers echo the request, or what they have stored: they may hold secrets. */
const ECHOES = ["input", "ctx", "value"];

/** The server's message, code and issues in an error body: parsed JSON, text, or `undefined` if there is none. */
export function readErrorBody(body: unknown): ErrorBody {
  if (typeof body === "string") {
    return { message: textMessage(body), code: undefined, issues: [] };
  }
  const fields = isObject(body) ? body : { detail: body };
  const { detail, error, details, message } = fields;
  const issues = [detail, fields.fields, fields.rows].map(issuesOf).find((found) => found.length > 0) ?? [];
  const code = [error, fields.code, isObject(detail) && detail.code].find(isCode);
  const text =
    messageOf(detail) ||
    messageOf(details) ||
    issuesMessage(issues) ||
    firstText(...(isCode(error) ? [message, error] : [error, message]).map(messageOf)) ||
    toJson(body);
  return { message: code && !text.includes(code) ? `${code}: ${text}` : text, code, issues };
}

function messageOf(value: unknown): string {
  if (Array.isArray(value)) {
    return issuesMessage(issuesOf(value)) || value.map(entryMessage).filter(Boolean).join("; ");
  }
  return isObject(value)
    ? firstText(value.message, value.msg, value.detail, value.error) || toJson(value)
    : firstText(value);
}

/** A list inside a list has no message for people. */
function entryMessage(entry: unknown): string {
  return Array.isArray(entry) ? "" : messageOf(entry);
}

function issuesMessage(issues: Issue[]): string {
  const shown = issues
    .slice(0, MAX_ISSUES_IN_MESSAGE)
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

/** A code is one word. A value with spaces is a message. */
function isCode(value: unknown): value is string {
  return typeof value === "string" && /^[A-Za-z][\w.-]{1,63}$/.test(value);
}

/** For the HTML page of a proxy: its title, otherwise its text. */
function textMessage(text: string): string {
  if (!/^\s*</.test(text)) {
    return text;
  }
  const title = /<title[^<>]*>([^<]*)/i.exec(text)?.[1]?.trim();
  return title ? `HTML page "${title}"` : `HTML page: ${text.replace(/<[^<>]*>/g, " ")}`;
}

function toJson(value: unknown): string {
  try {
    const json = JSON.stringify(value, (name, held) => (ECHOES.includes(name) ? undefined : held));
    return json?.replace(/^\{\}$/, "") ?? "";
  } catch {
    // Nested too deeply to be written.
    return "";
  }
}

function firstText(...values: unknown[]): string {
  return values.find((each): each is string => typeof each === "string" && each !== "") ?? "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
