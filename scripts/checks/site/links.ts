/** The links of a static site: where they lead, and how many clicks away each page is. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** What was found in a site. */
export interface Links {
  pages: string[];
  /** `page -> link` of each link without a target. */
  broken: string[];
  /** `page -> address` of what a browser would load from another host. */
  foreign: string[];
  /** Clicks from the front page, by page. A page that cannot be reached is missing. */
  clicks: ReadonlyMap<string, number>;
}

/** Reads every page of a site. Links that a script adds are not seen. */
export function readLinks(site: string): Links {
  const pages = readdirSync(site, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".html"));
  const texts = new Map(pages.map((page) => [page, readFileSync(join(site, page), "utf8")]));
  const anchors = new Map([...texts].map(([page, text]) => [page, anchorsOf(text)]));
  const broken: string[] = [];
  const foreign: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [page, text] of texts) {
    const targets: string[] = [];
    for (const { tag, address } of addressesOf(text)) {
      if (/^([a-z][a-z\d+.-]*:|\/\/)/i.test(address)) {
        tag !== "a" && !address.startsWith("data:") && foreign.push(`${page} -> ${address}`);
        continue;
      }
      const [path = "", anchor] = address.split("#");
      const target = path === "" ? page : relative("/", join("/", dirname(page), decodeURI(path)));
      const hasAnchor = !anchor || anchors.get(target)?.has(decodeURIComponent(anchor)) || !anchors.has(target);
      if (!isFile(join(site, target)) || !hasAnchor) {
        broken.push(`${page} -> ${address}`);
      }
      tag === "a" && targets.push(target);
    }
    graph.set(page, targets);
  }
  for (const file of readdirSync(site, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".css"))) {
    for (const [, address = ""] of readFileSync(join(site, file), "utf8").matchAll(/url\(\s*["']?([^"')]+)/g)) {
      /^(https?:)?\/\//.test(address) && foreign.push(`${file} -> ${address}`);
    }
  }
  return { pages, broken, foreign, clicks: clicksFrom("index.html", graph) };
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function anchorsOf(html: string): Set<string> {
  return new Set([...html.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id = ""]) => unescapeHtml(id)));
}

/** What a browser follows or loads. */
function addressesOf(html: string): { tag: string; address: string }[] {
  // The text of a script may look like a tag.
  const text = html.replace(/(<script[^>]*>)[\s\S]*?<\/script>/g, "$1");
  return [...text.matchAll(/<([a-z]+)\b[^>]*?\s(?:href|src|srcset|poster|data)="([^"]*)"/g)].map(
    ([, tag = "", address = ""]) => ({ tag, address: unescapeHtml(address) }),
  );
}

function unescapeHtml(text: string): string {
  return text.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
}

function clicksFrom(start: string, graph: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const clicks = new Map([[start, 0]]);
  // A page that is added while the loop runs is visited, too.
  for (const [page, distance] of clicks) {
    for (const target of graph.get(page) ?? []) {
      clicks.has(target) || clicks.set(target, distance + 1);
    }
  }
  return clicks;
}
