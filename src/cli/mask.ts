/** Keeps out of a table what must not stand on a screen: secrets, and characters that steer a terminal. */
import { MASK, redact } from "../errors/redact.js";

const SECRET_NAME = /key|token|secret|passw|pwd|auth|credential|signature|^sig$/i;
/** Fields of lists of names and values whose values may be secret. */
const SECRET_LISTS: ReadonlySet<string> = new Set(["headers", "parameters", "body"]);

/** A copy with secrets masked: values of connectors' headers, parameters and bodies, key-like fields, keys in URLs. */
export function maskSecrets(value: unknown, secrets: readonly string[], field = ""): unknown {
  if (typeof value === "string") {
    return isSecretField(field) && value !== "" ? MASK : maskText(value, secrets);
  }
  if (Array.isArray(value)) {
    const masked = value.map((item) => maskSecrets(item, secrets, field));
    return SECRET_LISTS.has(field) ? masked.map(maskNameValue) : masked;
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [maskText(name, secrets), maskSecrets(each, secrets, name)]),
    );
  }
  return value;
}

/** Masks known secrets, credentials, and what a URL in the text holds of either. */
export function maskText(text: string, secrets: readonly string[]): string {
  // URLs first: a key that happens to be a part of a name must not hide the name.
  const withoutUrlSecrets = text
    .replace(/\b([a-z][a-z\d+.-]*:\/\/)[^\s/?#@]*@/gi, `$1${MASK}@`)
    .replace(/([?&])([^=&#\s]*)=([^&#\s]+)/g, (pair, mark: string, name: string) =>
      SECRET_NAME.test(name) ? `${mark}${name}=${MASK}` : pair,
    );
  return redact(withoutUrlSecrets, secrets);
}

/** One line without characters that steer a terminal or turn the direction of writing. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}

function isSecretField(field: string): boolean {
  return /^(x-)?(api[-_]?key|password|secret|(access|refresh)[-_]?token|authorization)$/i.test(field);
}

function maskNameValue(item: unknown): unknown {
  return typeof item === "object" && item !== null && "name" in item && "value" in item
    ? { ...item, value: MASK }
    : item;
}
