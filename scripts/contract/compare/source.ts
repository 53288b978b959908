/** Reads one side of a comparison: a file, a folder with `openapi.yaml`, or `git:REV`. */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { root } from "../../project.js";
import { ContractError, isObject, type JsonObject, YamlFile } from "../document.js";

const STORED = "openapi/openapi.yaml";

/** @param folder - The git repository of `git:REV`. */
export function readSource(source: string, folder: string = root): YamlFile {
  const file = source.startsWith("git:") ? fromGit(source, folder) : new YamlFile(fileOf(source));
  if (!/^3\.\d/.test(String(file.data.openapi)) || !isObject(file.data.paths)) {
    throw new ContractError(`${source}: not an OpenAPI 3.x document with paths`);
  }
  return file;
}

/** The `names.yaml` beside a source; `undefined` if there is none. */
export function readNames(source: string, folder: string = root): JsonObject | undefined {
  try {
    const file = source.startsWith("git:")
      ? fromGit(source, folder, "names.yaml")
      : new YamlFile(join(dirname(fileOf(source)), "names.yaml"));
    return file.data;
  } catch (error) {
    if (error instanceof ContractError) {
      return undefined;
    }
    throw error;
  }
}

function fileOf(source: string): string {
  return statSync(source, { throwIfNoEntry: false })?.isDirectory() ? join(source, "openapi.yaml") : source;
}

/** `git:REV` or `git:REV:path/to/openapi.yaml`. */
function fromGit(source: string, folder: string, beside?: string): YamlFile {
  const [, revision = "", stored = STORED] = source.split(":");
  const path = beside ? posix.join(posix.dirname(stored), beside) : stored;
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
