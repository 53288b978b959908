/** Serves the site on loopback to a browser, with a page that looks at all others in frames of several widths. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { transformSync } from "esbuild";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

/** What the browser reported. */
export interface Report {
  problems: string[];
  /** How many pages it looked at, each width counted. */
  views: number;
}

export interface SiteServer {
  url: string;
  /** The browser's report, once it has looked at all pages. */
  report: Promise<Report>;
  close(): void;
}

/** @param pages - The pages to look at, each at all widths. */
export async function serveSite(
  site: string,
  pages: readonly string[],
  widths: readonly number[],
): Promise<SiteServer> {
  const program = transformSync(readFileSync(new URL("examine.ts", import.meta.url), "utf8"), { loader: "ts" }).code;
  const foreign: string[] = [];
  let finish: (report: Report) => void = () => {};
  const report = new Promise<Report>((resolve) => {
    finish = resolve;
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
    if (request.method === "POST") {
      const body = await readText(request);
      response.end();
      if (pathname === "/-/violation") {
        const { "csp-report": violation } = JSON.parse(body);
        foreign.push(`${violation["document-uri"]} loads ${violation["blocked-uri"]}`);
      } else {
        const { problems, views }: Report = JSON.parse(body);
        finish({ problems: [...problems, ...foreign], views });
      }
      return;
    }
    // Reports whatever a page loads from another host.
    response.setHeader("content-security-policy", "default-src 'self' 'unsafe-inline' data:; report-uri /-/violation");
    if (pathname === "/-/examine") {
      response.setHeader("content-type", "text/html");
      response.end(
        `<!doctype html><body><script type="module">${program}\nexamine(${JSON.stringify({ pages, widths })})</script>`,
      );
    } else if (pathname === "/-/frame") {
      response.setHeader("content-type", "text/html");
      response.end(frame(searchParams));
    } else {
      sendFile(join(site, decodeURIComponent(pathname)), response);
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => finish({ problems: [String(error)], views: 0 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, report, close };
}

/** One page in a frame, for a screenshot: a window of a browser cannot be as narrow as a phone. */
function frame(parameters: URLSearchParams): string {
  const { page, theme, width, height } = Object.fromEntries(parameters);
  return [
    '<!doctype html><body style="margin:0">',
    `<script>localStorage.setItem("tsd-theme", ${JSON.stringify(theme)})</script>`,
    `<iframe src="/${page}" style="border:0;width:${Number(width)}px;height:${Number(height)}px"></iframe>`,
  ].join("");
}

function sendFile(file: string, response: ServerResponse): void {
  if (existsSync(file) && statSync(file).isFile()) {
    response.setHeader("content-type", TYPES[extname(file)] ?? "text/plain");
    response.end(readFileSync(file));
  } else {
    response.writeHead(404).end();
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
