/** What comes along with `import { Databar }`: it must bundle for browsers and workers as it is. */
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

test("no Node built-in, and no package but openapi-fetch", () => {
  const packages = Object.keys(metafile.inputs).flatMap(
    (file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
  );
  expect(packages).toEqual(["openapi-fetch"]);
  // A built-in would be an import that stays in the bundle.
  expect(Object.values(metafile.outputs).flatMap(({ imports }) => imports)).toEqual([]);
});

test("neither examples nor schemas nor the operation table, neither jobs nor testing nor the command line", () => {
  const own = Object.keys(metafile.inputs).filter((file) => file.startsWith("src/"));
  expect(own).toContain("src/http/call.ts");
  expect(
    own.filter((file) => /(examples|json-schemas|operations)\.gen|src\/(jobs|testing|cli[./])/.test(file)),
  ).toEqual([]);
});
