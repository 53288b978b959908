/** The runtimes, and how the conformance program runs in each. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "../../project.js";
import { BROWSERS, findBrowser, openPage } from "./browsers.js";
import type { Outcome } from "./check.js";
import type { ConformanceServer } from "./server.js";

/** What a run needs. */
export interface Setting {
  /** The project with the programs. */
  folder: string;
  server: ConformanceServer;
}

export interface Row {
  name: string;
  /** The executable, or undefined where it is not installed. */
  find(): string | undefined;
  /** Runs the program, and the testing kit where MSW supports the runtime. */
  run(executable: string, setting: Setting): Promise<Outcome[]>;
}

const MODULES = join(root, "scripts/checks/runtimes/node_modules");
const MAX_MS = 120_000;

/** The compatibility date of the current-date row: the newest one that the installed workerd supports is close to it. */
const CURRENT_DATE = "2026-07-01";
const OLD_DATE = "2024-04-01";

const exec = promisify(execFile);

/** Runs a program to its end, and returns what it printed. */
async function runProgram(
  command: string,
  args: readonly string[],
  folder: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { NODE_OPTIONS: _, DATABAR_API_KEY: __, ...inherited } = process.env;
  const { stdout, stderr } = await exec(command, args, {
    cwd: folder,
    env: { ...inherited, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_DIR: join(folder, ".deno"), ...env },
    timeout: MAX_MS,
    maxBuffer: 2 ** 24,
  });
  return stdout + stderr;
}

/** Runs a program that reports to the server. */
async function reported(name: string, { server }: Setting, program: () => Promise<string>, mayPrint: boolean) {
  const report = server.report(name);
  const printed = await program();
  const missing = new Promise<Outcome[]>((resolve) =>
    setTimeout(resolve, 1_000, [{ name: "report", error: `the program reported nothing:\n${printed}` }]),
  );
  const outcomes = await Promise.race([report, missing]);
  if (!mayPrint) {
    outcomes.push({ name: "prints nothing (process)", error: printed.slice(0, 500) || undefined });
  }
  return outcomes;
}

/** All checks of the testing kit as one. */
function asOne(outcomes: readonly Outcome[]): Outcome {
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const texts = failed.map(({ name, error }) => `${name}: ${error}`);
  const enough = outcomes.length >= 15;
  return {
    name: "testing kit",
    error: enough ? texts.join("; ") || undefined : `only ${outcomes.length} checks passed; ${texts}`,
  };
}

function processRow(
  name: string,
  executable: () => string | undefined,
  args: readonly string[],
  kit: (name: string, setting: Setting) => { args: string[]; env?: Record<string, string> },
): Row {
  return {
    name,
    find: executable,
    async run(command, setting) {
      const { folder, server } = setting;
      const program = () => runProgram(command, [...args, "process.js", server.url, name], folder);
      const outcomes = await reported(name, setting, program, false);
      const { args: kitArgs, env } = kit(name, setting);
      const runKit = () => runProgram(command, kitArgs, folder, env);
      return [...outcomes, asOne(await reported(`${name}-kit`, setting, runKit, true))];
    },
  };
}

const installed = (file: string): string | undefined =>
  existsSync(join(MODULES, file)) ? join(MODULES, file) : undefined;

/** The binary of one of the packages of a scope, of which npm installs the one that fits the machine. */
function binary(scope: string, file: string): string | undefined {
  const folders = existsSync(join(MODULES, scope)) ? readdirSync(join(MODULES, scope)) : [];
  return folders.map((folder) => installed(`${scope}/${folder}/${file}`)).find((found) => found);
}

const nodeRow = (version: number): Row =>
  processRow(
    `node-${version}`,
    () => installed(`node-${version}/bin/node`),
    [],
    (name, { server }) => ({ args: ["kit-node.js", server.url, name] }),
  );

const kitUrl = (name: string, { server }: Setting) => ({ REPORT_URL: `${server.url}/report/${name}-kit` });

const bun = processRow(
  "bun",
  () => binary("@oven", "bin/bun"),
  [],
  (name, setting) => ({ args: ["test", "./kit.bun.test.js", "./sample.bun.test.js"], env: kitUrl(name, setting) }),
);

const deno = processRow(
  "deno",
  () => binary("@deno", "deno"),
  // No --allow-env: a program that passes its key needs no more than the network.
  ["run", "--no-prompt", "--allow-net=127.0.0.1", "--node-modules-dir=manual"],
  (name, setting) => ({
    args: [
      "test",
      "--no-prompt",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--node-modules-dir=manual",
      "kit.deno.test.js",
    ],
    env: kitUrl(name, setting),
  }),
);

/** A runtime that a program in Node starts. */
function hostedRow(name: string, host: string, bundle: string, ...more: string[]): Row {
  return {
    name,
    find: () =>
      installed(host === "host-edge.mjs" ? "edge-runtime" : "miniflare") ? installed("node-24/bin/node") : undefined,
    run(command, setting) {
      const { folder, server } = setting;
      const file = fileURLToPath(new URL(host, import.meta.url));
      const program = () => runProgram(command, [file, join(folder, bundle), server.url, name, ...more], folder);
      return reported(name, setting, program, false);
    },
  };
}

function browserRow(name: keyof typeof BROWSERS): Row {
  const browser = BROWSERS[name];
  return {
    name,
    find: () => findBrowser(browser),
    async run(executable, { folder, server }) {
      const pages = await servePages(folder);
      const reports = Promise.all([server.report(name), server.report(`${name}-kit`)]);
      const page = openPage(
        browser,
        executable,
        `${pages.url}/?${new URLSearchParams({ server: server.url, runtime: name })}`,
      );
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`The page did not report within ${MAX_MS / 1_000} s.`)), MAX_MS);
      });
      try {
        const [outcomes, kit] = await Promise.race([reports, page.ended, late]);
        return [...outcomes, asOne(kit)];
      } finally {
        clearTimeout(timer);
        page.close();
        pages.close();
      }
    },
  };
}

/** Serves the bundles, from an origin that is not the API's. */
async function servePages(folder: string): Promise<{ url: string; close(): void }> {
  const html = `<!doctype html><meta charset="utf-8"><body><script type="module" src="/page.js"></script></body>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://page");
    const isWorker = pathname === "/mockServiceWorker.js";
    const file = join(folder, isWorker ? "node_modules/msw/lib" : "web", normalize(pathname));
    if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html" }).end(html);
    } else if (existsSync(file)) {
      response.writeHead(200, { "content-type": "text/javascript" }).end(readFileSync(file));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

export const rows: readonly Row[] = [
  nodeRow(20),
  nodeRow(22),
  nodeRow(24),
  nodeRow(26),
  bun,
  deno,
  hostedRow("workerd", "host-workerd.mjs", "web/worker.js", CURRENT_DATE),
  hostedRow("workerd-2024", "host-workerd.mjs", "web/worker.js", OLD_DATE),
  hostedRow("edge", "host-edge.mjs", "web/edge.js"),
  browserRow("chromium"),
  browserRow("firefox"),
];
