import { describe, expect, test } from "vitest";
import { cli } from "../support/cli.js";

const CONNECTOR = { id: "7", name: "n", type: "simple", method: "get", url: "https://example.com" };

describe("--drift", () => {
  test("reports on standard error where a response differs from the contract, and changes nothing else", async () => {
    const args = ["connectors", "get", "7", "--json"];
    const plain = await cli(args, { answer: () => CONNECTOR });
    const watched = await cli([...args, "--drift"], { answer: () => CONNECTOR });
    expect(watched.stderr).toBe("drift: connectors.get 200: $.id expected integer, found string\n");
    expect({ ...watched, stderr: "", requests: [] }).toEqual({ ...plain, requests: [] });
  });

  test("reports about the response of a failed call", async () => {
    const answer = () => Response.json({ message: "gone" }, { status: 404 });
    const { code, stderr } = await cli(["enrichments", "get", "7", "--drift"], { answer });
    expect(code).toBe(1);
    expect(stderr).toContain("drift: enrichments.get 404: $.detail is missing (string expected)");
  });
});
