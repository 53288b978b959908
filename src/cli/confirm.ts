/** Asks before a command that spends credits, deletes or overwrites. */
import { createInterface } from "node:readline/promises";
import type { MethodCommand } from "./commands.js";
import type { Console } from "./console.js";
import { CommandLineError, Declined } from "./failure.js";
import type { Io } from "./io.js";
import { isList, resolve, type Schema } from "./schema.js";

/** The irreversible effect of a command, or `undefined` if it has none. */
export function effectOf({
  operation: { method, path },
  operationName,
}: Pick<MethodCommand, "operation" | "operationName">): "spends credits" | "deletes" | "overwrites" | undefined {
  const verb = operationName.split(".").at(-1) ?? "";
  if (method === "POST" && /^(run|bulkRun)/.test(verb)) {
    return "spends credits";
  }
  if (method === "DELETE" || /^(delete|clear|purge|remove)/.test(verb) || /\/(delete|clear)$/.test(path)) {
    return "deletes";
  }
  return method === "PUT" || /^replace/.test(verb) ? "overwrites" : undefined;
}

/** One line about what a command is going to do. */
export function describeEffect(command: MethodCommand, ids: readonly string[], body: unknown): string {
  const effect = effectOf(command);
  // The number of inputs determines the price. An update keeps the fields that it does not name, so they are not listed.
  const inputs = command.body && effect === "spends credits" ? describeInputs(command.body.schema, body) : [];
  const what = [command.summary, ...inputs].join("; ");
  return `This ${effect}: ${[...command.words, ...ids].join(" ")} (${what}).`;
}

/**
 * Asks the user on a terminal.
 *
 * @param details - Gets more sentences for the question. Called only if there is a terminal.
 * @throws Declined if the user does not agree, CommandLineError if there is no terminal to ask on.
 */
export async function confirm(
  effect: string,
  isStdinFree: boolean,
  io: Io,
  console: Console,
  details: () => Promise<readonly string[]> = async () => [],
): Promise<void> {
  if (!(io.stdin.isTTY && console.isTerminal && isStdinFree)) {
    throw new CommandLineError(`${effect} Not an interactive terminal: pass --yes to confirm`);
  }
  const question = [effect, ...(await details()), "Continue? [y/N]"].join(" ");
  const answer = await console.ask(question, () => readLine(io));
  if (!/^\s*y(es)?\s*$/i.test(answer ?? "")) {
    throw new Declined("nothing was sent");
  }
}

/** The number of inputs in a body: lists are counted, and a missing list is described by its schema. */
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

/** The typed line, or `undefined` if the input ends. */
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
