/** Responses that quote a secret, one for each place in which a server may quote it. */
import { answer } from "./fault-server.js";

type Echo = (secret: string) => Buffer;

const json = { "content-type": "application/json" };
const html = { "content-type": "text/html" };

function failing(status: number, body: unknown): Buffer {
  return answer(status, JSON.stringify(body), json);
}

function pair(secret: string): { name: string; value: string } {
  return { name: "Authorization", value: secret };
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

function escapeAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Replaces the characters that a header cannot contain. */
function headerSafe(text: string): string {
  return text.replace(/[^\t\x20-\xff]/g, "?");
}

/** How pydantic writes a value in an error message. */
function pythonRepr(secret: string): string {
  return `{'name': 'Authorization', 'value': '${secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'}`;
}

/** Responses that quote a secret of the request. */
export const echoes: Readonly<Record<string, Echo>> = {
  "a detail string": (s) => failing(400, { detail: `bad header ${s} sent` }),
  "a detail object": (s) => failing(400, { detail: { got: s, code: s } }),
  "a detail list": (s) => failing(500, { detail: [s, { got: s }] }),
  "an error code": (s) => failing(400, { error: s, code: s }),
  "an error code of one word": (s) => failing(400, { error: s.replace(/[^\w.-]/g, "_") }),
  "unknown fields": (s) => failing(503, { request: { headers: { "x-apikey": s, Authorization: s } } }),
  "a key of an object": (s) => failing(400, { [s]: "unknown" }),
  "the input of a 422": (s) =>
    failing(422, { detail: [{ type: "t", loc: ["body"], msg: "bad", input: { headers: [pair(s)] } }] }),
  "the message, location, type and context of a 422": (s) =>
    failing(422, { detail: [{ type: s, loc: ["body", s], msg: `bad ${s}`, ctx: { s } }] }),
  "a 422 that repeats the request body": (s) => failing(422, { headers: [pair(s)] }),
  "a 422 with a text": (s) =>
    failing(422, { detail: `1 validation error: [input_value=${pythonRepr(s)}, input_type=dict]` }),
  "a truncated 422": (s) =>
    answer(422, JSON.stringify({ detail: [{ type: "t", loc: ["body"], msg: "bad", input: s }] }).slice(0, -4), json),
  "JSON inside a JSON string": (s) => failing(502, { detail: JSON.stringify({ headers: [pair(s)] }) }),
  "truncated JSON with ASCII escapes": (s) => answer(500, escapeAscii(`{"detail":${JSON.stringify(s)}`), json),
  "a JSON string": (s) => failing(500, s),
  "plain text": (s) => answer(500, `Traceback: x-apikey: ${s}`, { "content-type": "text/plain" }),
  "credentials in a text": (s) => answer(500, `Authorization: Bearer ${s} / Basic ${s}`),
  "an HTML title": (s) => answer(502, `<html><title>${s}</title></html>`, html),
  "an HTML page": (s) => answer(503, `<html><p>${escapeHtml(s)}</p></html>`, html),
  "an HTML page without escapes": (s) => answer(503, `<html><p>${s}</p></html>`, html),
  "a URL in a text": (s) => answer(500, `GET /v1?key=${encodeURIComponent(s)}&x=1 failed`),
  "a URL in lower case": (s) => answer(500, `/v1/${encodeURIComponent(s).toLowerCase()}/x`),
  "the last characters of a text of 20 000": (s) => answer(500, `${" ".repeat(19_990)}${s}`),
  "the last characters of a text of 300": (s) => answer(500, `${"x".repeat(290)} ${s}`),
  "a text in UTF-16": (s) => answer(500, Buffer.from(`no: ${s}`, "utf16le")),
  "the reason phrase": (s) => answer(500, "", {}, headerSafe(s)),
  "the request id": (s) => answer(500, "", { "x-request-id": headerSafe(s) }),
  "the request id of an unreadable success": (s) => answer(200, "", { "x-request-id": headerSafe(s) }),
  "the content type of a success": (s) => answer(200, "?", { "content-type": headerSafe(s) }),
  "the Retry-After header": (s) => answer(503, "", { "retry-after": headerSafe(s) }),
  "other headers": (s) => answer(500, "", { "x-echo": headerSafe(s), "set-cookie": headerSafe(s) }),
  "a 200 with HTML": (s) => answer(200, `<html>${s}</html>`, html),
  "a 200 with text": (s) => answer(200, `hello ${s}`),
  "a 200 in invalid UTF-8": (s) => answer(200, Buffer.concat([Buffer.from([0xff]), Buffer.from(s)])),
  "a 200 in UTF-16": (s) => answer(200, Buffer.from(`\uFEFF${s}`, "utf16le")),
  "a response that is not HTTP": (s) => Buffer.from(`${s}\r\n\r\n`),
  "an invalid chunk": (s) =>
    Buffer.concat([answer(200, "", { "transfer-encoding": "chunked" }), Buffer.from(`${s}\r\n`)]),
  "an invalid header": (s) => Buffer.from(`HTTP/1.1 200 OK\r\n${s}\r\n\r\n`),
  "a response with an invalid content length": (s) => answer(200, `["${s}"]`, { "content-length": "-1" }),
  "a redirect to a path": (s) => answer(307, "", { location: `/v1/${encodeURIComponent(s)}` }),
  "a redirect to a host": (s) => answer(302, "", { location: `https://${s.replace(/[^\w-]/g, "-")}.example.com/` }),
  "a redirect with credentials": (s) =>
    answer(308, "", { location: `https://u:${encodeURIComponent(s)}@example.com/` }),
  "a redirect with a query": (s) => answer(301, s, { location: `https://example.com/?key=${encodeURIComponent(s)}` }),
};

/** Responses with a connector's stored secret. The client does not know the secret, only the places of such values. */
export const storedEchoes: Readonly<Record<string, Echo>> = {
  "a truncated list": (s) => answer(200, JSON.stringify([{ id: 1, headers: [pair(s)] }]).slice(0, -1), json),
  "an indented list followed by a comma": (s) =>
    answer(200, `${JSON.stringify([{ headers: [pair(s)] }], undefined, 2)},`, json),
  "a list in a JSON string": (s) => answer(500, JSON.stringify({ detail: JSON.stringify([pair(s)]) }), json),
  "a list in a string that is encoded three times": (s) =>
    answer(500, JSON.stringify(JSON.stringify(JSON.stringify([pair(s)]))), json),
  "a list in Python notation": (s) => answer(500, `ValueError: [${pythonRepr(s)}]`),
  "an input_value in Python notation": (s) =>
    answer(500, `Invalid [type=t, input_value='${s.slice(0, 25)}...', input_type=str]`),
  "a list in an HTML page": (s) =>
    answer(500, `<html><pre>${escapeHtml(JSON.stringify([pair(s)]))}</pre></html>`, html),
  "a list in UTF-16": (s) => answer(200, Buffer.from(JSON.stringify([pair(s)]), "utf16le"), json),
  "a list in UTF-16 with a byte-order mark": (s) =>
    answer(200, Buffer.from(`\uFEFF${JSON.stringify([pair(s)])}`, "utf16le"), json),
  "a list in invalid UTF-8": (s) =>
    answer(200, Buffer.concat([Buffer.from(JSON.stringify([pair(s)]).slice(0, -3)), Buffer.from([0xff, 0x22])])),
  "an error object": (s) => failing(500, { connector: { headers: [pair(s)] } }),
  "a list in an invalid chunk": (s) =>
    Buffer.concat([
      answer(200, "", { "transfer-encoding": "chunked" }),
      Buffer.from(`1\r\n[\r\n${JSON.stringify(pair(s))}\r\n`),
    ]),
};
