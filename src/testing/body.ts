/** Reads the body of a request as FastAPI does. */
import type { PlainRequest } from "./request.js";

/** A body that was read, or the reason why it cannot be. */
export type ReadBody =
  /** `undefined` for an empty body; a string for a body whose content type is not JSON. */
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "not-json" }
  /** Not UTF-8, or nested too deeply for Python's reader. */
  | { readonly kind: "unreadable" };

const JSON_TYPE = /^application\/(json|[^;\s]*\+json)\s*(;|$)/i;

/** Python's recursion limit: its JSON reader gives up at about this depth. */
const MAX_DEPTH = 1000;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Decodes UTF-8, without a byte order mark. Returns undefined for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Parses the body of a request. */
export function readBody({ body, contentType }: PlainRequest): ReadBody {
  if (body === undefined) {
    return { kind: "unreadable" };
  }
  if (body === "") {
    return { kind: "value", value: undefined };
  }
  if (contentType && !JSON_TYPE.test(contentType)) {
    return { kind: "value", value: body };
  }
  if (isDeeperThan(body, MAX_DEPTH)) {
    return { kind: "unreadable" };
  }
  try {
    return { kind: "value", value: JSON.parse(body) };
  } catch {
    return { kind: "not-json" };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);

/** Compares the nesting of a JSON text with a limit, without recursion. */
function isDeeperThan(text: string, limit: number): boolean {
  if (text.length <= limit) {
    return false;
  }
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) {
        index++;
      } else if (code === QUOTE) {
        inString = false;
      }
    } else if (code === QUOTE) {
      inString = true;
    } else if (OPEN.has(code)) {
      depth++;
      if (depth > limit) {
        return true;
      }
    } else if (CLOSE.has(code)) {
      depth--;
    }
  }
  return false;
}
