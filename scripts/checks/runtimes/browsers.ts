/** Finds and opens browsers: headless, with no network except this machine. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

interface Browser {
  /** Names of the executable on PATH. */
  names: readonly string[];
  /** The environment variable that names the executable. */
  variable: string;
  /** Prepares a profile, and returns the arguments. */
  prepare(profile: string): string[];
}

const FIREFOX_PREFERENCES: Record<string, unknown> = {
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "toolkit.telemetry.enabled": false,
  // Everything but this machine goes to a proxy that does not exist.
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "network.proxy.no_proxies_on": "127.0.0.1",
};

export const BROWSERS = {
  chromium: {
    names: ["google-chrome", "chromium", "chromium-browser", "chrome"],
    variable: "CHROME_PATH",
    prepare: (profile) => [
      "--headless=new",
      `--user-data-dir=${profile}`,
      "--no-first-run",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--enable-logging=stderr",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
      // Chromium's sandbox does not work for root.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ],
  },
  firefox: {
    names: ["firefox", "firefox-esr"],
    variable: "FIREFOX_PATH",
    prepare(profile) {
      const lines = Object.entries(FIREFOX_PREFERENCES).map(
        ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
      );
      writeFileSync(join(profile, "user.js"), lines.join("\n"));
      return ["--headless", "--no-remote", "--profile", profile];
    },
  },
} satisfies Record<string, Browser>;

/** The browser's executable, from its environment variable or PATH. */
export function findBrowser({ names, variable }: Browser): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env[variable] ?? "", ...candidates].find((file) => file && existsSync(file));
}

export interface OpenPage {
  /** Rejects when the browser ends by itself. */
  ended: Promise<never>;
  /** Ends the browser and removes its files. */
  close(): void;
}

/** Opens a page. */
export function openPage(browser: Browser, executable: string, url: string): OpenPage {
  const profile = mkdtempSync(join(tmpdir(), "databar-browser-"));
  const env = { ...process.env, TMPDIR: profile, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile };
  // A group of its own, so that all its processes can be ended at once.
  const child = spawn(executable, [...browser.prepare(profile), url], {
    env,
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log = `${log}${chunk}`.slice(-2_000);
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`The browser ended too early (${code}):\n${log}`)));
  });
  ended.catch(() => {});
  const close = () => {
    process.removeListener("exit", close);
    endGroup(child);
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  process.once("exit", close);
  return { ended, close };
}

function endGroup({ pid }: ChildProcess): void {
  try {
    pid && process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
