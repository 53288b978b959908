/** Where pages come from: files, folders, addresses, and an `llms.txt` index. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ContractError } from "../document.js";

export interface Page {
  /** The file or address, as messages name it. */
  name: string;
  text: string;
  /** The page's address for readers, without `.md`. */
  docs: string;
}

export interface FetchOptions {
  /** Between two requests. */
  pauseMs: number;
  /** For one page, including its body. */
  timeoutMs: number;
  maxBytes: number;
  /** Called before each request. */
  onProgress: (message: string) => void;
}

export const FETCH_DEFAULTS = { pauseMs: 500, timeoutMs: 20_000, maxBytes: 2_000_000 };

const DOCS = "https://docs.databar.ai/api-reference/endpoint/";
/** The folder of the pages that describe one operation each. */
const ENDPOINT = /\/api-reference\/endpoint\/[^/]+$/;

/** Reads all pages of the sources, in order. Throws a {@link ContractError} for what cannot be read. */
export async function readPages(sources: readonly string[], options: FetchOptions): Promise<Page[]> {
  const fetcher = new Fetcher(options);
  const pages: Page[] = [];
  for (const source of sources) {
    pages.push(...(/^https?:/i.test(source) ? await fetcher.pages(source) : localPages(source)));
  }
  return pages;
}

function localPages(source: string): Page[] {
  try {
    if (!statSync(source).isDirectory()) {
      return [localPage(source)];
    }
    const names = readdirSync(source).filter((name) => name.endsWith(".md"));
    if (names.length === 0) {
      throw new ContractError(`${source}: no .md file in this folder`);
    }
    return names.sort().map((name) => localPage(join(source, name)));
  } catch (error) {
    if (error instanceof ContractError) {
      throw error;
    }
    throw new ContractError(`${source}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function localPage(file: string): Page {
  return { name: file, text: readFileSync(file, "utf8"), docs: DOCS + basename(file).replace(/\.mdx?$/, "") };
}

/** Gets pages one at a time, with a pause between them. */
class Fetcher {
  readonly #options: FetchOptions;
  #isFirst = true;

  constructor(options: FetchOptions) {
    this.#options = options;
  }

  async pages(source: string): Promise<Page[]> {
    const url = checkedUrl(source);
    if (!url.pathname.endsWith(".txt")) {
      return [await this.#page(url)];
    }
    const links = endpointLinks(await this.#get(url, ""), url);
    if (links.length === 0) {
      throw new ContractError(`${source}: the index links to no page under /api-reference/endpoint/ on the same site`);
    }
    const pages: Page[] = [];
    for (const [index, link] of links.entries()) {
      pages.push(await this.#page(link, `${index + 1} of ${links.length}: `));
    }
    return pages;
  }

  async #page(url: URL, progress = ""): Promise<Page> {
    const docs = `${url.origin}${url.pathname.replace(/\.mdx?$/, "").replace(/\/$/, "")}`;
    const markdown = new URL(/\.mdx?$/.test(url.pathname) ? url : `${docs}.md`);
    return { name: markdown.href, text: await this.#get(markdown, progress), docs };
  }

  async #get(url: URL, progress: string): Promise<string> {
    const { pauseMs, timeoutMs, maxBytes, onProgress } = this.#options;
    if (!this.#isFirst) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    this.#isFirst = false;
    onProgress(`${progress}${url.href}`);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        signal,
        redirect: "manual",
        headers: { accept: "text/markdown, text/plain" },
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        const target = response.headers.get("location");
        throw new ContractError(
          `${url.href}: the server answered ${response.status}${target ? `, a redirect to ${target}: use that address` : ""}`,
        );
      }
      return await readText(response, url, maxBytes);
    } catch (error) {
      if (error instanceof ContractError) {
        throw error;
      }
      const { cause, message } = error as Error;
      const reason = signal.aborted
        ? `took longer than ${timeoutMs} ms`
        : (cause as Error | undefined)?.message || message;
      throw new ContractError(`${url.href}: cannot be fetched: ${reason}`);
    }
  }
}

async function readText(response: Response, url: URL, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) {
      throw new ContractError(`${url.href}: larger than ${maxBytes} bytes, which no endpoint's page is`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The pages of operations that an index links to, each once; links to other sites are left out. */
function endpointLinks(text: string, index: URL): URL[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, href = ""]) => {
    const url = URL.canParse(href, index.href) ? new URL(href, index.href) : undefined;
    return url && url.origin === index.origin && ENDPOINT.test(url.pathname) ? [url.origin + url.pathname] : [];
  });
  return [...new Set(links)].map((href) => new URL(href));
}

function checkedUrl(source: string): URL {
  if (!URL.canParse(source)) {
    throw new ContractError(`${source}: not an address`);
  }
  const url = new URL(source);
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  if (url.protocol !== "https:" && !isLoopback) {
    throw new ContractError(`${source}: pages are fetched over https only: use https://${url.host}${url.pathname}`);
  }
  return url;
}
