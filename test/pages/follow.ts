/**
 * Follows the closing checklist of `contract:update` to the letter, in copies of the project, for five kinds of pages. It
 * ends well if each copy passes `npm test` without any further thought.
 *
 *     npm run check:pages
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import type { Step } from "../../scripts/contract/checklist.js";
import { runIn, update } from "../../scripts/contract/update.js";
import { type Doc, newOperation, newResource, pageOf } from "../support/page-kinds.js";

/** A first round may be refused for an example, a second one asks for code; the third has to be green. */
const ROUNDS = 3;

const withoutOperation = (path: string, method: string): Record<string, string> => {
  const contract = parse(readFileSync("openapi/openapi.yaml", "utf8"));
  delete contract.paths[path][method];
  return { "whole.yaml": stringify(contract) };
};
const withoutSlash = (path: string): Record<string, string> => {
  const change = (doc: Doc): void => {
    doc.paths = { [path.replace(/\/$/, "")]: doc.paths[path] };
  };
  return { "page.md": pageOf(`GET ${path}`, change, readFileSync("openapi/openapi.yaml", "utf8")) };
};
/** A page for an operation that only clients knew, whose schema has another name there. */
const withOtherSchema = (key: string, name: string): Record<string, string> => {
  const change = (doc: Doc): void => {
    const [path] = Object.values<Doc>(doc.paths);
    doc.components.schemas[`${name}Response`] = { ...doc.components.schemas[name], title: `${name}Response` };
    path.get.responses["200"].content["application/json"].schema.$ref = `#/components/schemas/${name}Response`;
  };
  return { "page.md": pageOf(key, change, readFileSync("openapi/openapi.yaml", "utf8")) };
};

/** The names are others than those in the tests of page kinds, which run in the copies, too. */
const CASES: [name: string, pages: Record<string, string>][] = [
  ["a new operation", newOperation("errors")],
  ["a new operation of a new resource", newResource("reminder")],
  ["a path without its last slash", withoutSlash("/v1/waterfalls/")],
  ["a removed operation", withoutOperation("/v1/flows/{flow_id}/versions/{number}", "get")],
  ["another schema name", withOtherSchema("GET /v1/flows/{flow_id}", "FlowDetail")],
];

/** A copy of the project in git, with the same dependencies. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), "check-pages-"));
  for (const file of execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
  })
    .trim()
    .split("\n")) {
    if (existsSync(file)) {
      cpSync(file, join(folder, file));
    }
  }
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder });
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "one");
  return folder;
}

/** Does what the steps say: lines are added, replaced and deleted from the end of each file to its start. */
async function follow(folder: string, steps: readonly Step[]): Promise<void> {
  const edits = steps.map((step, index) => ({ ...step, index })).filter(({ line }) => line !== undefined);
  for (const { file, line = 0, to, snippet = [] } of edits.sort(
    (a, b) => (b.line ?? 0) - (a.line ?? 0) || b.index - a.index,
  )) {
    const path = join(folder, file);
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [""];
    if (to !== undefined || snippet.length > 0) {
      lines.splice(line - 1, to === undefined ? 0 : to - line + 1, ...snippet);
      writeFileSync(path, lines.join("\n"));
    }
  }
  for (const { command } of steps) {
    const [program, ...args] = (command ?? "").split(" ");
    if (program) {
      await runIn(folder)(program, args);
    }
  }
}

/** Updates, follows the checklist and updates again, until nothing is left; gives the last output if that never comes. */
async function isGreen(pages: Record<string, string>): Promise<string | undefined> {
  const folder = copy();
  let output = "";
  try {
    const sources = Object.entries(pages).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    for (let round = 1; round <= ROUNDS; round++) {
      output = "";
      let steps: readonly Step[] = [];
      const project = {
        root: folder,
        run: runIn(folder),
        print: (text: string) => {
          output += `${text}\n`;
        },
        onChecklist: (all: readonly Step[]) => {
          steps = all;
        },
      };
      if (await update(sources, project)) {
        const { code, output: tests } = await runIn(folder)("npm", ["test"]);
        return code === 0 ? undefined : `${output}\n${tests}`;
      }
      await follow(folder, steps);
    }
    return output;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const only = process.argv[2];
for (const [name, pages] of CASES.filter(([each]) => !only || each === only)) {
  const output = await isGreen(pages);
  console.log(`${output === undefined ? "ok  " : "FAIL"} ${name}`);
  if (output !== undefined) {
    console.log(output);
    process.exitCode = 1;
  }
}
