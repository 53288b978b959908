/** The HTTP server of the replay and the simulator: defects, broken bodies, and its end. */
import { afterEach, describe, expect, test } from "vitest";
import { type HttpServerOptions, type RunningServer, startHttpServer } from "../../src/testing/http-server.js";
import { timers } from "../support/timers.js";

let server: RunningServer | undefined;
afterEach(() => server?.close());

async function serve(answer: HttpServerOptions["answer"]): Promise<string> {
  server = await startHttpServer({ port: 0, host: "127.0.0.1", answer });
  return server.url;
}

describe("the HTTP server", () => {
  test("reports a defect of its own as a 500 that names it", async () => {
    const url = await serve(() => {
      throw new Error("no such example");
    });
    const response = await fetch(url);
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
      500,
      "text/plain; charset=utf-8",
      "Internal Server Error: Error: no such example",
    ]);
  });

  test.each([
    ["abcdefg", "abc"],
    ["a", ""],
  ])("of the truncated body %j sends %j", async (body, sent) => {
    const url = await serve(() => ({ status: 200, headers: {}, body, broken: "truncate" }));
    let text = "";
    const read = async (): Promise<void> => {
      const reader = (await fetch(url)).body?.getReader();
      for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) {
        text += new TextDecoder().decode(chunk.value);
      }
    };
    await expect(read()).rejects.toThrow();
    expect(text).toBe(sent);
  });

  test("ends at once while an answer is delayed, and leaves no timer", async () => {
    const url = await serve(() => ({ status: 200, headers: {}, body: "late", delayMs: 3_600_000 }));
    const before = timers();
    const call = fetch(url).catch((error: Error) => error.message);
    await expect.poll(timers).toBeGreaterThan(before);
    await server?.close();
    expect(await call).toBe("fetch failed");
    await expect.poll(timers).toBeLessThanOrEqual(before);
  });
});
