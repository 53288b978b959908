/** Which commands cost credits or destroy something, and how the person is asked. */
import { createInterface } from "node:readline/promises";
import type { Command } from "./commands.js";
import type { Console } from "./console.js";
import { CommandLineError, Declined } from "./failure.js";
import type { Io } from "./io.js";
import { isList, resolve, type Schema } from "./schema.js";

/** What a command does that cannot be taken back; `undefined` where there is nothing to ask. */
export function effectOf({
  operation: { method, path },
  operationName,
}: Pick<Command, "operation" | "operationName">): "spends credits" | "deletes" | "overwrites" | undefined {
  const verb = operationName.split(".").at(-1) ?? "";
  if (method === "POST" && /^(run|bulkRun)/.test(verb)) {
    return "spends credits";
  }
  if (method === "DELETE" || /^(delete|clear|purge|remove)/.test(verb) || /\/(delete|clear)$/.test(path)) {
    return "deletes";
  }
  return method === "PUT" || /^replace/.test(verb) ? "overwrites" : undefined;
}

/** What a command is about to do, in a line. */
export function describeEffect(command: Command, ids: readonly string[], body: unknown): string {
  const effect = effectOf(command);
  // How many inputs are paid for is worth saying; what an update leaves out is kept.
  const inputs = command.body && effect === "spends credits" ? describeInputs(command.body.schema, body) : [];
  const what = [command.summary, ...inputs].join("; ");
  return `This ${effect}: ${[...command.words, ...ids].join(" ")} (${what}).`;
}

/**
 * Asks on a terminal; elsewhere `--yes` must have been given.
 *
 * @throws Declined where the person does not agree, CommandLineError where nobody can be asked.
 */
export async function confirm(effect: string, isStdinFree: boolean, io: Io, console: Console): Promise<void> {
  if (!(io.stdin.isTTY && console.isTerminal && isStdinFree)) {
    throw new CommandLineError(`${effect} Nobody can be asked here: add --yes to go on`);
  }
  const answer = await console.ask(`${effect} Go on? [y/N]`, () => readLine(io));
  if (!/^\s*y(es)?\s*$/i.test(answer ?? "")) {
    throw new Declined("nothing was sent");
  }
}

/** How many inputs a body holds, told by its schema: lists are counted, and what a missing one means is said. */
function describeInputs(schema: Schema, body: unknown): string[] {
  const { properties = {} } = resolve(schema);
  return Object.entries(properties).flatMap(([name, property]) => {
    const value: unknown = typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
    if (Array.isArray(value)) {
      return [`${name}: ${value.length}`];
    }
    if (isList(property)) {
      return [`${name} not given: ${lowerFirst(property.description ?? "the default")}`.replace(/\.$/, "")];
    }
    return property.type === "object" ? [`${name}: 1 input`] : [];
  });
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

/** What is typed, or `undefined` where the input ends instead. */
async function readLine({ stdin, signal }: Io): Promise<string | undefined> {
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    return await new Promise<string | undefined>((resolveLine, reject) => {
      lines.once("line", resolveLine);
      lines.once("close", () => resolveLine(undefined));
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  } finally {
    lines.close();
  }
}
