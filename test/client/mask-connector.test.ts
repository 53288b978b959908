/** maskConnector: a connector that can be printed. */
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { type Connector, type ConnectorCreate, maskConnector } from "../../src/index.js";

const connector: Connector = {
  id: 7,
  name: "Scores",
  type: "simple",
  method: "post",
  url: "https://ada:pw-41c9@api.example.com/v1/score?sig=sig-77aa&page=2#frag-66",
  headers: [{ name: "Authorization", value: "Bearer sk-live-1234" }],
  parameters: [{ name: "api_key", value: "param-5678" }],
  body: [{ name: "token", value: "body-9abc" }],
  body_template: '{"client_secret": "tmpl-\\"def0", "email": "{{email}}", "note": "Bearer tmpl-1111"}',
  rate_limit: 5,
  max_concurrency: null,
  created_at: "2026-05-01T00:00:00Z",
};

describe("maskConnector", () => {
  test("masks the values of headers, parameters, body, body template and URL, and keeps the rest", () => {
    expect(maskConnector(connector)).toEqual({
      ...connector,
      url: "https://***@api.example.com/v1/score?sig=***&page=***",
      headers: [{ name: "Authorization", value: "***" }],
      parameters: [{ name: "api_key", value: "***" }],
      body: [{ name: "token", value: "***" }],
      body_template: '{"client_secret": "***", "email": "{{email}}", "note": "Bearer ***"}',
    });
  });

  test("leaves no piece of a secret, and does not change its argument", () => {
    const before = structuredClone(connector);
    const text = JSON.stringify(maskConnector(connector));
    for (const secret of [
      "pw-41c9",
      "sig-77aa",
      "frag-66",
      "sk-live",
      "param-5678",
      "body-9abc",
      "def0",
      "tmpl-1111",
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(connector).toEqual(before);
  });

  test("takes what is sent to create a connector, and adds no field", () => {
    const draft: ConnectorCreate = { name: "x", type: "simple", method: "get", url: "https://a.example" };
    const masked: ConnectorCreate = maskConnector(draft);
    expect(masked).toEqual(draft);
    expect(maskConnector({ ...draft, body_template: null })).toEqual({ ...draft, body_template: null });
  });

  test("is not in a bundle of the client alone", async () => {
    const contents = 'import { Databar } from "./src/index.ts"; globalThis.databar = new Databar({ apiKey: "k" });';
    const { metafile } = await build({
      stdin: { contents, resolveDir: "." },
      bundle: true,
      format: "esm",
      metafile: true,
      write: false,
    });
    const [output] = Object.values(metafile.outputs);
    expect(output?.inputs["src/errors/redact.ts"]?.bytesInOutput).toBeGreaterThan(0);
    expect(output?.inputs["src/errors/mask.ts"]?.bytesInOutput ?? 0).toBe(0);
  });
});
