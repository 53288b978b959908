/** Runs the conformance program as a process: Node, Bun, Deno. Arguments: the server's URL, the runtime's name. */
import process from "node:process";
import { conform } from "./conformance.js";

const [server = "", runtime = ""] = process.argv.slice(2);
const outcomes = await conform(server, runtime);
await fetch(`${server}/report/${runtime}`, { method: "POST", body: JSON.stringify(outcomes) });
