/** `npm run bench [-- NAME ARGS...]`: runs a benchmark of `scripts/bench`. Default: calls. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./project.js";

const [name = "calls", ...args] = process.argv.slice(2);
const folder = join(root, "scripts/bench");
const file = join(folder, `${name}.ts`);
if (/^\w+$/.test(name) && existsSync(file)) {
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const { status } = spawnSync(process.execPath, [tsx, file, ...args], { cwd: root, stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  const names = readdirSync(folder).map((each) => each.replace(/\.ts$/, ""));
  console.error(`No benchmark "${name}": there are ${names.join(", ")}`);
  process.exitCode = 1;
}
