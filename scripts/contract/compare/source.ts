/** Reads one side of a comparison: a file, a folder with `openapi.yaml`, or `git:REV`. */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../project.js";
import { ContractError, isObject, YamlFile } from "../document.js";

const STORED = "openapi/openapi.yaml";

/** @param folder - The git repository of `git:REV`. */
export function readSource(source: string, folder: string = root): YamlFile {
  const file = source.startsWith("git:") ? fromGit(source, folder) : new YamlFile(fileOf(source));
  if (!/^3\.\d/.test(String(file.data.openapi)) || !isObject(file.data.paths)) {
    throw new ContractError(`${source}: not an OpenAPI 3.x document with paths`);
  }
  return file;
}

function fileOf(source: string): string {
  return statSync(source, { throwIfNoEntry: false })?.isDirectory() ? join(source, "openapi.yaml") : source;
}

/** `git:REV` or `git:REV:path/to/openapi.yaml`. */
function fromGit(source: string, folder: string): YamlFile {
  const [, revision = "", path = STORED] = source.split(":");
  if (!/^\w[\w./~^@{}-]*$/.test(revision)) {
    throw new ContractError(`${source}: expected git:REV, such as git:HEAD or git:v0.1.0`);
  }
  try {
    const text = execFileSync("git", ["show", `${revision}:${path}`], {
      cwd: folder,
      encoding: "utf8",
      maxBuffer: 100_000_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new YamlFile(source, text);
  } catch (error) {
    if (error instanceof ContractError) {
      throw error;
    }
    const reason = String((error as { stderr?: string }).stderr ?? error).trim();
    throw new ContractError(`${source}: git cannot show it: ${reason.split("\n")[0]}`);
  }
}
