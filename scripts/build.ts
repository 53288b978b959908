/**
 * `npm run build`: types by tsc, code by esbuild, into `dist`.
 *
 * The output is one file per entry point and shared chunks, because Node needs about a millisecond for each file that it
 * loads, and the client has more than thirty.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { buildCommonJs } from "./build/commonjs.js";
import { root } from "./project.js";

const { dependencies, peerDependencies } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));

/** Bundled into what only Node loads, so that the package has one dependency. */
const bundled = ["csv-parse", "csv-stringify"];

const entryPoints = [
  "src/index.ts",
  "src/generated/schema.gen.ts",
  "src/jobs/index.ts",
  "src/testing/index.ts",
  "src/logging/index.ts",
  "src/otel/index.ts",
  "src/drift/index.ts",
  "src/cli.ts",
];

rmSync(`${root}/dist`, { recursive: true, force: true });
execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
// tsc leaves declarations that have no TypeScript source where they are.
for (const file of readdirSync(`${root}/src/generated`).filter((name) => name.endsWith(".d.ts"))) {
  copyFileSync(`${root}/src/generated/${file}`, `${root}/dist/generated/${file}`);
}
await build({
  absWorkingDir: root,
  entryPoints: entryPoints.filter((file) => existsSync(`${root}/${file}`)),
  outdir: "dist",
  outbase: "src",
  bundle: true,
  splitting: true,
  // undici is loaded if the user has installed it.
  external: ["node:*", "undici", ...Object.keys({ ...dependencies, ...peerDependencies })],
  // csv-parse imports it by its old name.
  alias: { stream: "node:stream" },
  format: "esm",
  platform: "neutral",
  target: "es2022",
  sourcemap: true,
  // The source maps point to `src`, which is part of the package.
  sourcesContent: false,
});
writeFileSync(
  `${root}/dist/licenses.txt`,
  bundled.map((name) => `${name}\n\n${readFileSync(`${root}/node_modules/${name}/LICENSE`, "utf8")}`).join("\n\n"),
);
await buildCommonJs();
