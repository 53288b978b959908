/** Every method of the client is a command, and every command sends the request of its method. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { bodyExample, commands, type MethodCommand, type Parameter } from "../../src/cli/commands.js";
import { effectOf } from "../../src/cli/confirm.js";
import { type FacadeMethod, noCommands } from "../../src/cli/facade.js";
import { commandHelp } from "../../src/cli/help.js";
import { styleOf } from "../../src/cli/io.js";
import { type OperationName, operations } from "../../src/generated/operations.gen.js";
import { Databar } from "../../src/index.js";
import { Collector, cli, KEY, type SentRequest } from "../support/cli.js";

/** The names of all methods of a client. */
function methodsOf(owner: object, prefix: string): string[] {
  const parts = Object.entries(owner).filter(([name]) => name !== "api");
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(owner)).filter((name) => name !== "constructor");
  return [
    ...own.map((name) => `${prefix}${name}`),
    ...parts.flatMap(([name, part]) => methodsOf(part, `${prefix}${name}.`)),
  ];
}

test("cli commands are exactly the methods of the client", () => {
  const all = methodsOf(new Databar({ apiKey: KEY }), "");
  const methods = all.filter((name) => !noCommands.some((each) => each === name) && !name.endsWith(".transport"));
  expect(commands.map(({ name }) => name).sort()).toEqual(methods.sort());
});

test("every operation of the contract is a cli command", () => {
  expectTypeOf<Exclude<OperationName, FacadeMethod>>().toEqualTypeOf<never>();
});

test("no cli command begins with the words of another, so ids are never read as words", () => {
  const paths = commands.map(({ words }) => words.join(" "));
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.filter((path) => paths.some((other) => other.startsWith(`${path} `)))).toEqual([]);
});

const idFor = ({ schema }: Parameter): string => (schema.type === "integer" ? "7" : "a b");

function valueFor(name: string, type: string | undefined, isJson: boolean): string {
  if (isJson) {
    return '{"company":{"equals":"x = y"}}';
  }
  return { integer: "3", boolean: "true" }[type ?? ""] ?? `${name} = 1`;
}

const TASK = { task_id: "t-1", status: "completed", data: [{ email: "a@b.example" }], credits_spent: 2 };
const PAGE = { items: [{ id: 1 }], data: [{ id: 1 }], page: 3, has_next_page: false };
const CONNECTOR = { id: 7, name: "old", type: "simple", method: "get", url: "https://a.example", created_at: null };
const RESULT = { id: "r-1", ok: true };

/** How many inputs or rows the example body of a command has. */
function sizeOf(command: MethodCommand): number {
  const lists = Object.values(bodyFor(command) ?? {}).filter(Array.isArray);
  return lists[0]?.length ?? 1;
}

/** The response to a command, and the output that it must print. */
function exchangeOf(command: MethodCommand): { answer: (request: SentRequest) => unknown; printed: unknown } {
  const { kind, name } = command;
  const results = Array.from({ length: sizeOf(command) }, () => RESULT);
  const task = { ...TASK, data: results };
  switch (kind) {
    case "iterate":
      return { answer: () => PAGE, printed: PAGE.items };
    case "many":
      return { answer: () => ({ results }), printed: results.map((result, index) => ({ ...result, index })) };
    case "wait":
      return { answer: () => TASK, printed: TASK };
    case "run-and-wait":
      return { answer: ({ method }) => (method === "GET" ? task : { task_id: "t-1" }), printed: task };
    default:
      return name === "connectors.delete"
        ? { answer: () => new Response(null, { status: 204 }), printed: "" }
        : { answer: ({ pathname }) => (pathname.includes("/connectors/") ? CONNECTOR : { ok: 1 }), printed: undefined };
  }
}

/** A command that waits for its own run names the task at once. */
function noteOf({ kind }: MethodCommand): string {
  return kind === "run-and-wait" ? "The run was accepted as task t-1\n" : "";
}

function bodyFor(command: MethodCommand): object | undefined {
  const example = bodyExample(command)?.value;
  return command.body && { ...(typeof example === "object" ? example : {}) };
}

describe.each(commands)("cli command $name", (command) => {
  const { operation, ids, query, kind } = command;
  const values = Object.fromEntries(
    query.map((each) => [each.name, valueFor(each.name, each.schema.type, each.isJson)]),
  );
  const body = bodyFor(command);
  const rows = kind === "many" && body && "rows" in body && Array.isArray(body.rows) ? body.rows : undefined;
  const args = [
    ...command.words,
    ...ids.map(idFor),
    ...Object.entries(values).flatMap(([name, value]) => ["--query", `${name}=${value}`]),
    ...(body ? ["--body", JSON.stringify(rows ?? body)] : []),
  ];

  test("sends ids, query and body to its operation, and prints the response exactly", async () => {
    const { answer, printed } = exchangeOf(command);
    const { code, stdout, stderr, requests } = await cli([...args, "--yes"], { answer });
    expect({ code, stderr }).toEqual({ code: 0, stderr: noteOf(command) });
    const request = requests.find(({ method }) => method === operation.method);
    const last = request ?? requests.at(-1);
    const pathname = ids.reduce((path, each) => path.replace(`{${each.name}}`, idFor(each)), operation.path);
    expect(last).toMatchObject({ method: operation.method, pathname, key: KEY });
    const sent = new URLSearchParams(last?.search.replaceAll(" = ", "%20%3D%20"));
    expect(Object.fromEntries(sent)).toMatchObject(values);
    if (command.name === "connectors.update") {
      expect(last?.body).toEqual({ name: "old", type: "simple", method: "get", url: "https://a.example", ...body });
    } else {
      expect(last?.body).toEqual(rows ? { rows } : body);
    }
    expect(stdout && JSON.parse(stdout)).toEqual(printed === undefined ? answer(last as SentRequest) : printed);
  });

  test("needs --yes without a terminal if it spends, deletes or overwrites", async () => {
    const effect = effectOf(command);
    const { answer } = exchangeOf(command);
    const { code, stderr, requests } = await cli(args, { answer });
    expect(code).toBe(effect ? 2 : 0);
    expect(requests.length > 0).toBe(effect === undefined);
    expect(stderr).toMatch(
      effect ? new RegExp(`^error: This ${effect}: ${command.words.join(" ")}.*pass --yes`) : /^$/,
    );
  });

  test("has help with method, path, source, parameters and an example that works", async () => {
    const { code, stdout } = await cli([...command.words, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`${operation.method} ${operation.path}`);
    expect(stdout).toContain(operation.docs ?? (operation.source === "documented" ? "names no page" : "undocumented"));
    for (const { name, schema } of query) {
      expect(stdout).toMatch(new RegExp(`^  ${name} .*${schema.type === "integer" ? "integer" : ""}`, "m"));
    }
    const wide = commandHelp(command, { width: 10_000, style: styleOf(new Collector(), {}) });
    const [, example = ""] = /^Example\n {2}databar-client (.*)$/m.exec(wide) ?? [];
    const typed = shellWords(example).map((word) => ids.find(({ name }) => name.toUpperCase() === word) ?? word);
    const given = typed.map((word) => (typeof word === "string" ? word : idFor(word)));
    const runnable = given.map((word) => (word === "@rows.jsonl" ? JSON.stringify(rows) : word));
    expect(await cli(runnable, { answer: exchangeOf(command).answer })).toMatchObject({
      code: 0,
      stderr: noteOf(command),
    });
  });
});

/** Splits a line as a shell does, as far as single quotes go. */
function shellWords(line: string): string[] {
  return (line.match(/(?:'[^']*'|\\'|[^\s'])+/g) ?? []).map((word) => word.replace(/'([^']*)'|\\(')/g, "$1$2"));
}

test("cli commands ask before spending credits exactly where the contract says `Spends credits`", () => {
  const spending = Object.entries(operations).filter(([, { description }]) => /Spends credits/.test(description));
  const asked = commands.filter((each) => effectOf(each) === "spends credits");
  expect(new Set(asked.map(({ operationName }) => operationName))).toEqual(new Set(spending.map(([name]) => name)));
});

test("cli commands ask before they delete or overwrite", () => {
  const asked = commands.filter((each) => ["deletes", "overwrites"].includes(effectOf(each) ?? ""));
  expect(asked.map(({ name }) => name).sort()).toEqual([
    "connectors.delete",
    "connectors.replace",
    "connectors.update",
    "flows.delete",
    "flows.replace",
    "folders.delete",
    "tables.columns.delete",
    "tables.delete",
    "tables.rows.delete",
  ]);
});

test("cli option --wait turns a run into its ...-and-wait method", async () => {
  const answer = ({ method }: SentRequest): unknown => (method === "GET" ? TASK : { task_id: "t-1" });
  const args = ["bulk-run", "--body", '{"params":[{}]}', "--yes", "--json"];
  const waited = await cli(["enrichments", ...args.toSpliced(1, 0, "7", "--wait")], { answer });
  expect(JSON.parse(waited.stdout)).toEqual(TASK);
  expect(waited.requests.map(({ method, pathname }) => `${method} ${pathname}`)).toEqual([
    "POST /v1/enrichments/7/bulk-run",
    "GET /v1/tasks/t-1",
  ]);
  const notWaited = await cli(["enrichments", ...args.toSpliced(1, 0, "7")], { answer });
  expect(JSON.parse(notWaited.stdout)).toEqual({ task_id: "t-1" });
});
