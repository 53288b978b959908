/** Makes the client of a command: its key, its proxy, its log. */
import { type ClientOptions, Databar, type Hooks } from "../index.js";
import { isLogLevel, LOG_LEVELS, type LogLevel, logTo } from "../logging/index.js";
import { type Values, wholeNumber } from "./args.js";
import { readKey } from "./body.js";
import type { Console } from "./console.js";
import { CommandLineError, type FailureContext } from "./failure.js";
import type { Io } from "./io.js";
import { findProxy, useProxy } from "./proxy.js";

/** What the client is made from. */
export interface Connection {
  io: Io;
  console: Console;
  values: Pick<Values, "api-key-stdin" | "base-url" | "proxy" | "timeout-ms" | "max-retries">;
  context: FailureContext;
}

/**
 * Makes a client that uses the proxy of `--proxy` or of the environment, and writes the log of `DATABAR_LOG`.
 *
 * @param observers - More hooks.
 * @throws CommandLineError without a key, or for a wrong option or variable.
 */
export async function connect({ io, console, values, context }: Connection, observers?: Hooks): Promise<Databar> {
  context.baseUrl = values["base-url"];
  const apiKey = await keyOf(values, io);
  console.hide(apiKey);
  const proxy = findProxy(values.proxy, values["base-url"], io.env);
  for (const secret of proxy?.secrets ?? []) {
    console.hide(secret);
  }
  context.usesProxy = proxy !== undefined;
  const options: ClientOptions = {
    apiKey,
    baseUrl: values["base-url"],
    timeoutMs: wholeNumber(values, "timeout-ms"),
    maxRetries: wholeNumber(values, "max-retries"),
    hooks: hooksOf(io.env, console, observers),
    fetch: proxy && (await useProxy(proxy, io.env, (text) => console.note(text))),
  };
  return io.createClient?.(options) ?? new Databar(options);
}

async function keyOf(values: Connection["values"], io: Io): Promise<string> {
  const readsKey = values["api-key-stdin"];
  const apiKey = readsKey ? await readKey(io) : io.env.DATABAR_API_KEY;
  if (!apiKey) {
    throw new CommandLineError(
      readsKey
        ? "No API key: standard input was empty"
        : "No API key: set DATABAR_API_KEY, or pipe the key in with --api-key-stdin. The key is in your Databar workspace under Integrations",
    );
  }
  return apiKey;
}

/** Shows retries as progress, and writes the log of `DATABAR_LOG`. */
function hooksOf({ DATABAR_LOG: level }: Io["env"], console: Console, observers?: Hooks): Hooks {
  const hooks: Hooks = {
    onRetry: ({ reason, delayMs }) =>
      // The delay comes first: a narrow terminal cuts off the end.
      console.progress(`retrying in ${Math.ceil(delayMs / 1_000)} s: ${reason}`),
    ...observers,
  };
  if (!level) {
    return hooks;
  }
  if (!isLogLevel(level)) {
    throw new CommandLineError(`DATABAR_LOG must be ${LOG_LEVELS.join(", ")}, got ${JSON.stringify(level)}`);
  }
  const at = (name: LogLevel) => (text: unknown) => console.block(`${name}: ${text}`);
  const logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return logTo(logger, { level, hooks });
}
