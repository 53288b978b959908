/** Keeps the secrets inside connectors and URLs out of what a program prints. Pure. */
import type { Connector } from "../generated/schema.gen.js";
import { MASK, redact } from "./redact.js";

/** The fields of a connector that may hold secrets. */
export type ConnectorFields = Partial<Pick<Connector, "headers" | "parameters" | "body" | "body_template" | "url">>;

const SECRET_NAME = /key|token|secret|passw|pwd|auth|credential|signature|^sig$/i;

/** A member of JSON text whose value is a text. A body template is nearly JSON, so it cannot be parsed. */
const MEMBER = /("((?:[^"\\]|\\.)*)"\s*:\s*")((?:[^"\\]|\\.)*)"/g;

/** Whether a name, such as that of a parameter, suggests a secret value. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/**
 * Copies a connector without its secrets, to print or log it: each one is replaced by `***`.
 *
 * - the values of `headers`, `parameters` and `body`: their names stay
 * - the credentials in `url`, and the values of its query
 * - in `body_template`: `Bearer` and `Basic` credentials, and the texts of fields with a name like `api_key` or `token`
 *
 * Works for what the API returned and for what you are about to send. Other fields are copied as they are.
 *
 * @see https://docs.databar.ai/api-reference/endpoint/connectors-list
 */
export function maskConnector<T extends ConnectorFields>(connector: T): T {
  const { headers, parameters, body, body_template: template, url } = connector;
  return Object.assign(
    { ...connector },
    headers && { headers: headers.map(maskValue) },
    parameters && { parameters: parameters.map(maskValue) },
    body && { body: body.map(maskValue) },
    typeof template === "string" && { body_template: maskTemplate(template) },
    typeof url === "string" && { url: maskUrl(url) },
  );
}

/** A URL without its secrets: credentials, and the values of its query. */
export function maskUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replace(/([?&][^=&#]*=)[^&#]+/g, `$1${MASK}`)
    .replace(/#.+$/, "");
}

function maskValue<Pair>(pair: Pair): Pair {
  return typeof pair === "object" && pair !== null && "value" in pair ? { ...pair, value: MASK } : pair;
}

function maskTemplate(template: string): string {
  const masked = template.replace(MEMBER, (member, start: string, name: string) =>
    isSecretName(name) ? `${start}${MASK}"` : member,
  );
  return redact(masked);
}
