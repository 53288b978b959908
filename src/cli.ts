#!/usr/bin/env node
/** The program `databar-client`: runs {@link main} with the streams and signals of the process. */
import { main } from "./cli/main.js";

const interrupt = new AbortController();
// `once`: a second Ctrl-C ends the process at once. SIGTERM is what `timeout` and container runtimes send.
// SIGHUP comes when the terminal is closed.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.once(signal, () => interrupt.abort(new Error("interrupted")));
}

const { stdin, stdout, stderr, env, argv } = process;
process.exitCode = await main(argv.slice(2), { stdin, stdout, stderr, env, signal: interrupt.signal });
// An open pipe on standard input would keep the process alive.
stdin.destroy();
