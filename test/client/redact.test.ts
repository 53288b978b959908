/** Which parts of an untrusted text are masked, and which are not. */
import { expect, test } from "vitest";
import { connectorSecrets, printable } from "../../src/errors/redact.js";

const SECRETS = ["s3cr3t-k3y/42"];

const texts: [text: string, shown: string][] = [
  ["nothing to hide", "nothing to hide"],
  ["key s3cr3t-k3y/42 refused", "key *** refused"],
  ["key S3CR3T-K3Y%2F42 refused", "key *** refused"],
  ["Authorization: Bearer abc.def-123, no", "Authorization: Bearer ***, no"],
  ["Basic dXNlcjpwYXNz", "Basic ***"],
  ["not available on your Basic plan.", "not available on your Basic plan."],
  ["send a Bearer token", "send a Bearer token"],
  ["Bearer token-abc123", "Bearer ***"],
  ["Bearer token.abc123", "Bearer ***"],
  ['[{"name":"a","value":"x\\"y"}]', '[{"name":"a","value":***'],
  ['[{"name":"a","value":"cut in an escape\\', '[{"name":"a","value":***'],
  ["[{'name': 'a', 'value': 'x'}]", "[{'name': 'a', 'value':***"],
  ["[type=t, input_value='abc...xyz', input_type=str]", "[type=t, input_value=***"],
  ["two\nlines\tand\u2028more", "two lines and more"],
];

test.each(texts)("printable(%j) returns %j", (text, shown) => {
  expect(printable(text, SECRETS)).toBe(shown);
});

const adjacent: [text: string, shown: string][] = [
  ['{"k":"s3cr3t-k3y/42","value":"Token of another"}', '{"k":"***","value":***'],
  ["[s3cr3t-k3y/42,input_value='one of another']", "[***,input_value=***"],
  [
    '{"x-apikey":"s3cr3t-k3y/42","authorization":"Bearer of-another"}',
    '{"x-apikey":"***","authorization":"Bearer ***"}',
  ],
  ["Bearer s3cr3t-k3y/42:Basic b2YgYW5vdGhlcg==", "Bearer ***Basic ***"],
  ["x-apikey:s3cr3t-k3y/42;authorization:Basic b2YgYW5vdGhlcg==", "x-apikey:***;authorization:Basic ***"],
];

test.each(adjacent)("the known and the unknown secret in %j are both masked", (text, shown) => {
  expect(printable(text, SECRETS)).toBe(shown);
});

test("a known secret that starts with Bearer does not prevent masking of other Bearer tokens", () => {
  const text = "sent Bearer of-mine, stored: Bearer of-another";
  expect(printable(text, ["Bearer of-mine"])).toBe("sent ***, stored: Bearer ***");
});

const spaced: [secret: string, text: string, shown: string][] = [
  ["Zm9vYmFy+c2VjcmV0==", "got Zm9vYmFy c2VjcmV0== for it", "got ***== for it"],
  ["s3cr\u0001k3y42", "got s3cr\u0001k3y42", "got ***"],
  ["one  two\tsix", "got one two six", "got ***"],
  ["Key One Two", "got key one two", "got ***"],
];

test.each(spaced)("the secret %j is masked in %j, despite different spacing or case", (secret, text, shown) => {
  expect(printable(text, [secret])).toBe(shown);
});

test("a text of 400 characters is truncated to 300", () => {
  expect(printable("x".repeat(400), SECRETS)).toBe(`${"x".repeat(300)}...`);
});

test("a secret that the length limit of a text would cut is removed", () => {
  expect(printable(`${" ".repeat(19_995)}s3cr3t-k3y/42`, SECRETS)).toBe("");
  expect(printable(`sent ${" ".repeat(19_990)}s3cr3t-k3y/42`, SECRETS)).toBe("sent ");
});

test("a secret with few letters is masked only in its exact form", () => {
  expect(printable("10 of 1,000 rows: 1.0! is wrong", ["1.0!"])).toBe("10 of 1,000 rows: *** is wrong");
});

test("a long text without spaces is truncated, and its end reveals no part of a secret", () => {
  expect(printable(`${"x".repeat(19_995)}s3cr3t-k3y/42`, SECRETS)).toBe(`${"x".repeat(300)}...`);
  const masked = `${"s3cr3t-k3y/42".repeat(1_500)} ${"x".repeat(295)}`;
  expect(printable(`${masked}${"x".repeat(200)}s3cr3t-k3y/42`, SECRETS)).toBe(`${"***".repeat(100)}...`);
});

test.each([
  [{ url: "https://u:p@a.example/?token=t" }, ["u", "p", "t"]],
  [{ url: "not a URL" }, []],
  [{ url: 5, headers: [{ name: "a", value: "h" }], parameters: [{ value: "" }], body: [null, { value: 5 }] }, ["h"]],
  [null, []],
])("the secrets of the connector %j are %j", (connector, secrets) => {
  expect(connectorSecrets(connector)).toEqual(secrets);
});

test.each([
  [2_000, "***"],
  [2_001, `${"X".repeat(300)}...`],
])("a secret of %d letters, the longest that is found in capitals has 2 000, is shown as %s", (length, shown) => {
  expect(printable("X".repeat(length), ["x".repeat(length)])).toBe(shown);
});

test("a secret that is too long for a regular expression is masked", () => {
  expect(printable(`got ${"a-".repeat(9_000)}z`, [`${"a-".repeat(9_000)}z`])).toBe("got ***");
});
