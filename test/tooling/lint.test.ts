import { describe, expect, it } from "vitest";
import { operationNodes, YamlFile } from "../../scripts/contract/document.js";
import { lint } from "../../scripts/contract/lint.js";
import { publishedContract, replaced } from "../support/contract-folder.js";
import { published, publishedExamples } from "../support/published.js";

describe("contract:lint", { timeout: 20_000 }, () => {
  it("finds nothing in the stored contract", async () => {
    expect(await lint("openapi")).toEqual([]);
  });

  it("is run on a contract that declares each of its tags with a description", () => {
    const { data } = new YamlFile("openapi/openapi.yaml");
    const used = new Set(operationNodes(data).flatMap(({ node }) => node.tags as string[]));
    expect(data.tags).toEqual([...used].map((name) => ({ name, description: expect.stringMatching(/^[A-Z].*\.$/) })));
  });

  it("names the place and the rule of each breach of Redocly's rules", async () => {
    const folder = publishedContract({
      "openapi.yaml": replaced(published, "      summary: List custom API connectors\n", ""),
    });
    const [problem, ...rest] = await lint(folder);
    expect(problem).toMatch(
      /openapi\.yaml:\d+:5: Operation object should contain `summary` field\. \(operation-summary\)$/,
    );
    expect(rest).toEqual([]);
  });

  it("requires an example of each response body", async () => {
    const folder = publishedContract({ "examples.yaml": "source: synthesised\noperations: {}\n" });
    expect(await lint(folder)).toEqual([
      expect.stringMatching(
        /openapi\.yaml:\d+:13: GET \/v1\/connectors\/ -> 422 application\/json has no example; add one/,
      ),
    ]);
  });

  it("refuses an example that does not fit its schema", async () => {
    const folder = publishedContract({ "examples.yaml": replaced(publishedExamples, "msg: Field required", "msg: 7") });
    expect(await lint(folder)).toEqual([
      expect.stringMatching(
        /examples\.yaml:\d+:\d+: .*example "missing" does not fit its schema: detail\.0\.msg must be string/,
      ),
    ]);
  });

  it("reports a missing file", async () => {
    expect((await lint("test/fixtures")).join("\n")).toMatch(/openapi\.yaml: cannot be read \(ENOENT\)/);
  });
});
