/** Finds the facade's methods for operations. Each method has its route as a literal. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { root } from "../../project.js";

export interface FacadeMethod {
  /** `GET /v1/connectors/`. */
  operation: string;
  /** `src/resources/connectors.ts:20`. */
  place: string;
}

/**
 * The places in the facade that call the operations.
 *
 * @param folder - The facade's source files, generated ones left out.
 */
export function facadeMethods(operations: readonly string[], folder: string = join(root, "src")): FacadeMethod[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".gen.ts"))
    .sort();
  return files.flatMap((name) => {
    const file = join(folder, name);
    const text = readFileSync(file, "utf8");
    return operations.flatMap((operation) =>
      linesOf(text, operation).map((line) => ({ operation, place: `${relative(dirname(folder), file)}:${line}` })),
    );
  });
}

/** `this.call("list", "GET /v1/x/", ...)` or `api.GET("/v1/x/", ...)`, on one line or several. */
function linesOf(text: string, operation: string): number[] {
  const [method = "", path = ""] = operation.split(" ");
  const literal = path.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const call = new RegExp(`"${method} ${literal}"|\\.${method}\\(\\s*"${literal}"`, "g");
  return [...text.matchAll(call)].map(({ index }) => text.slice(0, index).split("\n").length);
}
