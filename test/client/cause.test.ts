/** `printableCause`: what of a platform's error is kept. */
import { describe, expect, test } from "vitest";
import { printableCause } from "../../src/errors/cause.js";

const SECRETS = ["s3cr3t-key"];

/** An error with own properties. */
function failure(message: string, properties: object = {}): Error {
  return Object.assign(new Error(message), properties);
}

/** An error with as many causes below it. */
function chain(depth: number, message = "refused"): Error {
  return depth === 0 ? failure(message) : failure(`level ${depth}`, { cause: chain(depth - 1, message) });
}

/** The messages of an error and its causes. */
function messages(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...messages(error.cause)] : [];
}

describe("a cause", () => {
  test.each([
    ["with a code and an address", failure("refused", { code: "ECONNREFUSED", address: "127.0.0.1", port: 9 })],
    ["with plain details", failure("reset", { socket: { localPort: 5, timeout: null, remote: ["::1", 6] } })],
    ["with the errors of all addresses", failure("all", { errors: [failure("a"), failure("b")] })],
    ["with a few causes", chain(4)],
    ["that is text", "refused"],
    ["that is undefined", undefined],
  ])("%s is kept as it is", (_, error) => {
    expect(printableCause(error, SECRETS)).toBe(error);
  });

  test("with a secret is copied with message, name, code, stack and causes, and without the rest", () => {
    const inner = failure("for s3cr3t-key", { code: "INNER", request: { headers: {} } });
    const copy = printableCause(
      failure("outer", { name: "FetchError", code: "OUTER", cause: inner, extra: 1 }),
      SECRETS,
    );
    expect(copy).toMatchObject({ message: "outer", name: "FetchError", code: "OUTER" });
    expect(copy).toMatchObject({
      stack: expect.stringContaining("outer"),
      cause: { message: "for ***", code: "INNER" },
    });
    expect(copy).not.toHaveProperty("extra");
    expect(copy).not.toHaveProperty("cause.request");
  });

  test.each([
    ["a function", { retry: () => {} }],
    ["an object with behaviour", { request: new Request("https://a.example") }],
    ["a symbol key", { [Symbol("request")]: "x" }],
    ["an accessor", Object.defineProperty({}, "request", { get: () => "x", enumerable: true })],
    ["received bytes", { data: "HTTP/1.1 200" }],
    ["a list that holds no errors", { chunks: ["x"] }],
    ["a custom inspector", { [Symbol.for("nodejs.util.inspect.custom")]: () => "x" }],
    ["a toJSON of its own", { details: { toJSON: () => "x" } }],
    ["a secret in a nested text", { details: { header: ["s3cr3t-key"] } }],
  ])("with %s is copied without it", (_, properties) => {
    const error = Object.defineProperties(failure("refused"), Object.getOwnPropertyDescriptors(properties));
    const copy = printableCause(error, SECRETS);
    expect(copy).not.toBe(error);
    expect(copy).toMatchObject({ message: "refused", stack: error.stack });
    const given = Reflect.ownKeys(properties);
    expect(Reflect.ownKeys(copy as object).filter((key) => given.includes(key))).toEqual([]);
  });

  test("is copied only as deep as its message can help", () => {
    expect(messages(printableCause(chain(20), SECRETS))).toHaveLength(7);
    expect(messages(printableCause(chain(4, "for s3cr3t-key"), SECRETS)).at(-1)).toBe("for ***");
  });

  test("that is its own cause is copied, and keeps its message", () => {
    const error = failure("for s3cr3t-key");
    error.cause = error;
    expect(messages(printableCause(error, SECRETS))).toEqual(Array(7).fill("for ***"));
    const plain = failure("refused");
    plain.cause = plain;
    expect(messages(printableCause(plain, SECRETS))).toEqual(Array(7).fill("refused"));
  });

  test("that throws when it is read is replaced", () => {
    const error = Object.defineProperty(failure("refused"), "stack", {
      get: () => {
        throw new Error("for s3cr3t-key");
      },
    });
    expect(messages(printableCause(error, SECRETS))).toEqual(["an error was thrown that cannot be read"]);
  });

  test.each([
    [{ reason: "s3cr3t-key" }, "an object was thrown"],
    [{ message: 5, toJSON: () => "s3cr3t-key" }, "an object was thrown"],
  ])("that is the object %j is replaced by an error", (thrown, message) => {
    expect(printableCause(thrown, SECRETS)).toMatchObject({ message });
  });

  test.each([
    ["for s3cr3t-key", "for ***"],
    [() => "s3cr3t-key", '() => "***"'],
  ])("that is %s is shown as text", (thrown, shown) => {
    expect(printableCause(thrown, SECRETS)).toBe(shown);
  });
});
