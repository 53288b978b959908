/** Removes from a table what must not be on a screen: secrets, and characters that control a terminal. */
import { isSecretName, maskConnector } from "../errors/mask.js";
import { MASK, redact } from "../errors/redact.js";

/** Fields with lists of names and values, whose values may be secret. */
const SECRET_LISTS: ReadonlySet<string> = new Set(["headers", "parameters", "body"]);

/** Copies a value and masks its secrets: in connectors' headers, parameters and bodies, in fields named like a key, in URLs. */
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
      Object.entries(isConnector(value) ? maskConnector(value) : value).map(([name, each]) => [
        maskText(name, secrets),
        maskSecrets(each, secrets, name),
      ]),
    );
  }
  return value;
}

/** Masks known secrets, credentials, and the credentials and secret parameters of URLs. Takes linear time. */
export function maskText(text: string, secrets: readonly string[]): string {
  // URLs come first: if the key is also part of a parameter's name, the name stays readable.
  const withoutUrlSecrets = text.replace(/:\/\/[^\s/?#@]*@/g, `://${MASK}@`).replace(/[?&][^&#\s]*/g, (parameter) => {
    const end = parameter.indexOf("=");
    const isSecret = end > 0 && end + 1 < parameter.length && isSecretName(parameter.slice(1, end));
    return isSecret ? `${parameter.slice(0, end)}=${MASK}` : parameter;
  });
  return redact(withoutUrlSecrets, secrets);
}

/** Makes one line without characters that control a terminal or the direction of text. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}

function isConnector(value: object): boolean {
  return "url" in value && "headers" in value && Array.isArray(value.headers);
}

function isSecretField(field: string): boolean {
  return /^(x-)?(api[-_]?key|password|secret|(access|refresh)[-_]?token|authorization)$/i.test(field);
}

function maskNameValue(item: unknown): unknown {
  return typeof item === "object" && item !== null && "name" in item && "value" in item
    ? { ...item, value: MASK }
    : item;
}
