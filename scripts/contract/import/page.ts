/** Finds and checks the OpenAPI block of a documentation page. */
import { isMap, LineCounter, type Node, parseDocument } from "yaml";
import {
  ContractError,
  isObject,
  type Json,
  type JsonObject,
  METHODS,
  type OperationNode,
  operationNodes,
  type Path,
  valueAt,
} from "../document.js";
import { upgraded } from "../upgrade.js";

/** The operation of one page, with the document that it came in. */
export interface Fragment {
  /** The page's file or address. */
  page: string;
  /** The line of the page on which the block starts. */
  line: number;
  /** The page's address for readers. */
  docs: string;
  /** `GET /v1/connectors/`. */
  key: string;
  at: OperationNode["at"];
  /** The block, as OpenAPI 3.1. */
  data: JsonObject;
  /** The line of the page on which a part of the block starts. */
  lineOf: (path: Path) => number;
}

interface Block {
  /** Line of the opening fence, counted from 1. */
  line: number;
  info: string;
  lines: string[];
}

const INFO = /^ya?ml(?:\s+\S+)?\s+(?<method>[a-z]+)\s+(?<path>\/\S*)\s*$/i;

/** The fragment of a page. Throws a {@link ContractError} that names page and line. */
export function readPage(page: string, source: string, docs: string): Fragment {
  const text = source.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  if (/^\s*(<!doctype|<html|<head|<\?xml)/i.test(text)) {
    throw new ContractError(
      `${page}:1: this is an HTML page; the OpenAPI block is in its Markdown form: the same address with .md at its end`,
    );
  }
  const found = blocks(page, text).filter((block) => INFO.test(block.info));
  const [block] = found;
  if (!block) {
    throw new ContractError(
      `${page}:1: no OpenAPI block; an endpoint's page has one that starts with \`\`\`\`yaml METHOD /path`,
    );
  }
  if (found[1]) {
    throw new ContractError(`${page}:${found[1].line}: a second OpenAPI block; the first is on line ${block.line}`);
  }
  const { method = "", path = "" } = INFO.exec(block.info)?.groups ?? {};
  const at: OperationNode["at"] = ["paths", path, method.toLowerCase()];
  const fragment = {
    page,
    line: block.line,
    docs,
    key: `${method.toUpperCase()} ${path}`,
    at,
    ...parseBlock(page, block),
  };
  checkShape(fragment);
  checkMediaTypes(fragment);
  return { ...fragment, data: upgraded({ ...fragment.data, openapi: "3.1.0" }) as JsonObject };
}

/** The fenced blocks of a Markdown text. A fence inside a longer fence is text. */
function blocks(page: string, text: string): Block[] {
  const lines = text.split("\n");
  const found: Block[] = [];
  for (let index = 0; index < lines.length; index++) {
    const [, fence, info = ""] = /^ {0,3}(`{3,})([^`]*)$/.exec(lines[index] ?? "") ?? [];
    if (fence) {
      const start = index;
      const isClosing = (line: string): boolean => {
        const [, closing = ""] = /^ {0,3}(`{3,})\s*$/.exec(line) ?? [];
        return closing.length >= fence.length;
      };
      do {
        index++;
      } while (index < lines.length && !isClosing(lines[index] ?? ""));
      if (index >= lines.length) {
        const what = `a block that starts here (${fence}${info.trim()}) is not closed by ${fence}`;
        throw new ContractError(`${page}:${start + 1}: ${what}: the page was cut short; get it again`);
      }
      found.push({ line: start + 1, info: info.trim(), lines: lines.slice(start + 1, index) });
    }
  }
  return found;
}

function parseBlock(page: string, block: Block): Pick<Fragment, "data" | "lineOf"> {
  const text = `${block.lines.join("\n")}\n`;
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter });
  const [problem] = document.errors;
  if (problem) {
    const line = block.line + (problem.linePos?.[0].line ?? 1);
    const message = problem.message.split("\n")[0]?.replace(/ at line \d+, column \d+:?$/, "");
    throw new ContractError(`${page}:${line}: the block is not valid YAML: ${message}`);
  }
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw new ContractError(`${page}:${block.line + 1}: the block is refused: ${(error as Error).message}`);
  }
  if (!isObject(data)) {
    throw new ContractError(`${page}:${block.line + 1}: the block is not a YAML mapping`);
  }
  const lineOf = (path: Path): number => {
    const parent = document.getIn(path.slice(0, -1), true);
    const key = isMap(parent) ? parent.items.find((pair) => String(pair.key) === path.at(-1))?.key : undefined;
    return block.line + counter.linePos((key as Node | undefined)?.range?.[0] ?? 0).line;
  };
  return { data, lineOf };
}

function checkShape({ page, line, key, at: [, path, method], data }: Fragment): void {
  const at = `${page}:${line + 1}`;
  const { paths } = data;
  if (isObject(paths) && typeof paths.path === "string" && typeof paths.method === "string") {
    throw new ContractError(
      `${at}: the block has the older \`paths: path/method\` shape (${paths.method.toUpperCase()} ${paths.path}), which is not OpenAPI; get the page from docs.databar.ai again`,
    );
  }
  if (!/^3\.\d/.test(String(data.openapi))) {
    const version = data.openapi ?? data.swagger;
    const found = version === undefined ? "names no version" : `is version ${String(version)}`;
    throw new ContractError(`${at}: the block is not OpenAPI 3.x: it ${found}`);
  }
  if (!(METHODS as readonly string[]).includes(method)) {
    throw new ContractError(`${page}:${line}: ${key}: only ${METHODS.join(", ")} are known`);
  }
  const item = isObject(paths) ? paths[path] : undefined;
  if (!isObject(item) || !isObject(item[method])) {
    const others = operationNodes(data).map((each) => each.key);
    throw new ContractError(
      `${at}: the block has no ${key}, which its first line names; it has: ${others.join(", ") || "no operation"}`,
    );
  }
  const extra = Object.keys(item).find((name) => ["parameters", "servers", "$ref"].includes(name));
  if (extra) {
    throw new ContractError(
      `${at}: ${path} has ${extra} for all its methods, which are read inside an operation only; move them there`,
    );
  }
}

/** Refuses request bodies that are not JSON, because the client cannot send them. */
function checkMediaTypes({ page, key, at, data, lineOf }: Fragment): void {
  const bodyAt = [...at, "requestBody"];
  const types = Object.keys((valueAt(data, [...bodyAt, "content"]) as Json) ?? {});
  if (types.length > 0 && !types.some((type) => /[/+]json\b/.test(type))) {
    throw new ContractError(
      `${page}:${lineOf(bodyAt)}: ${key} takes ${types.join(", ")}, which is not supported: the client sends JSON only. Leave this page out, and call the operation with your own fetch`,
    );
  }
}
