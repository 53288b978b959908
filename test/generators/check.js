/** Runs two other generators on the contract, and the compiler on what they write: it is legible to more than our own tool. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const contract = resolve("../../openapi/openapi.yaml");
// Inside this folder, so that the compiler finds the types that the generated code imports.
const folder = mkdtempSync(join(process.cwd(), "out-"));
const run = (program, ...args) => execFileSync(join("node_modules/.bin", program), args, { stdio: "inherit" });

try {
  run(
    "openapi-ts",
    "--input",
    contract,
    "--output",
    join(folder, "hey-api"),
    "--plugins",
    "@hey-api/typescript",
    "@hey-api/sdk",
    "@hey-api/client-fetch",
  );
  run("orval", "--input", contract, "--output", join(folder, "orval/client.ts"), "--client", "fetch");
  const options = [
    "--noEmit",
    "--strict",
    "--skipLibCheck",
    "--target",
    "es2022",
    "--lib",
    "es2023,dom,dom.iterable",
    "--module",
    "esnext",
    "--moduleResolution",
    "bundler",
  ];
  run("tsc", ...options, join(folder, "hey-api/index.ts"), join(folder, "orval/client.ts"));
  console.log("The contract compiles with @hey-api/openapi-ts and orval.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
