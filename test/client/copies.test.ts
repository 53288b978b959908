/** Two copies of the package in one program: npm installs two if their versions differ. */
import { expect, test, vi } from "vitest";
import * as one from "../../src/index.js";
import { failureOf } from "../support/calls.js";

test("isDatabarError recognises the errors of another copy of the package, unlike instanceof", async () => {
  vi.resetModules();
  const other: typeof one = await import("../../src/index.js");
  expect(other.DatabarError).not.toBe(one.DatabarError);
  const fetch = async () => Response.json({ detail: "no" }, { status: 404 });
  const errors = await Promise.all([
    failureOf(new other.Databar({ apiKey: "k", fetch, maxRetries: 0 }).request("GET", "/v1/x")),
    failureOf(new other.Databar({ apiKey: "k", fetch: () => Promise.reject(), maxRetries: 0 }).request("GET", "/v1/x")),
    failureOf(Promise.resolve().then(() => new other.Databar({ apiKey: "" }))),
    failureOf(new other.Databar({ apiKey: "k", fetch }).request("GET", "/v1/x", { signal: AbortSignal.abort() })),
  ]);
  expect(errors.map((error) => (error as Error).name)).toEqual([
    "NotFoundError",
    "ConnectionError",
    "UsageError",
    "AbortError",
  ]);
  for (const error of errors) {
    expect(error).not.toBeInstanceOf(one.DatabarError);
    expect(one.isDatabarError(error)).toBe(true);
    expect(other.isDatabarError(error)).toBe(true);
  }
});

test.each([
  [new Error("x")],
  [new TypeError("x")],
  [undefined],
  [null],
  ["DatabarError"],
  [0],
  [{}],
  [{ name: "DatabarError" }],
  [() => {}],
])("isDatabarError(%s) returns false", (value) => {
  expect(one.isDatabarError(value)).toBe(false);
});
