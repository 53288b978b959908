/**
 * `npm run check:site`: builds the documentation and checks it: no broken link, nothing loaded from another host, every
 * guide within two clicks of the front page. Then looks at every page in Chromium at three widths, the middle one in the dark
 * theme. Without a Chromium on PATH or in CHROME_PATH that part fails.
 *
 *     npm run check:site [-- --screenshots FOLDER]
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { root } from "../project.js";
import { BROWSERS, findBrowser, openPage } from "./runtimes/browsers.js";
import { readLinks } from "./site/links.js";
import { serveSite } from "./site/server.js";

const SITE = join(root, "docs/site");
const WIDTHS = [400, 800, 1280];
const MOST_CLICKS = 2;
const LONGEST_MS = 600_000;

/** Pages of each kind, for the screenshots. */
const SHOWN = [
  "index.html",
  "documents/Reliability.html",
  "documents/HTTP_requests.connectors.html",
  "types/databar-client.Connector.html",
  "classes/databar-client.Databar.html",
];

async function main(): Promise<string[]> {
  execFileSync("npm", ["run", "--silent", "docs"], { cwd: root, stdio: "inherit" });
  const { pages, broken, foreign, clicks } = readLinks(SITE);
  const guides = pages.filter(
    (page) =>
      page.startsWith("documents/") &&
      !/(HTTP_requests|Examples)\../.test(page.slice("documents/".length, -".html".length)),
  );
  const far = guides.filter((page) => (clicks.get(page) ?? Number.POSITIVE_INFINITY) > MOST_CLICKS);
  console.log(`${pages.length} pages, ${guides.length} guides, ${broken.length} broken links`);
  const problems = [
    ...broken.map((link) => `broken: ${link}`),
    ...foreign.map((link) => `another host: ${link}`),
    ...far.map((page) => `more than ${MOST_CLICKS} clicks away: ${page}`),
  ];
  return [...problems, ...(await lookAt(pages))];
}

async function lookAt(pages: readonly string[]): Promise<string[]> {
  const executable = findBrowser(BROWSERS.chromium);
  if (!executable) {
    return ["Chromium was not found: install it, or name it in CHROME_PATH"];
  }
  const server = await serveSite(SITE, pages, WIDTHS);
  const page = openPage(BROWSERS.chromium, executable, `${server.url}/-/examine`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Chromium has not ended after ${LONGEST_MS} ms`)), LONGEST_MS);
  });
  try {
    const { problems, views } = await Promise.race([server.report, page.ended, late]);
    console.log(`Chromium: ${views} views at ${WIDTHS.join(", ")} px, ${problems.length} problems`);
    const { values } = parseArgs({ options: { screenshots: { type: "string" } } });
    if (values.screenshots) {
      await takeScreenshots(executable, server.url, resolve(values.screenshots));
    }
    return problems;
  } finally {
    clearTimeout(timer);
    page.close();
    server.close();
  }
}

/** Pictures to look at: a page of each kind, at each width, in both themes. */
async function takeScreenshots(executable: string, url: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const profile = mkdtempSync(join(tmpdir(), "databar-screenshots-"));
  try {
    for (const page of SHOWN) {
      for (const width of WIDTHS) {
        for (const theme of ["light", "dark"]) {
          const height = Math.max(900, Math.round(480_000 / width));
          const query = new URLSearchParams({ page, theme, width: String(width), height: String(height) });
          const file = join(folder, `${page.replace(/^.*\/|\.html$/g, "")}-${width}-${theme}.png`);
          await promisify(execFile)(executable, [
            ...BROWSERS.chromium.prepare(profile),
            "--hide-scrollbars",
            `--window-size=${width},${height}`,
            "--virtual-time-budget=4000",
            `--screenshot=${file}`,
            `${url}/-/frame?${query}`,
          ]);
        }
      }
    }
    console.log(`Screenshots are in ${folder}`);
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

try {
  const problems = await main();
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    process.exitCode = 1;
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
