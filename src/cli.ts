#!/usr/bin/env node
/** The program `databar-client`: the process around {@link main}. */
import { main } from "./cli/main.js";

const interrupt = new AbortController();
// Once each: a second Ctrl-C ends the process at once. Who else ends it, as `timeout` does, must be told the same.
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => interrupt.abort(new Error("interrupted")));
}

const { stdin, stdout, stderr, env, argv } = process;
process.exitCode = await main(argv.slice(2), { stdin, stdout, stderr, env, signal: interrupt.signal });
// A pipe that nobody closes must not keep the program alive.
stdin.destroy();
