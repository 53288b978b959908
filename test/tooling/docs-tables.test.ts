/** The tables of options, hooks and errors in the guides list what the code has, and nothing else. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { beforeAll, describe, expect, test } from "vitest";
import { STATUSES } from "../../src/errors/status.js";
import * as root from "../../src/index.js";
import { resolveClientOptions } from "../../src/options.js";
import { Resource } from "../../src/resources/resource.js";
import { namesIn, tableAfter } from "../support/documents.js";
import { readSignatures } from "../support/signatures.js";

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

/** A table has the options of its type, without those that another table has. */
const optionTables: { type: string; without?: string; heading: string }[] = [
  { type: "ClientOptions", heading: "### Options of the client" },
  { type: "RequestOptions", heading: "### Options of a call" },
  { type: "WaitOptions", heading: "### Options of waiting" },
  { type: "RunAndWaitOptions", without: "WaitOptions", heading: "### Options of a run with its wait" },
  { type: "WaitEachOptions", heading: "### Options of waiting for many tasks" },
  { type: "ManyOptions", without: "RequestOptions", heading: "### Options of writing many rows" },
];

describe.each(optionTables)("docs/api.md: the table of $type", ({ type, without, heading }) => {
  const rows = tableAfter("docs/api.md", heading);
  const properties = (): Property[] => {
    const others = without ? propertiesOf(without).map(({ name }) => name) : [];
    return propertiesOf(type).filter(({ name }) => !others.includes(name));
  };

  test("has every option of the type, and no other", () => {
    const names = properties().map(({ name }) => name);
    expect(names.length).toBeGreaterThan(1);
    expect(rows.flatMap(([name]) => namesIn(name)).sort()).toEqual(names.sort());
  });

  test("states the defaults that the docstrings state", () => {
    const stated = properties().flatMap((each) => (each.default ? [[each.name, normal(each.default)]] : []));
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

/** How many requests the client sends before the first is answered, if it has ten batches of rows to write. */
async function batchesInFlight(method: "insertMany" | "updateMany" | "upsertMany"): Promise<number> {
  let inFlight = 0;
  let peak = 0;
  const answer = async (_: string, { body }: root.FetchInit): Promise<Response> => {
    peak = Math.max(peak, ++inFlight);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inFlight--;
    const { rows } = JSON.parse(String(body)) as { rows: unknown[] };
    return Response.json({ results: rows.map(() => ({ ok: true })) });
  };
  const rows = new root.Databar({ apiKey: "any", fetch: answer }).tables.rows;
  const row = { id: "row-1", key: { email: "ada@example.com" }, fields: { plan: "Pro" } };
  await rows[method]("3fa85f64-5717-4562-b3fc-2c963f66afa6", Array(500).fill(row));
  return peak;
}

test("docs/tables.md: the table of batches states how many each method sends at a time", async () => {
  const rows = tableAfter("docs/tables.md", "## Several batches at a time");
  const shown = rows.map(([method, concurrency]) => [namesIn(method)[0], Number(concurrency)]);
  const methods = ["insertMany", "updateMany", "upsertMany"] as const;
  expect(shown).toEqual(await Promise.all(methods.map(async (name) => [name, await batchesInFlight(name)])));
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

test("README.md: names the statuses that are retried", () => {
  const [, list = ""] = /the statuses ([\d, and]+)\./.exec(readFileSync("README.md", "utf8")) ?? [];
  const retried = Object.keys(STATUSES).filter((status) => STATUSES[Number(status)]?.retry !== "none");
  expect(list.match(/\d+/g)).toEqual(retried);
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

test("AGENTS.md: the table of methods has every method with its arguments and its result (vitest -u writes it)", async () => {
  const [before = "", rest = ""] = readFileSync("AGENTS.md", "utf8").split("<!-- methods -->");
  const [, after = ""] = rest.split("<!-- methods: end -->");
  const rows = readSignatures().map(({ name, parameters, result, spendsCredits }) => {
    return `| \`${name}${parameters}\` | \`${result.replaceAll("|", "\\|")}\` |${spendsCredits ? " yes " : " "}|`;
  });
  expect(rows.length).toBeGreaterThan(75);
  const table = ["| Method | Result | Spends credits |", "|---|---|---|", ...rows].join("\n");
  const text = `${before}<!-- methods -->\n\n${table}\n\n<!-- methods: end -->${after}`;
  await expect(text).toMatchFileSnapshot("../../AGENTS.md");
}, 30_000);

test.each(["README.md", "docs/speed.md"])(
  "%s: the size that it states is at least the budget that is enforced",
  (file) => {
    const budget = JSON.parse(readFileSync("package.json", "utf8"))["size-limit"][0].limit as string;
    const [, stated] = /under (\d+) kB/i.exec(readFileSync(file, "utf8")) ?? [];
    expect(budget).toMatch(/^[\d.]+ kB$/);
    expect(Number(stated)).toBeGreaterThanOrEqual(Number.parseFloat(budget));
  },
);
