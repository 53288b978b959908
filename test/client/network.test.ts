/** `readNetworkError`: what a platform's error says about a failed connection. */
import { describe, expect, test } from "vitest";
import { readNetworkError } from "../../src/errors/network.js";

/** An error with a code and others below it. */
function failure(message: string, { code, ...more }: { code?: string; [name: string]: unknown } = {}): Error {
  return Object.assign(new Error(message), { ...(code && { code }) }, more);
}

/** An error whose code is as many causes below it. */
function deep(depth: number): Error {
  return depth === 0 ? failure("refused", { code: "ECONNREFUSED" }) : failure("outer", { cause: deep(depth - 1) });
}

/** A refused connection below as many lists of tried addresses. */
function deepLists(depth: number): Error {
  return depth === 0
    ? failure("refused", { code: "ECONNREFUSED" })
    : failure("all", { errors: [deepLists(depth - 1)] });
}

const refused = failure("refused", { code: "ECONNREFUSED" });
const reset = failure("reset", { code: "ECONNRESET" });

const read: [name: string, error: unknown, message: string, code: string | undefined, nothingSent: boolean][] = [
  ["nothing", undefined, "connection failed", undefined, false],
  ["null", null, "connection failed", undefined, false],
  ["text", "refused", "connection failed", undefined, false],
  ["an error without a message", failure(""), "connection failed", undefined, false],
  ["an error without a code", failure("strange"), "connection failed: strange", undefined, false],
  ["a cause that is text", failure("outer", { cause: "inner" }), "connection failed: outer", undefined, false],
  ["a cause that is null", failure("outer", { cause: null }), "connection failed: outer", undefined, false],
  ["a cause", failure("outer", { cause: failure("inner") }), "connection failed: inner", undefined, false],
  ["a code that is a number", { message: "m", code: 5 }, "connection failed: m", undefined, false],
  ["an unknown code", failure("strange", { code: "EODD" }), "connection failed: strange", "EODD", false],
  ["a known code", refused, "connection refused", "ECONNREFUSED", true],
  ["a code five causes below", deep(5), "connection refused", "ECONNREFUSED", true],
  ["a code below five lists", deepLists(5), "connection refused", "ECONNREFUSED", true],
  ["a code below six lists", deepLists(6), "connection failed: all", undefined, false],
  ["a code six causes below", deep(6), "connection failed: outer", undefined, false],
  [
    "a system call that connects",
    failure("x", { code: "ETIMEDOUT", syscall: "connect" }),
    "connection timed out",
    "ETIMEDOUT",
    true,
  ],
  [
    "a system call that reads",
    failure("x", { code: "ETIMEDOUT", syscall: "read" }),
    "connection timed out",
    "ETIMEDOUT",
    false,
  ],
  [
    "addresses that all refused",
    failure("all", { errors: [refused, refused] }),
    "connection refused",
    "ECONNREFUSED",
    true,
  ],
  [
    "addresses of which one was reset",
    failure("all", { errors: [refused, reset] }),
    "connection refused",
    "ECONNREFUSED",
    false,
  ],
  ["no addresses", failure("all", { code: "ECONNRESET", errors: [] }), "connection reset", "ECONNRESET", false],
  [
    "addresses below addresses",
    failure("a", { errors: [failure("b", { errors: [refused] })] }),
    "connection refused",
    "ECONNREFUSED",
    true,
  ],
  [
    "an untrusted certificate",
    failure("x", { code: "CERT_HAS_EXPIRED" }),
    "certificate not trusted",
    "CERT_HAS_EXPIRED",
    true,
  ],
  [
    "a failed handshake",
    failure("x", { code: "ERR_SSL_WRONG_VERSION_NUMBER" }),
    "the server does not speak TLS",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    true,
  ],
  ["a refused port", failure("outer", { cause: failure("bad port") }), "connection failed: bad port", undefined, true],
  [
    "Deno, refused",
    failure("client error (Connect): tcp connect error: refused (os error 111)"),
    "connection refused",
    "ECONNREFUSED",
    true,
  ],
  [
    "Deno, no such host",
    failure("client error (Connect): dns error: no such host"),
    "host name not resolved",
    "ENOTFOUND",
    true,
  ],
  [
    "Deno, certificate",
    failure("client error (Connect): invalid peer certificate: UnknownIssuer"),
    "certificate not trusted",
    "CERT_NOT_TRUSTED",
    true,
  ],
  [
    "Deno, something else",
    failure("client error (SendRequest): closed"),
    "connection failed: client error (SendRequest): closed",
    undefined,
    false,
  ],
  [
    "a parser's error without a code",
    Object.assign(failure("bad"), { name: "HTTPParserError" }),
    "the response is not HTTP",
    "HTTPParserError",
    false,
  ],
];

describe("readNetworkError", () => {
  test.each(read)("reads %s", (_, error, message, code, nothingSent) => {
    expect(readNetworkError(error, false)).toMatchObject({ message, code, nothingSent });
    expect(readNetworkError(error, true)).toMatchObject({ message, code, nothingSent: false });
  });

  test.each([
    ["a connection that was refused", refused, "all"],
    ["a reset", reset, "idempotent"],
    ["a certificate", failure("x", { code: "CERT_HAS_EXPIRED" }), "none"],
    ["a handshake", failure("x", { code: "ERR_SSL_WRONG_VERSION_NUMBER" }), "idempotent"],
  ])("says after %s which methods may be repeated", (_, error, retry) => {
    expect(readNetworkError(error, false)).toMatchObject({ retry });
  });

  test("an error that throws when it is read, or is its own cause, is a failed connection", () => {
    const thrower = Object.defineProperty(new Error("x"), "cause", {
      get: () => {
        throw new Error("no");
      },
    });
    expect(readNetworkError(thrower, false)).toMatchObject({ message: "connection failed" });
    const own = failure("outer");
    own.cause = own;
    expect(readNetworkError(own, false)).toMatchObject({ message: "connection failed: outer" });
  });
});
