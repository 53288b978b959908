/** Each way in which an answer may quote what it should not. */
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

/** A header cannot carry everything. */
function headerSafe(text: string): string {
  return text.replace(/[^\t\x20-\xff]/g, "?");
}

/** As pydantic quotes a value in a text. */
function pythonRepr(secret: string): string {
  return `{'name': 'Authorization', 'value': '${secret.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'}`;
}

/** Answers that quote a secret that the request carried. */
export const echoes: Readonly<Record<string, Echo>> = {
  "detail as text": (s) => failing(400, { detail: `bad header ${s} sent` }),
  "detail as object": (s) => failing(400, { detail: { got: s, code: s } }),
  "detail as list": (s) => failing(500, { detail: [s, { got: s }] }),
  "error code": (s) => failing(400, { error: s, code: s }),
  "error code of one word": (s) => failing(400, { error: s.replace(/[^\w.-]/g, "_") }),
  "unknown fields": (s) => failing(503, { request: { headers: { "x-apikey": s, Authorization: s } } }),
  "key of an object": (s) => failing(400, { [s]: "unknown" }),
  "422 input": (s) =>
    failing(422, { detail: [{ type: "t", loc: ["body"], msg: "bad", input: { headers: [pair(s)] } }] }),
  "422 message, location, type and context": (s) =>
    failing(422, { detail: [{ type: s, loc: ["body", s], msg: `bad ${s}`, ctx: { s } }] }),
  "422 body as it was sent": (s) => failing(422, { headers: [pair(s)] }),
  "422 as text": (s) => failing(422, { detail: `1 validation error: [input_value=${pythonRepr(s)}, input_type=dict]` }),
  "422 that is cut": (s) =>
    answer(422, JSON.stringify({ detail: [{ type: "t", loc: ["body"], msg: "bad", input: s }] }).slice(0, -4), json),
  "JSON in JSON": (s) => failing(502, { detail: JSON.stringify({ headers: [pair(s)] }) }),
  "JSON in ASCII": (s) => answer(500, escapeAscii(`{"detail":${JSON.stringify(s)}`), json),
  "JSON string": (s) => failing(500, s),
  "plain text": (s) => answer(500, `Traceback: x-apikey: ${s}`, { "content-type": "text/plain" }),
  "credentials in text": (s) => answer(500, `Authorization: Bearer ${s} / Basic ${s}`),
  "HTML title": (s) => answer(502, `<html><title>${s}</title></html>`, html),
  "HTML page": (s) => answer(503, `<html><p>${escapeHtml(s)}</p></html>`, html),
  "HTML page, not escaped": (s) => answer(503, `<html><p>${s}</p></html>`, html),
  "URL in a text": (s) => answer(500, `GET /v1?key=${encodeURIComponent(s)}&x=1 failed`),
  "URL in lower case": (s) => answer(500, `/v1/${encodeURIComponent(s).toLowerCase()}/x`),
  "end of a long text": (s) => answer(500, `${" ".repeat(19_990)}${s}`),
  "end of the longest text": (s) => answer(500, `${"x".repeat(290)} ${s}`),
  "UTF-16 text": (s) => answer(500, Buffer.from(`no: ${s}`, "utf16le")),
  "reason phrase": (s) => answer(500, "", {}, headerSafe(s)),
  "request id": (s) => answer(500, "", { "x-request-id": headerSafe(s) }),
  "request id of a success that is unreadable": (s) => answer(200, "", { "x-request-id": headerSafe(s) }),
  "content type of a success": (s) => answer(200, "?", { "content-type": headerSafe(s) }),
  "retry-after": (s) => answer(503, "", { "retry-after": headerSafe(s) }),
  "any other header": (s) => answer(500, "", { "x-echo": headerSafe(s), "set-cookie": headerSafe(s) }),
  "HTML under 200": (s) => answer(200, `<html>${s}</html>`, html),
  "text under 200": (s) => answer(200, `hello ${s}`),
  "invalid UTF-8 under 200": (s) => answer(200, Buffer.concat([Buffer.from([0xff]), Buffer.from(s)])),
  "UTF-16 under 200": (s) => answer(200, Buffer.from(`\uFEFF${s}`, "utf16le")),
  "not HTTP": (s) => Buffer.from(`${s}\r\n\r\n`),
  "broken chunk": (s) => Buffer.concat([answer(200, "", { "transfer-encoding": "chunked" }), Buffer.from(`${s}\r\n`)]),
  "broken header": (s) => Buffer.from(`HTTP/1.1 200 OK\r\n${s}\r\n\r\n`),
  "broken length": (s) => answer(200, `["${s}"]`, { "content-length": "-1" }),
  "redirect to a path": (s) => answer(307, "", { location: `/v1/${encodeURIComponent(s)}` }),
  "redirect to a host": (s) => answer(302, "", { location: `https://${s.replace(/[^\w-]/g, "-")}.example.com/` }),
  "redirect with credentials": (s) => answer(308, "", { location: `https://u:${encodeURIComponent(s)}@example.com/` }),
  "redirect with a query": (s) => answer(301, s, { location: `https://example.com/?key=${encodeURIComponent(s)}` }),
};

/** Answers with a connector's stored secret, of which the client knows nothing but where such a value stands. */
export const storedEchoes: Readonly<Record<string, Echo>> = {
  "broken list": (s) => answer(200, JSON.stringify([{ id: 1, headers: [pair(s)] }]).slice(0, -1), json),
  "broken list, indented": (s) => answer(200, `${JSON.stringify([{ headers: [pair(s)] }], undefined, 2)},`, json),
  "list in a text": (s) => answer(500, JSON.stringify({ detail: JSON.stringify([pair(s)]) }), json),
  "list in a text in a text": (s) => answer(500, JSON.stringify(JSON.stringify(JSON.stringify([pair(s)]))), json),
  "list in Python": (s) => answer(500, `ValueError: [${pythonRepr(s)}]`),
  "value in Python": (s) => answer(500, `Invalid [type=t, input_value='${s.slice(0, 25)}...', input_type=str]`),
  "list in HTML": (s) => answer(500, `<html><pre>${escapeHtml(JSON.stringify([pair(s)]))}</pre></html>`, html),
  "list in UTF-16": (s) => answer(200, Buffer.from(JSON.stringify([pair(s)]), "utf16le"), json),
  "list in UTF-16 with a mark": (s) => answer(200, Buffer.from(`\uFEFF${JSON.stringify([pair(s)])}`, "utf16le"), json),
  "list that is invalid UTF-8": (s) =>
    answer(200, Buffer.concat([Buffer.from(JSON.stringify([pair(s)]).slice(0, -3)), Buffer.from([0xff, 0x22])])),
  "error object": (s) => failing(500, { connector: { headers: [pair(s)] } }),
  "chunk after the list": (s) =>
    Buffer.concat([
      answer(200, "", { "transfer-encoding": "chunked" }),
      Buffer.from(`1\r\n[\r\n${JSON.stringify(pair(s))}\r\n`),
    ]),
};
