/** Runs a bundle in workerd. Arguments: the bundle, the server's URL, the runtime's name, the compatibility date. */
import { readFileSync } from "node:fs";
import { Miniflare } from "miniflare";

const [file, server, runtime, compatibilityDate] = process.argv.slice(2);
const miniflare = new Miniflare({ modules: true, script: readFileSync(file, "utf8"), compatibilityDate });
const response = await miniflare.dispatchFetch(`http://worker/?${new URLSearchParams({ server, runtime })}`);
await fetch(`${server}/report/${runtime}`, { method: "POST", body: await response.text() });
await miniflare.dispose();
