/** Properties that hold for random input: Retry-After headers, path values, responses, thrown values and secrets. */
import fc from "fast-check";
import { afterAll, expect, test, vi } from "vitest";
import { printable } from "../../src/errors/redact.js";
import { parseRetryAfter, retryDelayMs } from "../../src/http/retry.js";
import { fillPath } from "../../src/http/url.js";
import { DatabarError, type Fetch, UsageError } from "../../src/index.js";
import { client } from "../support/calls.js";
import { FIXTURE, listFixtures } from "../support/fixture-operation.js";

// The tests take a few seconds on an idle machine.
vi.setConfig({ testTimeout: 20_000 });

const counted = { runs: 0 };

afterAll(() => console.log(`Properties: ${counted.runs} runs.`));

/** Checks a property with random values and counts the runs. */
async function holds<T>(numRuns: number, values: fc.Arbitrary<T>, check: (value: T) => Promise<void> | void) {
  const property = fc.asyncProperty(values, async (value) => {
    counted.runs++;
    await check(value);
  });
  await fc.assert(property, { numRuns });
}

const NOW = Date.UTC(2026, 0, 1);

/** Characters that a header can contain. */
const headerValue = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });

const retryAfter = fc.oneof(
  headerValue,
  fc.integer().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.tuple(fc.constantFrom("Mon", "Sunday", "Fri,"), headerValue).map((parts) => parts.join(" ")),
);

test("parseRetryAfter returns a finite delay of at least 0, or undefined, for any header", async () => {
  await holds(2_000, fc.tuple(retryAfter, retryAfter, fc.boolean()), ([seconds, ms, both]) => {
    const headers = new Headers({ "retry-after": seconds, ...(both && { "retry-after-ms": ms }) });
    const wait = parseRetryAfter(headers, NOW);
    expect(wait === undefined || (Number.isFinite(wait) && wait >= 0)).toBe(true);
  });
});

test("parseRetryAfter returns the same delay for seconds and for the equivalent HTTP date", async () => {
  await holds(500, fc.integer({ min: 0, max: 10_000_000 }), (seconds) => {
    const date = new Date(NOW + seconds * 1_000).toUTCString();
    expect(parseRetryAfter(new Headers({ "retry-after": String(seconds) }), NOW)).toBe(seconds * 1_000);
    expect(parseRetryAfter(new Headers({ "retry-after": date }), NOW)).toBe(seconds * 1_000);
  });
});

test("retryDelayMs returns a delay between the requested one and 75 seconds, or undefined, for any input", async () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const retryAfterMs = fc.option(fc.double({ min: 0, noNaN: true }), { nil: undefined });
  await holds(1_000, fc.tuple(fc.integer({ min: 1 }), retryAfterMs, chance), ([attempt, ms, random]) => {
    const wait = retryDelayMs({ method: "GET", retry: "all", number: attempt, retryAfterMs: ms }, random);
    expect(wait === undefined ? ms !== undefined && ms > 60_000 : wait >= (ms ?? 0) && wait <= 75_000).toBe(true);
    expect(ms !== undefined || (wait !== undefined && wait <= 8_000)).toBe(true);
  });
});

test("fillPath turns any value into one path segment or throws a one-line UsageError", async () => {
  const value = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.double(), fc.anything());
  await holds(3_000, value, (id) => {
    let path: string;
    try {
      path = fillPath("/v1/x/{id}/y", { id });
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect((error as Error).message).toMatch(/^id must be a finite number, .{1,200}$/);
      return;
    }
    const { pathname, search, hash, origin } = new URL(path, "https://api.databar.ai");
    const [, version, x, segment = "", y, ...rest] = pathname.split("/");
    expect([version, x, y, rest, search, hash, origin]).toEqual(["v1", "x", "y", [], "", "", "https://api.databar.ai"]);
    expect(decodeURIComponent(segment)).toBe(String(id));
  });
});

const status = fc.integer({ min: 200, max: 599 });
const contentType = fc.oneof(
  fc.constantFrom("application/json", "text/html", "text/plain; charset=latin1"),
  headerValue,
);
const anyText = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
/** Error bodies that resemble those of real servers, with random deviations. */
const errorShape = fc.dictionary(
  fc.constantFrom("detail", "error", "details", "message", "code", "fields", "rows", "msg", "loc", "type", "input"),
  fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    anyText,
    fc.array(
      fc.dictionary(
        fc.constantFrom("loc", "msg", "type", "input", "ctx", "field", "message", "row"),
        fc.jsonValue({ maxDepth: 2 }),
      ),
    ),
  ),
);
const body = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
  errorShape.map((value) => JSON.stringify(value)),
  errorShape.map((value) => JSON.stringify(value).slice(0, -2)),
  anyText,
  anyText.map((text) => `<html><title>${text}</title>${text}`),
  fc.uint8Array({ maxLength: 300 }),
);

test("any response becomes its data or a DatabarError with a one-line message", async () => {
  const responses = fc.tuple(status, contentType, body, fc.string(), headerValue);
  await holds(700, responses, async ([code, type, content, reason, requestId]) => {
    const hasBody = ![204, 205, 304].includes(code);
    const statusText = reason.replace(/[^\t\x20-\x7e]/g, "");
    const headers = { "content-type": type, "x-request-id": requestId, "retry-after": requestId };
    const response = (): Response =>
      new Response(hasBody ? (content as BodyInit) : null, { status: code, statusText, headers });
    const fetch: Fetch = async () => response();
    const [result] = await Promise.allSettled([
      listFixtures(client("https://api.databar.ai", { fetch, maxRetries: 0 })),
    ]);
    if (result.status === "rejected") {
      expect(result.reason).toBeInstanceOf(DatabarError);
      expect(result.reason.message).toMatch(/^GET \/v1\/fixtures\/ -> \d{3}: [^\p{Cc}\u2028\u2029]+$/u);
      expect(result.reason.message.length).toBeLessThan(1_000);
      expect(result.reason).toMatchObject({ mayHaveBeenProcessed: false, operation: FIXTURE.operation });
    } else {
      expect(result.value).toEqual(await response().json());
    }
  });
});

test("any value that fetch throws becomes a DatabarError with a one-line message", async () => {
  const parts = fc.record({
    message: fc.anything(),
    code: fc.anything(),
    cause: fc.anything(),
    syscall: fc.anything(),
  });
  const thrown = fc.oneof(
    fc.anything(),
    anyText.map((text) => new TypeError(text)),
    parts,
    parts.map((each) => Object.assign(new Error("x"), each)),
  );
  await holds(1_000, thrown, async (reason) => {
    const fetch: Fetch = () => Promise.reject(reason);
    const [result] = await Promise.allSettled([
      client("https://api.databar.ai", { fetch }).enrichments.run(7, { params: {} }),
    ]);
    const error = result.status === "rejected" ? result.reason : undefined;
    expect(error).toBeInstanceOf(DatabarError);
    expect(error.message).toMatch(/^POST [^\p{Cc}\u2028\u2029]+$/u);
  });
});

const secret = fc
  .string({ unit: "grapheme-ascii", minLength: 8, maxLength: 60 })
  .filter((text) => (text.match(/[a-z\d]/gi) ?? []).length >= 6 && text.trim() === text);

/** Ways in which servers and proxies quote a received value. */
const quote = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => JSON.stringify(text),
  (text) => JSON.stringify(JSON.stringify(text)),
  (text) => JSON.stringify({ headers: [{ name: "a", value: text }] }),
  encodeURIComponent,
  encodeURI,
  (text) => encodeURIComponent(text).replaceAll("%20", "+").toLowerCase(),
  (text) => text.replace(/[^a-z\d]/gi, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
  (text) => text.replace(/[^a-z\d]/gi, (char) => `&#${char.charCodeAt(0)};`),
  (text) => [...text].join("\0"),
);

test("printable removes a known secret from any text, however it is quoted", async () => {
  const quoted = fc.tuple(secret, quote, anyText, anyText, fc.integer({ min: 0, max: 400 }));
  await holds(1_500, quoted, ([value, write, before, after, padding]) => {
    const printed = printable(`${before}${"x".repeat(padding)} ${write(value)} ${after}`, [value, "another-secret"]);
    const letters = (text: string): string => text.toLowerCase().replace(/[^a-z\d]/g, "");
    expect(printed).not.toContain(value);
    expect(printed.toLowerCase()).not.toContain(encodeURIComponent(value).toLowerCase());
    // The longest run of letters and digits of the secret is removed too, unless the surrounding text contains it.
    const longest = (value.match(/[a-z\d]+/gi) ?? []).reduce((a, b) => (b.length > a.length ? b : a), "");
    expect(
      longest.length < 6 ||
        !letters(printed).includes(letters(longest)) ||
        letters(before + after).includes(letters(longest)),
    ).toBe(true);
    expect(printed).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  });
});
