/** The root export is complete: every error class and every type of the contract can be imported from it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ApiError, DatabarError } from "../../src/errors/classes.js";
import { STATUSES, statusMeaning } from "../../src/errors/status.js";
import { jsonSchemas } from "../../src/generated/json-schemas.gen.js";
import * as root from "../../src/index.js";
import { scripted } from "../support/scripted.js";

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !/^(cli|generated|testing)\b/.test(file))
  .map((file) => readFileSync(join("src", file), "utf8"));

const errorClasses = sources.flatMap((text) =>
  [...text.matchAll(/^export class (\w+)(?:<[^>]*>)? extends (\w*Error)\b/gm)].map(([, name = "", base = ""]) => ({
    name,
    base,
  })),
);

describe("the root export", () => {
  test("includes every error class of the client", () => {
    expect(errorClasses.length).toBeGreaterThan(20);
    const known = new Set(["DatabarError", ...errorClasses.map(({ name }) => name)]);
    const own = errorClasses.filter(({ name, base }) => name === "DatabarError" || known.has(base));
    expect(own.filter(({ name }) => !(name in root)).map(({ name }) => name)).toEqual([]);
  });

  test.each(Object.entries(root).filter(([name]) => /^[A-Z].*Error$/.test(name)))(
    "includes the error class %s under its own name",
    (name, value) => {
      const { prototype } = value as typeof DatabarError;
      expect(prototype === DatabarError.prototype || prototype instanceof DatabarError).toBe(true);
      expect((value as { name: string }).name).toBe(name);
    },
  );

  test("includes every schema of the contract as a type, except the one that shares its name with an error class", () => {
    const text = readFileSync("src/generated/schemas.gen.ts", "utf8");
    const exported = [...text.matchAll(/^ {2}(\w+),$/gm)].map(([, name]) => name);
    expect(exported).toEqual(
      Object.keys(jsonSchemas)
        .filter((name) => name !== "ValidationError")
        .sort(),
    );
    expect(readFileSync("src/index.ts", "utf8")).toContain('export type * from "./generated/schemas.gen.js"');
  });

  test("has no way to replace the clock or the random numbers", () => {
    expect(Object.keys(root).filter((name) => /runtime/i.test(name))).toEqual([]);
  });
});

describe("the status table", () => {
  test("has a row for every subclass of ApiError", () => {
    const classes = new Set([...Object.values(STATUSES).map(({ error }) => error), statusMeaning(599).error]);
    const ofStatuses = errorClasses.filter(({ base }) => base === "ApiError").map(({ name }) => name);
    expect(
      [...classes]
        .map(({ name }) => name)
        .filter((name) => name !== "ApiError")
        .sort(),
    ).toEqual(ofStatuses.sort());
    expect([...classes].every((each) => each === ApiError || each.prototype instanceof ApiError)).toBe(true);
  });

  test.each([...Object.keys(STATUSES), "418", "599"])(
    "decides whether tasks.wait continues after a %s",
    async (text) => {
      const status = Number(text);
      const { passes } = statusMeaning(status);
      const { databar, requests } = scripted((_, number) =>
        number === 1 ? Response.json({}, { status }) : { task_id: "t", status: "completed" },
      );
      const [outcome] = await Promise.allSettled([databar.tasks.wait("t")]);
      expect(outcome.status).toBe(passes ? "fulfilled" : "rejected");
      expect(requests).toHaveLength(passes ? 2 : 1);
    },
  );

  test("lets tasks.wait continue after 408, 429 and server errors only", () => {
    const passing = Array.from({ length: 200 }, (_, n) => n + 400).filter((status) => statusMeaning(status).passes);
    expect(passing).toEqual([408, 429, ...Array.from({ length: 100 }, (_, n) => n + 500)]);
  });

  test.each(Object.entries(STATUSES))("allows no retry of a POST after a %s if the server may have acted", (_, row) => {
    expect(row.retry === "all" && row.mayHaveActed).toBe(false);
  });
});
