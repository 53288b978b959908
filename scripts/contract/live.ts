/**
 * Calls the GET operations of the real API and checks the responses against the contract. Nothing is changed: no POST,
 * PUT, PATCH or DELETE is sent, and ids come from the lists.
 *
 *     DATABAR_API_KEY=... npm run contract:live [-- --format json] [--base-url URL] [--openapi FOLDER]
 *
 * Exit code 1: a response breaks the contract. 2: nothing could be checked.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Databar, isDatabarError } from "../../src/index.js";
import { compileValidators } from "../generate/validators.js";
import { exitCodeOf } from "../program.js";
import { root } from "../project.js";
import { Contract, ContractError, isObject, type Json, type JsonObject, type Operation } from "./document.js";
import { type Answer, checkAnswer, type Finding } from "./live/check.js";

/** Statuses that concern the key or the plan, not the contract. */
const REFUSALS = [401, 403, 429];

export interface LiveOptions {
  apiKey: string;
  baseUrl?: string;
  /** The folder of the contract. */
  openapi: string;
  /** Between two requests. */
  pauseMs: number;
  timeoutMs: number;
}

export interface Result {
  operation: string;
  status?: number;
  findings: Finding[];
  /** The reason why the operation was not checked. */
  skipped?: string;
}

/** Checks all GET operations, one at a time: lists first, then the operations that need ids. */
export async function checkLive(options: LiveOptions): Promise<Result[]> {
  const contract = new Contract(options.openapi);
  const validators = compileValidators(contract);
  const client = new LiveClient(options);
  const gets = contract.operations.filter(({ method }) => method === "GET");
  const ids = new Ids();
  const results: Result[] = [];
  for (const operation of gets.sort((a, b) => depth(a) - depth(b))) {
    const path = ids.fill(operation);
    if (typeof path === "string") {
      results.push({ operation: operation.key, findings: [], skipped: path });
      continue;
    }
    const answer = await client.get(operation.path, path);
    if (typeof answer === "string" || REFUSALS.includes(answer.status)) {
      const skipped = typeof answer === "string" ? answer : `the server refused with status ${answer.status}`;
      results.push({ operation: operation.key, findings: [], skipped });
      continue;
    }
    ids.learn(operation, answer.text);
    const findings = checkAnswer(validators, operation, answer);
    results.push({ operation: operation.key, status: answer.status, findings });
  }
  return results;
}

function depth({ path }: Operation): number {
  return path.split("{").length;
}

/** The client, with the responses as the server sent them. */
class LiveClient {
  readonly #options: LiveOptions;
  readonly #api: Databar["api"];
  #answer: Answer | undefined;
  #isFirst = true;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { apiKey, baseUrl } = options;
    this.#api = new Databar({
      apiKey,
      ...(baseUrl && { baseUrl }),
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        const text = await response.clone().text();
        this.#answer = { status: response.status, contentType: response.headers.get("content-type"), text };
        return response;
      },
    }).api;
  }

  /** The response, or the reason why there is none. */
  async get(path: string, ids: Record<string, string>): Promise<Answer | string> {
    if (!this.#isFirst) {
      await new Promise((resolve) => setTimeout(resolve, this.#options.pauseMs));
    }
    this.#isFirst = false;
    this.#answer = undefined;
    // The contract's paths are read at run time, which the typed client cannot know.
    const get = this.#api.GET as (path: string, init: object) => Promise<unknown>;
    try {
      await get(path, { params: { path: ids }, signal: AbortSignal.timeout(this.#options.timeoutMs) });
    } catch (error) {
      // The server answered, and the client could not read the body. The check reports the reason.
      if (!this.#answer || isRedirectStatus(this.#answer)) {
        return `the API could not be reached: ${isDatabarError(error) ? error.message : (error as Error).name}`;
      }
    }
    return this.#answer ?? "the API could not be reached";
  }
}

function isRedirectStatus({ status }: Answer): boolean {
  return status >= 300 && status < 400;
}

/** Values for path parameters, taken from the responses of lists. */
class Ids {
  /** `/v1/table/{table_uuid}` to the id found for it. */
  readonly #byPath = new Map<string, string>();
  /** First items of lists, by the list's path without its last slash. */
  readonly #items = new Map<string, JsonObject>();

  learn({ path }: Operation, text: string): void {
    const item = firstItem(text);
    if (item) {
      this.#items.set(path.replace(/\/$/, ""), item);
    }
  }

  /** The parameters of a path, or the reason why one is not known. */
  fill({ path }: Operation): Record<string, string> | string {
    const values: Record<string, string> = {};
    for (const { index, 0: text } of path.matchAll(/\{\w+\}/g)) {
      const name = text.slice(1, -1);
      const list = path.slice(0, index - 1);
      const key = `${list}/${text}`;
      const value = this.#byPath.get(key) ?? idIn(this.#items.get(list), name);
      if (value === undefined) {
        return `no list gave a ${name}`;
      }
      this.#byPath.set(key, value);
      values[name] = value;
    }
    return values;
  }
}

function firstItem(text: string): JsonObject | undefined {
  let body: Json;
  try {
    body = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  const list = isObject(body) ? Object.values(body).find(Array.isArray) : body;
  const [item] = Array.isArray(list) ? list : [];
  return isObject(item) ? item : undefined;
}

/** The first of `flow_id`, `id` and `identifier` that an item of a list has. */
function idIn(item: JsonObject | undefined, name: string): string | undefined {
  const last = name.split("_").at(-1) ?? name;
  const candidates = [name, last, ...(last === "uuid" ? ["identifier"] : []), "id", "identifier"];
  const value = candidates.map((key) => item?.[key]).find((each) => ["string", "number"].includes(typeof each));
  return value === undefined ? undefined : String(value);
}

/** 1 for a breach, 2 if no operation could be checked, otherwise 0. */
export function exitCode(results: readonly Result[]): number {
  if (results.some(({ findings }) => findings.some(({ level }) => level === "breach"))) {
    return 1;
  }
  return results.some(({ skipped }) => skipped === undefined) ? 0 : 2;
}

/** The results in lines for people. */
export function formatResults(results: readonly Result[]): string {
  const lines = results.flatMap(({ operation, status, findings, skipped }) => {
    const word = skipped ? "skipped" : findings.some(({ level }) => level === "breach") ? "BREACH" : "ok";
    const detail = skipped ?? `status ${status}`;
    return [
      `${word.padEnd(8)} ${operation} (${detail})`,
      ...findings.map(({ level, path, message }) => `           ${level}: ${path}${path ? " " : ""}${message}`),
    ];
  });
  const checked = results.filter(({ skipped }) => !skipped);
  const all = checked.flatMap(({ findings }) => findings);
  const count = (level: Finding["level"]): number => all.filter((finding) => finding.level === level).length;
  const summary = `${checked.length} of ${results.length} GET operations checked; ${count("breach")} breach(es), ${count("note")} note(s).`;
  return [...lines, summary].join("\n");
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      format: { type: "string", default: "text" },
      "base-url": { type: "string" },
      openapi: { type: "string", default: join(root, "openapi") },
    },
  });
  const apiKey = process.env.DATABAR_API_KEY;
  if (!apiKey) {
    throw new ContractError("DATABAR_API_KEY is not set: the live check calls the real API, and only with a key");
  }
  const baseUrl = values["base-url"];
  const results = await checkLive({
    apiKey,
    openapi: values.openapi,
    pauseMs: 250,
    timeoutMs: 30_000,
    ...(baseUrl && { baseUrl }),
  });
  const code = exitCode(results);
  console.log(values.format === "json" ? JSON.stringify({ exitCode: code, results }, null, 2) : formatResults(results));
  return code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await exitCodeOf(main, 2, (error) =>
    error instanceof ContractError || isDatabarError(error) ? error.message : undefined,
  );
}
