import { VERSION } from "../version.js";

/** The parts of `process` that tell one runtime from another. Bun and Deno have them too. */
interface ProcessVersions {
  versions?: Record<string, string | undefined>;
}

/**
 * `databar-client/0.2.0 (node/20.20)`: the client and the runtime, for the server's logs. `undefined` in a browser, which
 * sends its own and asks the server for permission to send another.
 */
export function userAgent(): string | undefined {
  const { process, navigator } = globalThis as { process?: ProcessVersions; navigator?: { userAgent?: string } };
  // Bun and Deno have a Node version too.
  for (const name of ["bun", "deno", "node"]) {
    const version = process?.versions?.[name];
    if (version) {
      return `databar-client/${VERSION} (${name}/${version.split(".").slice(0, 2).join(".")})`;
    }
  }
  return navigator?.userAgent === "Cloudflare-Workers" ? `databar-client/${VERSION} (workerd)` : undefined;
}
