/** Runs a bundle in the edge runtime. Arguments: the bundle, the server's URL, the runtime's name. */
import { readFileSync } from "node:fs";
import { EdgeRuntime } from "edge-runtime";

const [file, server, runtime] = process.argv.slice(2);
const edge = new EdgeRuntime();
edge.evaluate(readFileSync(file, "utf8"));
const outcomes = await edge.evaluate(`program.conform(${JSON.stringify(server)}, ${JSON.stringify(runtime)})`);
await fetch(`${server}/report/${runtime}`, { method: "POST", body: JSON.stringify(outcomes) });
