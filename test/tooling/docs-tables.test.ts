/** The tables of options, hooks and errors in the guides list what the code has, and nothing else. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { STATUSES } from "../../src/errors/status.js";
import * as root from "../../src/index.js";
import { resolveClientOptions } from "../../src/options.js";
import { Resource } from "../../src/resources/resource.js";
import { namesIn, tableAfter } from "../support/documents.js";

/** A property of an exported interface, with the default that its docstring states. */
interface Property {
  name: string;
  default: string | undefined;
}

let propertiesOf: (name: string) => Property[];

beforeAll(() => {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  const program = ts.createProgram(["src/index.ts"], options);
  const checker = program.getTypeChecker();
  const index = program.getSourceFile("src/index.ts");
  const module = index && checker.getSymbolAtLocation(index);
  const exported = module ? checker.getExportsOfModule(module) : [];
  propertiesOf = (name) => {
    const alias = exported.find((symbol) => symbol.name === name);
    if (!alias) {
      throw new Error(`src/index.ts does not export ${name}`);
    }
    const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(alias));
    return checker.getPropertiesOfType(type).map((property) => {
      const docs = ts.displayPartsToString(property.getDocumentationComment(checker));
      return { name: property.name, default: /\bDefault: (.*?)\.?(?:\s*$|\.\s)/s.exec(docs)?.[1] };
    });
  };
}, 60_000);

/** A default in one form: a number without separators, otherwise the name in backticks. */
function normal(text: string): string {
  const [number] = /^\d[\d ,_]*/.exec(text) ?? [];
  return number?.replace(/\D/g, "") ?? namesIn(text)[0] ?? text;
}

const optionTables = [
  { type: "ClientOptions", heading: "### Options of the client" },
  { type: "RequestOptions", heading: "### Options of a call" },
  { type: "WaitOptions", heading: "### Options of waiting" },
];

describe.each(optionTables)("docs/api.md: the table of $type", ({ type, heading }) => {
  const rows = tableAfter("docs/api.md", heading);

  test("has every option of the type, and no other", () => {
    const names = propertiesOf(type).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(3);
    expect(rows.flatMap(([name]) => namesIn(name)).sort()).toEqual(names.sort());
  });

  test("states the defaults that the docstrings state", () => {
    const stated = propertiesOf(type).flatMap((each) => (each.default ? [[each.name, normal(each.default)]] : []));
    const shown = new Map(rows.map(([name = "", text = ""]) => [namesIn(name)[0], normal(text)]));
    expect(stated).toEqual(stated.map(([name]) => [name, shown.get(name)]));
  });

  test("says what each option does", () => {
    expect(rows.filter(([, , meaning = ""]) => meaning.length < 10)).toEqual([]);
  });
});

test("docs/api.md: the table of ClientOptions states the defaults that a client uses", () => {
  const { timeoutMs, maxRetries, maxResponseBytes, baseUrl } = resolveClientOptions({ apiKey: "any" });
  const rows = tableAfter("docs/api.md", "### Options of the client");
  const shown = Object.fromEntries(rows.map(([name = "", text = ""]) => [namesIn(name)[0], normal(text)]));
  expect(shown).toMatchObject({
    timeoutMs: String(timeoutMs),
    maxRetries: String(maxRetries),
    maxResponseBytes: String(maxResponseBytes),
    baseUrl,
  });
});

test("README: the table of options agrees with the one in docs/api.md", () => {
  const all = tableAfter("docs/api.md", "### Options of the client").map(([name, text]) => `${name} ${text}`);
  const short = tableAfter("README.md", "## Options").map(([name, text]) => `${name} ${text}`);
  expect(short.length).toBeGreaterThan(2);
  expect(short.filter((row) => !all.includes(row))).toEqual([]);
});

test("docs/reliability.md: the table of hooks has every hook, and no other", () => {
  const rows = tableAfter("docs/reliability.md", "## Hooks");
  expect(rows.flatMap(([name]) => namesIn(name)).sort()).toEqual(
    propertiesOf("Hooks")
      .map(({ name }) => name)
      .sort(),
  );
});

type ErrorClass = typeof root.DatabarError;

function isErrorClass(value: unknown): value is ErrorClass {
  return value === root.DatabarError || (typeof value === "function" && value.prototype instanceof root.DatabarError);
}

const exportedErrors = Object.values(root).filter(isErrorClass);
const errorRows = tableAfter("docs/reliability.md", "## Errors");

describe("docs/reliability.md: the table of errors", () => {
  test("has every error class that the package exports, once, and no other", () => {
    expect(exportedErrors.length).toBeGreaterThan(15);
    expect(errorRows.flatMap(([name]) => namesIn(name)).sort()).toEqual(exportedErrors.map(({ name }) => name).sort());
  });

  test("names the class that each one extends", () => {
    const bases = exportedErrors.map(({ name, prototype }) => {
      return `${name} extends ${Object.getPrototypeOf(prototype).constructor.name}`;
    });
    expect(errorRows.map(([name, base]) => `${namesIn(name)[0]} extends ${namesIn(base)[0]}`).sort()).toEqual(
      bases.sort(),
    );
  });
});

test("README: the table of errors names only error classes that the package exports", () => {
  const names = tableAfter("README.md", "## Errors").flatMap(([name]) => namesIn(name));
  const known = exportedErrors.map(({ name }) => name);
  expect(names.length).toBeGreaterThan(4);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

describe.each(Object.entries(STATUSES))("docs/reliability.md: status %s", (status, meaning) => {
  test("is in the table of retries with what the client does", () => {
    const rows = tableAfter("docs/reliability.md", "## Retries");
    const own = rows.filter(([what = ""]) => what.split(/\D+/).includes(status));
    const [row = []] = own.length > 0 ? own : rows.filter(([what]) => what === "any other 4xx");
    const [, idempotent, others, error = "", mayHaveActed] = row;
    expect({ idempotent, others, mayHaveActed }).toEqual({
      idempotent: meaning.retry === "none" ? "not retried" : "retried",
      others: meaning.retry === "all" ? "retried" : "not retried",
      mayHaveActed: meaning.mayHaveActed ? "yes" : "no",
    });
    expect([meaning.error.name, undefined]).toContain(namesIn(error)[0]);
  });

  test("is in the table of errors with its class", () => {
    const [row = []] = errorRows.filter(
      ([, , when = ""]) => when.includes(status) || when.startsWith(`${status[0]}xx`),
    );
    expect(namesIn(row[0])).toEqual([meaning.error.name]);
  });
});

/** Names such as `tables.rows.list`, of all methods that a user can call. */
function methodNames(resource: object, prefix = ""): string[] {
  const inherited = ["constructor", ...Object.getOwnPropertyNames(Resource.prototype)];
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter(
    (name) => !inherited.includes(name),
  );
  const parts = Object.entries(resource).filter(([, part]) => part instanceof Resource);
  return [
    ...methods.map((name) => `${prefix}${name}`),
    ...parts.flatMap(([name, part]) => methodNames(part, `${prefix}${name}.`)),
  ];
}

test("docs/api.md: the tables of methods and helpers have every method of the client, and no other", () => {
  const [, methods = ""] = readFileSync("docs/api.md", "utf8").split("\n## Methods\n");
  const [listed = ""] = methods.split("\n## Endpoints without a method\n");
  const rows = [...listed.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) => namesIn(cell));
  const names = methodNames(new root.Databar({ apiKey: "any" }));
  expect(names.length).toBeGreaterThan(58);
  expect(rows.sort()).toEqual(names.sort());
});
