/** DATABAR_LOG: what the command line writes to stderr at each level, and never writes. */
import { describe, expect, test } from "vitest";
import { cli, KEY, type Outcome } from "../support/cli.js";
import { pathOf } from "../support/contract-requests.js";

const SECRETS = ["sk-live-1c9e7d42", "body-value-77f0aa31", "query-value-5b2e9c10", "answer-value-08d4ee6f"];
const [HEADER, BODY, QUERY, ANSWER] = SECRETS;

/** A change that is refused once with a 429, and a list: with secrets in the key, the header, the body, the query and the answer. */
function logged(level: string | undefined): Promise<Outcome> {
  const connector = {
    name: "x",
    type: "simple",
    method: "get",
    url: `https://a.example?q=${QUERY}`,
    headers: [{ name: "authorization", value: `Bearer ${HEADER}` }],
    body: [{ name: "b", value: BODY }],
  };
  return cli(["connectors", "create", "--body", JSON.stringify(connector), "--jsonl"], {
    env: { DATABAR_API_KEY: KEY, ...(level !== undefined && { DATABAR_LOG: level }) },
    answer: (_, count) =>
      count === 1
        ? Response.json({ detail: `wait, ${KEY} ${HEADER} ${ANSWER}` }, { status: 429 })
        : { id: 1, note: ANSWER },
  });
}

const ROUTE = `POST ${pathOf("connectors.create")}`;
const lines: [level: string, line: string][] = [
  ["debug", `debug: databar: ${ROUTE} is sent`],
  ["info", `info: databar: ${ROUTE} -> 429 in 0 ms`],
  ["warn", `warn: databar: ${ROUTE} is retried in 0 ms after a 429`],
  ["debug", `debug: databar: ${ROUTE} is sent (attempt 2)`],
  ["info", `info: databar: ${ROUTE} -> 200 in 0 ms (attempt 2)`],
];
const levels = ["debug", "info", "warn", "error"];

describe("cli DATABAR_LOG", () => {
  test.each(levels)("=%s writes lines of that level and of the more important ones to stderr", async (level) => {
    const { code, stdout, stderr } = await logged(level);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `{"id":1,"note":"${ANSWER}"}\n` });
    const expected = lines.filter(([at]) => levels.indexOf(at) >= levels.indexOf(level)).map(([, line]) => line);
    expect(
      stderr
        .replace(/in \d+ ms/g, "in 0 ms")
        .split("\n")
        .filter(Boolean),
    ).toEqual(expected);
  });

  test.each(levels)("=%s never writes the key, a header, a body, a query or a response", async (level) => {
    const { stderr } = await logged(level);
    for (const secret of [KEY, ...SECRETS]) {
      expect(stderr).not.toContain(secret);
    }
  });

  test("=error writes an attempt without a response, before the error itself", async () => {
    const { code, stderr } = await cli(["user", "me", "--max-retries", "0"], {
      env: { DATABAR_API_KEY: KEY, DATABAR_LOG: "error" },
      answer: () => {
        throw Object.assign(new TypeError("fetch failed"), {
          cause: Object.assign(new Error("x"), { code: "ENOTFOUND" }),
        });
      },
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error: databar: GET \/v1\/user\/me failed: .*\nerror: GET \/v1\/user\/me failed: .*\n$/);
  });

  test("without a value writes nothing, and another value is refused", async () => {
    expect((await logged(undefined)).stderr).toBe("");
    expect((await logged("")).stderr).toBe("");
    expect(await logged("verbose")).toMatchObject({
      code: 2,
      requests: [],
      stderr: 'error: DATABAR_LOG must be debug, info, warn, error, got "verbose"\n',
    });
  });
});
