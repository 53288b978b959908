/** Sends requests through a proxy: that of `--proxy`, or of the environment. */
import type { Fetch } from "../index.js";
import { CommandLineError } from "./failure.js";
import type { Io } from "./io.js";

/** What Node and undici offer. Tests replace it. */
export interface ProxyTools {
  /** Node's own: from Node 24.14 and 25.4 on. */
  setGlobalProxy: () => Promise<((env: Record<string, string>) => unknown) | undefined>;
  /** undici, if the user has installed it. */
  undici: () => Promise<Pick<typeof import("undici"), "EnvHttpProxyAgent" | "fetch">>;
}

const systemTools: ProxyTools = {
  setGlobalProxy: async () => Reflect.get(await import("node:http"), "setGlobalProxyFromEnv"),
  undici: () => import("undici"),
};

/** A proxy. */
export interface Proxy {
  url: string;
  /** Given as `--proxy`, and not in the environment. */
  isOption: boolean;
  /** The hosts that are reached without it, as in `NO_PROXY`. */
  except: string;
  /** What must not be printed. */
  secrets: string[];
}

/**
 * The proxy for the API, or `undefined` for a direct connection. The API's address may use http on a loopback address
 * only, where a proxy has no use.
 *
 * @throws CommandLineError for a proxy that is no http or https URL. The message does not quote it, for it may have a password.
 */
export function findProxy(option: string | undefined, baseUrl: string | undefined, env: Io["env"]): Proxy | undefined {
  const either = (name: string): string => env[name.toLowerCase()] || env[name] || "";
  const isOption = option !== undefined;
  const given = option ?? (either("HTTPS_PROXY") || either("HTTP_PROXY"));
  if (/^http:/i.test(baseUrl ?? "") || (given === "" && !isOption)) {
    return undefined;
  }
  const text = given.includes("://") ? given : `http://${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") {
    const name = isOption ? "--proxy" : "HTTPS_PROXY";
    throw new CommandLineError(`${name} must be an http or https URL, such as http://proxy.example:8080`);
  }
  const credentials = [url.password, decode(url.password)];
  const secrets = url.password === "" ? [] : [...credentials, `${url.username}:${url.password}`];
  return { url: url.href, isOption, except: either("NO_PROXY"), secrets };
}

/**
 * Makes the client use a proxy.
 *
 * @param warn - Called if the proxy of the environment cannot be used. The connection is direct then, as that of Node's `fetch`.
 * @returns The client's `fetch`, or `undefined` for the global one.
 * @throws CommandLineError if the proxy of `--proxy` cannot be used.
 */
export async function useProxy(
  proxy: Proxy,
  env: Io["env"],
  warn: (text: string) => void,
  tools: ProxyTools = systemTools,
): Promise<Fetch | undefined> {
  const { url, isOption, except } = proxy;
  if (!isOption && env.NODE_USE_ENV_PROXY === "1" && readsEnvironment()) {
    return undefined;
  }
  const setGlobalProxy = await tools.setGlobalProxy();
  if (setGlobalProxy) {
    setGlobalProxy({ HTTPS_PROXY: url, HTTP_PROXY: url, NO_PROXY: except });
    return undefined;
  }
  const undici = await tools.undici().catch(() => undefined);
  if (!undici) {
    const how = `on Node ${process.versions.node}, install undici beside databar-client (npm install undici@7)${
      readsEnvironment() ? ", or set HTTPS_PROXY and NODE_USE_ENV_PROXY=1" : ", or use Node 24.14 or newer"
    }`;
    if (isOption) {
      throw new CommandLineError(`--proxy cannot be used: ${how}`);
    }
    warn(`The proxy of the environment is not used: ${how}`);
    return undefined;
  }
  const dispatcher = new undici.EnvHttpProxyAgent({ httpProxy: url, httpsProxy: url, noProxy: except });
  const send: Fetch = undici.fetch;
  return (target, init) => {
    const options = { ...init, dispatcher };
    return send(target, options);
  };
}

/** Whether Node's `fetch` can read the environment: from Node 22.21 and 24 on. */
function readsEnvironment(): boolean {
  return process.allowedNodeEnvironmentFlags.has("--use-env-proxy");
}

/** A text with a lone percent sign stays as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
