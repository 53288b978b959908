/** The bundle of `import { Databar }`, which must work in browsers and workers unchanged. */
import { build, type Metafile } from "esbuild";
import { beforeAll, expect, test } from "vitest";

let metafile: Metafile;

beforeAll(async () => {
  const entry = 'import { Databar } from "./src/index.ts"; globalThis.databar = new Databar({ apiKey: "k" });';
  ({ metafile } = await build({
    stdin: { contents: entry, resolveDir: "." },
    bundle: true,
    format: "esm",
    platform: "browser",
    metafile: true,
    write: false,
  }));
});

test("the bundle of the client contains openapi-fetch, no other package and no Node built-in", () => {
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  expect(packages).toEqual(["openapi-fetch"]);
  // esbuild keeps an import of a built-in in the output.
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

test("the bundle of the client contains no examples, schemas, operation table, testing kit or CLI", () => {
  const own = Object.keys(metafile.inputs).filter((file) => file.startsWith("src/"));
  expect(own).toContain("src/http/call.ts");
  expect(
    own.filter((file) => /(examples|json-schemas|operations)\.gen|src\/(jobs|testing|cli[./])/.test(file)),
  ).toEqual([]);
});
