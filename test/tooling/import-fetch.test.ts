import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readPages } from "../../scripts/contract/import/sources.js";
import { importPages } from "../../scripts/contract/import.js";
import { scratchFolder } from "../support/contract-folder.js";
import { page, published } from "../support/published.js";

const other = page
  .replace("yaml GET /v1/connectors/", "yaml GET /v1/other")
  .replace("  /v1/connectors/:", "  /v1/other:")
  .replace("operationId: list_connectors_v1_connectors__get", "operationId: other");
const ENDPOINTS = "/api-reference/endpoint";

let close: (() => Promise<void>) | undefined;

afterEach(async () => {
  await close?.();
  close = undefined;
});

type Answer = string | ((request: IncomingMessage, response: ServerResponse) => void);

/** A site on loopback: answers by path, and the requests it saw, with how many were open at the time. */
async function site(answers: Record<string, Answer>): Promise<{ origin: string; seen: string[]; open: number[] }> {
  const seen: string[] = [];
  const open: number[] = [];
  let running = 0;
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    open.push(++running);
    response.on("close", () => running--);
    const answer = answers[request.url ?? ""];
    if (typeof answer === "function") {
      answer(request, response);
    } else {
      response.writeHead(answer === undefined ? 404 : 200, { "content-type": "text/markdown" }).end(answer ?? "no");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, open };
}

function read(sources: string[], options: { timeoutMs?: number; maxBytes?: number; progress?: string[] } = {}) {
  const { timeoutMs = 5000, maxBytes = 100_000, progress = [] } = options;
  return readPages(sources, { pauseMs: 0, timeoutMs, maxBytes, onProgress: (message) => progress.push(message) });
}

describe("contract:import from addresses", () => {
  it("gets a page in its Markdown form and links the address for readers", async () => {
    const { origin, seen } = await site({ [`${ENDPOINTS}/connectors-list.md`]: page });
    const expected = { text: page, docs: `${origin}${ENDPOINTS}/connectors-list` };
    expect(await read([`${origin}${ENDPOINTS}/connectors-list`])).toMatchObject([expected]);
    expect(await read([`${origin}${ENDPOINTS}/connectors-list.md`])).toMatchObject([expected]);
    expect(seen).toEqual([`${ENDPOINTS}/connectors-list.md`, `${ENDPOINTS}/connectors-list.md`]);
  });

  it("imports the endpoint pages of an index, each once and one at a time, and reports its progress", async () => {
    const answers: Record<string, Answer> = {
      [`${ENDPOINTS}/connectors-list.md`]: page,
      [`${ENDPOINTS}/other.md`]: other,
    };
    const { origin, seen, open } = await site(answers);
    answers["/llms.txt"] = [
      "# Docs",
      `- [List](${origin}${ENDPOINTS}/connectors-list.md): words`,
      `- [Other](${ENDPOINTS}/other.md)`,
      `- [Again](${origin}${ENDPOINTS}/other.md)`,
      `- [Guide](${origin}/guides/start.md)`,
      `- [Elsewhere](https://example.com${ENDPOINTS}/x.md)`,
    ].join("\n");
    const folder = scratchFolder();
    writeFileSync(join(folder, "openapi.yaml"), published);
    const progress: string[] = [];
    await importPages([`${origin}/llms.txt`], {
      openapi: folder,
      pauseMs: 0,
      onProgress: (message) => progress.push(message),
    });
    expect(seen).toEqual(["/llms.txt", `${ENDPOINTS}/connectors-list.md`, `${ENDPOINTS}/other.md`]);
    expect(Math.max(...open)).toBe(1);
    expect(progress).toEqual([
      `${origin}/llms.txt`,
      `1 of 2: ${origin}${ENDPOINTS}/connectors-list.md`,
      `2 of 2: ${origin}${ENDPOINTS}/other.md`,
    ]);
    const { paths } = parse(readFileSync(join(folder, "openapi.yaml"), "utf8"));
    expect(paths["/v1/other"].get).toMatchObject({
      "x-source": "documented",
      externalDocs: { url: `${origin}${ENDPOINTS}/other` },
    });
  });

  it("waits between two requests", async () => {
    const { origin } = await site({ "/a.md": page, "/b.md": page });
    const startedAt = performance.now();
    await readPages([`${origin}/a.md`, `${origin}/b.md`], {
      pauseMs: 40,
      timeoutMs: 5000,
      maxBytes: 100_000,
      onProgress: () => {},
    });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39);
  });

  it.each<[string, string, Answer, RegExp]>([
    ["a missing page", "/x.md", (_, response) => response.writeHead(404).end(), /x\.md: the server answered 404$/],
    [
      "a redirect",
      "/x.md",
      (_, response) => response.writeHead(308, { location: "/y.md" }).end(),
      /x\.md: the server answered 308, a redirect to \/y\.md: use that address$/,
    ],
    ["a page that is too large", "/x.md", "x".repeat(200_000), /x\.md: larger than 100000 bytes/],
    ["a lost connection", "/x.md", (request) => request.socket.destroy(), /x\.md: cannot be fetched: \S+/],
    [
      "a page that never ends",
      "/x.md",
      (_, response) => response.write("#"),
      /x\.md: cannot be fetched: took longer than 30 ms$/,
    ],
    ["an index without pages", "/llms.txt", "# Docs\n", /llms\.txt: the index links to no page/],
  ])("names the address of %s", async (name, path, answer, message) => {
    const { origin } = await site({ [path]: answer });
    const timeoutMs = name === "a page that never ends" ? 30 : 5000;
    await expect(read([origin + path], { timeoutMs })).rejects.toThrow(message);
  });

  it("refuses http to another host, and a bad address, before any request", async () => {
    await expect(read(["http://docs.databar.ai/x.md"])).rejects.toThrow(
      "http://docs.databar.ai/x.md: pages are fetched over https only: use https://docs.databar.ai/x.md",
    );
    await expect(read(["https://"])).rejects.toThrow("https://: not an address");
  });

  it("reports that an address returned HTML", async () => {
    const { origin } = await site({ "/x.md": "<!DOCTYPE html><html></html>" });
    const folder = scratchFolder();
    writeFileSync(join(folder, "openapi.yaml"), published);
    await expect(importPages([`${origin}/x`], { openapi: folder })).rejects.toThrow(/x\.md:1: this is an HTML page/);
  });
});
