/** The Markdown that TypeDoc turns into pages: the guides and the examples as they are stored, with titles and working links. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../project.js";
import { contractPages } from "./contract.js";

/** The OpenAPI document. The site has a copy. */
const DOCUMENT = "openapi/openapi.yaml";

/** A page, by its path in the project. */
export interface Page {
  path: string;
  title: string;
  text: string;
  /** Pages beneath it in the navigation, as paths in the project. */
  children?: string[];
}

/** The guides in the order of docs/README.md, and what belongs to them. */
export function pages(): Page[] {
  const index = read("docs/README.md");
  const guides = [...index.matchAll(/\]\(([\w./-]+\.md)\)/g)].map(([, link = ""]) => join("docs", link));
  const listed = [...new Set(guides)].filter((path) => path !== "README.md");
  const absent = listed.filter((path) => !existsSync(join(root, path)));
  if (absent.length > 0) {
    throw new Error(`docs/README.md names ${absent.join(", ")}, which does not exist`);
  }
  const missing = filesIn("docs", ".md").filter((path) => path !== "docs/README.md" && !listed.includes(path));
  if (missing.length > 0) {
    throw new Error(`docs/README.md does not name ${missing.join(", ")}`);
  }
  const programs = filesIn("examples", ".ts").map(examplePage);
  return [
    page("docs/README.md"),
    ...listed.map((path) =>
      path === "examples/README.md" ? { ...page(path), children: programs.map((each) => each.path) } : page(path),
    ),
    ...programs,
    page("CHANGELOG.md"),
    ...contractPages(),
  ];
}

/** Writes the pages into a folder, and returns the files of the topmost ones, in order. */
export function writePages(folder: string): string[] {
  const all = pages();
  const titles = new Map(all.map(({ path, title }) => [path, title]));
  titles.set("README.md", "databar-client");
  for (const { path, title, text, children = [] } of [...all, page("README.md")]) {
    const links = children.map((child) => relative(dirname(path), child));
    const front = [
      "---",
      `title: ${JSON.stringify(title)}`,
      ...(links.length > 0 ? [`children: ${JSON.stringify(links)}`] : []),
    ];
    const body = `${front.join("\n")}\n---\n\n${withLinks(text, path, titles)}`;
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    // TypeDoc gives the front page its title.
    writeFileSync(file, path === "README.md" ? withLinks(text.replace(/^# .*\n/, ""), path, titles) : body);
  }
  cpSync(join(root, DOCUMENT), join(folder, DOCUMENT));
  const beneath = new Set(all.flatMap(({ children = [] }) => children));
  return all.filter(({ path }) => !beneath.has(path)).map(({ path }) => join(folder, path));
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}

/** A Markdown file of the project. */
function page(path: string): Page {
  const text = read(path);
  const [, title = path] = /^# (.*)\n/.exec(text) ?? [];
  return { path, title, text };
}

/** An example: its header as text, then the whole program. */
function examplePage(path: string): Page {
  const text = read(path);
  const name = path.slice("examples/".length);
  return { path: path.replace(/\.ts$/, ".md"), title: name, text: `# ${name}\n\n\`\`\`ts\n${text}\`\`\`\n` };
}

/** Makes each relative link lead to a page: to a program's page, to the class that a source file has, or to nothing. */
function withLinks(text: string, path: string, titles: ReadonlyMap<string, string>): string {
  return text.replace(
    /(?<!!)\[([^\]]+)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)/g,
    (link, label: string, to: string, hash = "") => {
      const target = join(dirname(path), to);
      const program = target.replace(/\.ts$/, ".md");
      const title = titles.get(program);
      if (title !== undefined) {
        return `[${label === to ? title : label}](${relative(dirname(path), program)}${hash})`;
      }
      if (target === DOCUMENT) {
        return link;
      }
      const [, name] = (target.startsWith("src/") && /^export class (\w+)/m.exec(read(target))) || [];
      if (name) {
        return `{@link "databar-client".${name} | ${label}}`;
      }
      if (target.endsWith(".md")) {
        throw new Error(`${path} links to ${target}, which is no page`);
      }
      return label === to ? `\`${label}\`` : label;
    },
  );
}
