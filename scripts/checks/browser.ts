/**
 * `npm run check:browser`: do the client and the testing kit work in a real browser?
 *
 * Bundles the built package with the checks in `browser/`, opens the page in a headless Chrome or Chromium that can
 * reach nothing but this machine, and prints how each check went.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { startReplayServer } from "../../src/testing/server.js";
import { root } from "../project.js";
import type { Outcome } from "./browser/check.js";

const NAMES = ["google-chrome", "chromium", "chromium-browser", "chrome"];
const MAX_MS = 30_000;

function findBrowser(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = process.env.CHROME_PATH || candidates.find((file) => existsSync(file));
  if (!found || !existsSync(found)) {
    const why = found ? `CHROME_PATH is ${found}, which does not exist` : `none of ${NAMES.join(", ")} is on PATH`;
    throw new Error(`No browser: ${why}. Set CHROME_PATH to the executable of a Chrome or Chromium.`);
  }
  return found;
}

/** The page's scripts by path, with the package as its users get it: the build, by its exports. */
async function bundle(): Promise<Map<string, string>> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["scripts/checks/browser/page.ts"],
    outdir: "/",
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    write: false,
    metafile: true,
    // Its paths would lead to the source.
    tsconfigRaw: {},
  });
  const inputs = Object.keys(metafile.inputs);
  if (!inputs.includes("dist/testing/index.js") || inputs.some((file) => file.startsWith("src/"))) {
    throw new Error("The page is not made of the built package.");
  }
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An API of another origin; the id of a connector says what happens. */
const api: RequestListener = ({ method, url }, response) => {
  const allow = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
  const json = (status: number, body: unknown) => response.writeHead(status, allow).end(JSON.stringify(body));
  if (method === "OPTIONS") {
    response.writeHead(204, allow).end();
  } else if (url === "/v1/connectors/") {
    json(200, []);
  } else if (url === "/v1/connectors/404") {
    json(404, { detail: "Connector not found" });
  } else if (url === "/v1/connectors/307") {
    response.writeHead(307, { ...allow, location: "/v1/connectors/" }).end();
  } else if (url === "/v1/connectors/1") {
    response.destroy();
  }
  // Any other request is never answered.
};

function page(scripts: Map<string, string>, report: (outcomes: Outcome[]) => void): RequestListener {
  const worker = readFileSync(fileURLToPath(import.meta.resolve("msw/mockServiceWorker.js")), "utf8");
  const files = new Map([...scripts, ["/mockServiceWorker.js", worker]]);
  return async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const script = files.get(pathname);
    if (script !== undefined) {
      response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    } else if (pathname === "/") {
      const html = `<!doctype html><meta charset="utf-8"><body><script type="module" src="/page.js"></script></body>`;
      response.writeHead(200, { "content-type": "text/html" }).end(html);
    } else if (pathname === "/outcomes") {
      report(JSON.parse(await text(request)));
      response.end();
    } else {
      response.writeHead(404).end();
    }
  };
}

/** Opens a page; the browser and all its files are gone when this process is, however it ends. */
function open(browser: string, url: string, fail: (error: Error) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "web-"));
  const flags = [
    "--headless=new",
    `--user-data-dir=${folder}`,
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--enable-logging=stderr",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // Its sandbox does not work for root.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
  const env = { ...process.env, TMPDIR: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder };
  // A group of its own, so that all its processes can be ended at once.
  const child = spawn(browser, [...flags, url], { env, detached: true, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log = `${log}${chunk}`.slice(-2_000);
  });
  child.once("error", fail);
  child.once("exit", (code) => fail(new Error(`The browser ended too early (${code}):\n${log}`)));
  setTimeout(() => fail(new Error(`The page did not report within ${MAX_MS / 1000} s:\n${log}`)), MAX_MS);
  process.once("exit", () => {
    try {
      child.pid && process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  });
}

async function main(): Promise<void> {
  const browser = findBrowser();
  const scripts = await bundle();
  const { url: replay } = await startReplayServer();
  const servers = new URLSearchParams({ api: await listen(api), replay });
  const outcomes = await new Promise<Outcome[]>((resolve, reject) => {
    listen(page(scripts, resolve)).then((url) => open(browser, `${url}/?${servers}`, reject), reject);
  });
  for (const { name, error } of outcomes) {
    console.log(error === undefined ? `ok      ${name}` : `FAILED  ${name}: ${error}`);
  }
  const failed = outcomes.filter(({ error }) => error !== undefined).length;
  console.log(`${outcomes.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 || outcomes.length === 0 ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}
try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
// The browser, the servers and a timer are still there.
process.exit();
