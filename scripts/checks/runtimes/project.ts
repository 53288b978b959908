/** A project of a user: the packed tarball and msw are installed, the programs are built for each runtime. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "../../project.js";

export interface Project {
  folder: string;
  /** Removes the project. */
  remove(): void;
}

const SOURCE = "scripts/checks/runtimes";

function npm(args: string[], cwd: string): string {
  return execFileSync("npm", [...args, "--no-audit", "--no-fund"], { cwd, encoding: "utf8" });
}

/** Packs the build, and installs it. */
export async function createProject(): Promise<Project> {
  const folder = mkdtempSync(join(tmpdir(), "databar-runtimes-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once("exit", remove);
  const [packed] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  writeFileSync(join(folder, "package.json"), '{ "name": "user", "private": true, "type": "module" }');
  npm(["install", "--ignore-scripts", "--prefer-offline", packed.filename, `msw@${devDependencies.msw}`], folder);
  await buildPrograms(folder);
  const sample = readFileSync(join(root, "test/samples/vitest.sample.js"), "utf8");
  writeFileSync(join(folder, "sample.bun.test.js"), sample.replace('from "vitest"', 'from "bun:test"'));
  return { folder, remove };
}

async function buildPrograms(folder: string): Promise<void> {
  const source = (name: string): string => join(root, SOURCE, name);
  const common = { bundle: true, format: "esm", target: "es2022", logLevel: "error", tsconfigRaw: {} } as const;
  // Programs that import the package by its name: the runtime itself resolves it.
  await build({
    ...common,
    entryPoints: [
      "process.ts",
      "kit-node.ts",
      "kit.bun.test.mjs",
      "kit.deno.test.mjs",
      "worker.ts",
      "edge.ts",
      "page.ts",
    ].map(source),
    outdir: folder,
    packages: "external",
    platform: "neutral",
    external: ["node:*", "bun:*"],
  });
  // Bundles, as a user's bundler makes them of those.
  const bundle = (name: string) => ({
    ...common,
    entryPoints: [join(folder, `${name}.js`)],
    outdir: join(folder, "web"),
  });
  mkdirSync(join(folder, "web"));
  await build({ ...bundle("worker"), conditions: ["workerd", "worker"] });
  await build({ ...bundle("edge"), format: "iife", globalName: "program" });
  const { metafile } = await build({ ...bundle("page"), splitting: true, metafile: true });
  const inputs = Object.keys(metafile.inputs);
  if (!inputs.some((file) => file.endsWith("node_modules/databar-client/dist/index.js"))) {
    throw new Error(`The page is not made of the packed package: ${inputs.join(", ")}`);
  }
}
