/** The steps that are left for a maintainer after a change of the contract, in order, with file and lines to write. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { methodOf, optionsRow, proposedName, tableRow } from "./checklist/snippets.js";
import { canonical } from "./compare/canonical.js";
import { plainValue } from "./compare/counterexample.js";
import { facadeMethods } from "./compare/facade.js";
import { splitNotes } from "./compare/notes.js";
import { type JsonObject, type OperationNode, operationNodes, type Path, valueAt, YamlFile } from "./document.js";
import { hasExample } from "./examples.js";

/** A step: one place and what to do there. */
export interface Step {
  file: string;
  what: string;
  /** The line that the snippet goes before, from 1; with `to`, the lines that it replaces, `to` included. */
  line?: number;
  to?: number;
  snippet?: string[];
  /** A command that does the step. */
  command?: string;
}

export interface Sides {
  /** The project's folder. */
  root: string;
  old: JsonObject;
  now: JsonObject;
  oldNames: JsonObject;
}

const EXAMPLE_CLASS = "Folders";

/** The tests with a row for each method. */
const CONTRACT_TABLE = "test/contract/table.ts";
const OPTIONS_TABLE = "test/client/call-options.test.ts";

/** The steps in the order in which they compile: name, method, export, contract test, example, docs. */
export function checklist({ root, old, now, oldNames }: Sides): Step[] {
  const project = new Project(root);
  const names = project.yaml("openapi/names.yaml");
  const [before, after] = [operationNodes(old), operationNodes(now)];
  const added = after.filter(({ key }) => !before.some((each) => each.key === key));
  const removed = before.filter(({ key }) => !after.some((each) => each.key === key));
  const moves = removed.flatMap((from) => {
    const to = added.find(({ key }) => oldNames[from.key] !== undefined && names[key] === oldNames[from.key]);
    return to ? [{ from, to }] : [];
  });
  const isMoved = ({ key }: OperationNode): boolean => moves.some(({ from, to }) => [from.key, to.key].includes(key));
  const steps = [
    ...moves.flatMap(({ from, to }) => project.move(from, to)),
    ...removed.filter((each) => !isMoved(each)).flatMap(({ key }) => project.remove(key, String(oldNames[key] ?? ""))),
    ...Object.entries(oldNames).flatMap(([key, name]) =>
      names[key] !== undefined && names[key] !== name ? project.mentions(String(name), `now ${names[key]}`) : [],
    ),
    ...added.filter((each) => !isMoved(each)).flatMap((each) => project.add(each, now, names)),
    ...newStatuses(before, after),
    ...newTags(now),
  ];
  const tidy = "npx biome check --write --unsafe src test";
  const generate = "npm run generate";
  const agents = "npx vitest run test/tooling/docs-tables.test.ts -u";
  const last: Step[] = [
    { file: "src, test", what: `format, and drop imports that nothing uses: ${tidy}`, command: tidy },
    { file: "docs/api.md", what: `write the table of methods again: ${generate}`, command: generate },
    { file: "AGENTS.md", what: `write its table of methods again: ${agents}`, command: agents },
  ];
  return added.length + removed.length > 0 ? [...steps, ...last] : steps;
}

/** The steps as text for people. */
export function formatSteps(steps: readonly Step[]): string {
  return steps
    .map(({ file, what, line, to, snippet }, index) => {
      const place = line === undefined ? file : `${file}:${line}${to && to > line ? `-${to}` : ""}`;
      return [`${index + 1}. ${place}: ${what}`, ...(snippet ?? []).map((each) => `     ${each}`)].join("\n");
    })
    .join("\n");
}

/** Examples for documented bodies that have none, made of the plainest values of each schema. */
export function missingExamples(root: string): Step[] {
  const project = new Project(root);
  const { data } = new YamlFile(join(root, "openapi/openapi.yaml"));
  const examples = project.yaml("openapi/examples.yaml");
  const document = canonical(splitNotes(data).demands);
  return operationNodes(document).flatMap(({ key, at, node }) => {
    const statuses = Object.keys(node.responses ?? {});
    const bodies: [status: string, path: Path][] = statuses.map((status) => [status, [...at, "responses", status]]);
    const missing = [["request", [...at, "requestBody"]] as const, ...bodies].flatMap(([status, path]) => {
      const content = (valueAt(document, [...path, "content"]) ?? {}) as JsonObject;
      const types = Object.entries(content).filter(
        ([type]) => !hasExample(data, examples, key, status, [...path, "content", type]),
      );
      const entries = types.map(([type, body]) => {
        const plain = {
          summary: "Made up from the schema",
          value: plainValue(document, valueAt(body, ["schema"]) ?? {}),
        };
        return [type, { plain }];
      });
      return entries.length > 0 ? [[status, Object.fromEntries(entries)]] : [];
    });
    return missing.length > 0 ? [project.example(key, Object.fromEntries(missing))] : [];
  });
}

class Project {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  lines(file: string): string[] {
    const path = join(this.#root, file);
    return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  }

  yaml(file: string): JsonObject {
    const path = join(this.#root, file);
    return existsSync(path) ? new YamlFile(path).data : {};
  }

  example(key: string, bodies: JsonObject): Step {
    const file = "openapi/examples.yaml";
    const lines = this.lines(file);
    const found = lines.findIndex((line) => line.replaceAll(/["']/g, "") === `  ${key}:`);
    const text = stringify(found < 0 ? { [key]: bodies } : bodies, { lineWidth: 0, singleQuote: true });
    const margin = " ".repeat(found < 0 ? 2 : 4);
    const snippet = text
      .trimEnd()
      .split("\n")
      .map((line) => margin + line);
    const what = `add examples for ${key}; better values are welcome`;
    return { file, what, line: found < 0 ? lines.length : found + 2, snippet };
  }

  /** All that a new operation needs. */
  add(operation: OperationNode, now: JsonObject, names: JsonObject): Step[] {
    const named = names[operation.key];
    const name = String(named ?? proposedName(operation, names));
    const quoted = operation.key.includes("{") ? `"${operation.key}"` : operation.key;
    const line = this.lines("openapi/names.yaml").length;
    const naming: Step = { file: "openapi/names.yaml", what: "name the method", line, snippet: [`${quoted}: ${name}`] };
    const rows: [file: string, end: RegExp, what: string, snippet: string[]][] = [
      [CONTRACT_TABLE, /^\} satisfies/, "add the contract test", tableRow(operation, name)],
      [OPTIONS_TABLE, /^\};$/, "add the test of the call's options", optionsRow(operation, name)],
    ];
    const missing = rows.filter(([file]) => this.lines(file).length > 0 && !this.#row(file, name));
    const isWritten = facadeMethods([operation.key], join(this.#root, "src")).length > 0;
    return [
      ...(named === undefined ? [naming] : []),
      ...(isWritten ? [] : this.#method(operation, name, now)),
      ...missing.map(([file, end, what, snippet]): Step => {
        return { file, what, line: this.lines(file).findIndex((line) => end.test(line)) + 1, snippet };
      }),
    ];
  }

  /** The lines of a method's row in a table of tests. */
  #row(file: string, name: string): { line: number; to: number } | undefined {
    const lines = this.lines(file);
    const start = lines.findIndex((line) => line.startsWith(`  "${name}": {`));
    const end = lines.findIndex((line, index) => index >= start && /^ {2}(".*)?\},$/.test(line));
    return start < 0 ? undefined : { line: start + 1, to: end + 1 };
  }

  /** The method in the file of its resource, or a new resource. */
  #method(operation: OperationNode, name: string, now: JsonObject): Step[] {
    const resource = name.split(".").slice(0, -1);
    const files = [`src/resources/${resource.join("/")}.ts`, `src/resources/${resource.join("/")}/index.ts`];
    const file = files.find((each) => this.lines(each).length > 0);
    if (!file) {
      return this.#resource(operation, name, resource.at(-1) ?? "", now);
    }
    const lines = this.lines(file);
    const start = lines.findIndex((line) => /^export class /.test(line));
    const end = lines.findIndex((line, index) => index > start && line === "}") + 1;
    const snippet = ["", ...methodOf(operation, name, now, file, lines.join("\n"))];
    return [{ file, what: `add the method ${name}`, line: end, snippet }];
  }

  /** A new resource, by the example of a plain one. */
  #resource(operation: OperationNode, name: string, resource: string, now: JsonObject): Step[] {
    const model = this.lines(`src/resources/${EXAMPLE_CLASS.toLowerCase()}.ts`);
    const file = `src/resources/${resource}.ts`;
    const className = resource.charAt(0).toUpperCase() + resource.slice(1);
    const own = (line: string): string =>
      line.replaceAll(EXAMPLE_CLASS, className).replaceAll(EXAMPLE_CLASS.toLowerCase(), resource);
    const head = model.slice(0, model.findIndex((line) => /^export class /.test(line)) + 1);
    const imports = head.filter((line) => /^import .*from/.test(line) && !/schema\.gen/.test(line));
    const method = methodOf(operation, name, now, file, model.join("\n"));
    const text = [...imports, "", `/** ${operation.node.tags ?? className} */`, own(head.at(-1) ?? ""), ...method, "}"];
    const lines = ["src/client.ts", "src/index.ts"].flatMap((each) =>
      this.lines(each).flatMap((line, index): Step[] => {
        const isModel = new RegExp(`\\b${EXAMPLE_CLASS}\\b`).test(line);
        return isModel ? [{ file: each, what: `add ${className}`, line: index + 2, snippet: [own(line)] }] : [];
      }),
    );
    return [{ file, what: `add the resource ${resource}`, line: 1, snippet: text }, ...lines];
  }

  /** The literals of a renamed operation: its route, and the path that its test expects. */
  move(from: OperationNode, to: OperationNode): Step[] {
    const [oldPath, newPath] = [from.at[1], to.at[1]];
    const route = this.#replace(this.#sources(), `"${from.key}"`, `"${to.key}"`, "the route is another");
    const code = [...this.#sources(), ...this.#files("test"), ...this.#files("scripts")];
    const verb = from.at[2].toUpperCase();
    const raw = this.#replace(code, `.${verb}("${oldPath}"`, `.${verb}("${newPath}"`, "the path is another");
    const [oldId, newId] = [String(from.node.operationId), String(to.node.operationId)];
    const ids =
      oldId === newId ? [] : this.#replace(code, `["${oldId}"]`, `["${newId}"]`, "the operationId is another");
    const table = this.#replace(
      [CONTRACT_TABLE],
      `pathname: "${oldPath}"`,
      `pathname: "${newPath}"`,
      "the path is another",
    );
    const name = `"${this.yaml("openapi/names.yaml")[to.key]}": {`;
    const row = this.lines(CONTRACT_TABLE).findIndex((line) => line.includes(name));
    return [...route, ...raw, ...ids, ...table.filter(({ line = 0 }) => line > row && line <= row + 4)];
  }

  #replace(files: readonly string[], old: string, now: string, what: string): Step[] {
    return files.flatMap((file) =>
      this.lines(file).flatMap((text, index): Step[] =>
        text.includes(old)
          ? [{ file, what, line: index + 1, to: index + 1, snippet: [text.replaceAll(old, now)] }]
          : [],
      ),
    );
  }

  /** All places that mention a removed operation. */
  remove(key: string, name: string): Step[] {
    const methods = facadeMethods([key], join(this.#root, "src")).map(({ place }): Step => {
      const [file = "", at] = place.split(":");
      const lines = this.lines(file);
      const to = lines.findIndex((line, index) => index >= Number(at) - 1 && line === "  }") + 1;
      const blank = lines.findLastIndex((line, index) => index < Number(at) && line === "");
      const start = lines.findLastIndex((line, index) => index < Number(at) && /^export class /.test(line));
      return { file, what: `delete the method of ${key}`, line: Math.max(blank + 1, start + 2), to };
    });
    const rows = [CONTRACT_TABLE, OPTIONS_TABLE].flatMap((file): (Step & { line: number; to: number })[] => {
      const row = this.#row(file, name);
      return row ? [{ file, what: "delete the method's row", ...row }] : [];
    });
    const isListed = ({ file, line = 0 }: Step): boolean =>
      rows.some((row) => file === row.file && line >= row.line && line <= row.to);
    return [...methods, ...rows, ...this.mentions(name, "is gone").filter((each) => !isListed(each))];
  }

  /** The places that call a method by its name, or have it as a text. */
  mentions(name: string, why: string): Step[] {
    const isCall = new RegExp(`(\\.${name.replaceAll(".", "\\.")}\\b(?!["\`]))|"${name.replaceAll(".", "\\.")}"`);
    return [
      ...this.#sources(),
      ...this.#files("test"),
      ...this.#files("docs"),
      ...this.#files("examples"),
      "README.md",
    ].flatMap((file) =>
      this.lines(file).flatMap((line, index): Step[] =>
        isCall.test(line) ? [{ file, what: `${name} ${why}: ${line.trim().slice(0, 80)}`, line: index + 1 }] : [],
      ),
    );
  }

  #sources(): string[] {
    return this.#files("src").filter((file) => !file.endsWith(".gen.ts"));
  }

  #files(folder: string): string[] {
    const path = join(this.#root, folder);
    const names = existsSync(path) ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [];
    return names
      .filter((name) => /\.(ts|tsx|js|mjs|md)$/.test(name) && !name.includes("node_modules"))
      .map((name) => `${folder}/${name}`)
      .sort();
  }
}

function newStatuses(before: readonly OperationNode[], after: readonly OperationNode[]): Step[] {
  const statuses = (side: readonly OperationNode[]): Set<string> =>
    new Set(side.flatMap(({ node }) => Object.keys(node.responses ?? {})).filter((status) => /^[45]/.test(status)));
  const known = statuses(before);
  return [...statuses(after)]
    .filter((status) => !known.has(status) && before.length > 0)
    .map((status) => ({
      file: "src/errors",
      what: `no operation documented status ${status} before: add it to the status table`,
    }));
}

function newTags(now: JsonObject): Step[] {
  const declared = (Array.isArray(now.tags) ? now.tags : []).map((tag) => (tag as JsonObject).name);
  const used = new Set(operationNodes(now).flatMap(({ node }) => (Array.isArray(node.tags) ? node.tags : [])));
  return [...used]
    .filter((tag) => declared.length > 0 && !declared.includes(tag))
    .map((tag) => ({ file: "openapi/openapi.yaml", what: `declare the tag ${tag} under tags, with a description` }));
}
