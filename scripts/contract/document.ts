/** Reads `openapi/`: the contract, the synthesised examples and the facade's names, each with its places in the file. */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Document, isMap, LineCounter, parseDocument } from "yaml";

/** A problem of the stored contract or of a page. The message names the place and the problem. */
export class ContractError extends Error {
  override readonly name = "ContractError";
}

export type Path = readonly (string | number)[];

/** A key of a JSON pointer as it is in the document. */
export function unescapeKey(key: string): string {
  return key.replaceAll("~1", "/").replaceAll("~0", "~");
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path; `undefined` if there is none. */
export function valueAt(data: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((node, key) => (node as JsonObject | null | undefined)?.[key], data);
}

/** The keys of a reference into its own document, such as `#/components/schemas/Connector`. */
export function referencePath(reference: string): string[] {
  return reference
    .replace(/^#\//, "")
    .split("/")
    .map((key) => unescapeKey(decodeURIComponent(key)));
}

/** A YAML file as plain data, with the line and column of each value at hand. */
export class YamlFile {
  readonly text: string;
  readonly data: JsonObject;
  readonly #name: string;
  readonly #document: Document.Parsed;
  readonly #lines = new LineCounter();

  /** Reads a file. With `text`, reads that text instead and uses `file` as its name in messages. */
  constructor(file: string, text?: string) {
    this.#name = text === undefined ? relative(process.cwd(), file) : file;
    try {
      this.text = (text ?? readFileSync(file, "utf8")).replaceAll("\r\n", "\n");
    } catch (error) {
      throw new ContractError(`${this.#name}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
    }
    this.#document = parseDocument(this.text, { lineCounter: this.#lines });
    const [problem] = this.#document.errors;
    if (problem) {
      const [line = ""] = problem.message.split("\n");
      throw new ContractError(`${this.#name}: ${line.replace(/:$/, "")}`);
    }
    const data: unknown = this.#document.toJS();
    if (typeof data !== "object" || data === null || Array.isArray(data)) {
      throw new ContractError(`${this.#name}: expected a YAML mapping at the top`);
    }
    this.data = data as JsonObject;
  }

  /** `openapi/openapi.yaml:38:17` of the value at a path, or of its nearest parent that exists. */
  place(path: Path): string {
    for (let length = path.length; length > 0; length--) {
      const parent = this.#document.getIn(path.slice(0, length - 1), true);
      const key = isMap(parent) && parent.items.find((pair) => String(pair.key) === String(path[length - 1]))?.key;
      const node = key || this.#document.getIn(path.slice(0, length), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range) {
        const { line, col } = this.#lines.linePos(range[0]);
        return `${this.#name}:${line}:${col}`;
      }
    }
    return this.#name;
  }
}

export const METHODS = ["get", "put", "post", "delete", "patch"] as const;

/** An operation as it is in a document. */
export interface OperationNode {
  /** `GET /v1/connectors/`: how the files beside the contract name it. */
  key: string;
  at: [paths: "paths", path: string, method: string];
  node: JsonObject;
}

/** All operations of a document, in its order. */
export function operationNodes(data: JsonObject): OperationNode[] {
  return Object.entries(isObject(data.paths) ? data.paths : {}).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const node = isObject(item) ? item[method] : undefined;
      return isObject(node) ? [{ key: `${method.toUpperCase()} ${path}`, at: ["paths", path, method], node }] : [];
    }),
  );
}

/** The marks of parts that no page states, and of parts that differ from their page on purpose. */
export const MARKS = ["x-added", "x-corrected"] as const;

/** A parameter, as the contract has it. */
export interface Parameter {
  name: string;
  in: string;
  required: boolean;
  /** Empty if the contract has none. */
  description: string;
  schema: Json;
}

/** One operation of the contract, with its references followed. */
export interface Operation {
  /** `GET /v1/connectors/`: how the files beside the contract name it. */
  key: string;
  /** The facade's name, such as `connectors.list`. */
  name: string;
  id: string;
  method: string;
  path: string;
  /** Where the operation is known from: `documented` (a page), `sdk` (official clients only), `contract` (a file). */
  source: string;
  /** The path of the operation in the contract. */
  at: Path;
  node: JsonObject;
  parameters: Parameter[];
  /** What a caller sends, where the operation takes a body. */
  requestBody: { required: boolean; content: Content[] } | undefined;
  responses: Response[];
}

/** A body in one media type. */
export interface Content {
  mediaType: string;
  at: Path;
  node: JsonObject;
}

/** One documented response, with the media types it may have; none for a response without a body. */
export interface Response {
  status: string;
  at: Path;
  node: JsonObject;
  content: Content[];
}

export const KEY_HEADER = "x-apikey";

/** Whether a parameter, or a security scheme, is the header with the API key. */
export function isKeyHeader(part: Json): boolean {
  return isObject(part) && part.in === "header" && String(part.name).toLowerCase() === KEY_HEADER;
}

/** Removes the key header from all operations: the client sends it by itself, so calls must not ask for it. */
export function stripKeyHeader(openapi: JsonObject): void {
  const items = Object.values(isObject(openapi.paths) ? openapi.paths : {}).filter(isObject);
  for (const holder of [...items, ...operationNodes(openapi).map(({ node }) => node)]) {
    if (Array.isArray(holder.parameters)) {
      holder.parameters = holder.parameters.filter((parameter) => !isKeyHeader(parameter));
    }
  }
}

/** Removes the marks, which mean nothing to users of the contract. */
function stripMarks(node: Json): void {
  if (typeof node === "object" && node !== null) {
    for (const mark of MARKS) {
      delete (node as JsonObject)[mark];
    }
    Object.values(node).forEach(stripMarks);
  }
}

/** The stored contract with its names and examples. */
export class Contract {
  readonly openapi: YamlFile;
  readonly examples: YamlFile;
  readonly names: YamlFile;
  readonly operations: Operation[];

  constructor(folder: string) {
    this.openapi = new YamlFile(join(folder, "openapi.yaml"));
    this.examples = new YamlFile(join(folder, "examples.yaml"));
    this.names = new YamlFile(join(folder, "names.yaml"));
    if (!/^3\.\d/.test(String(this.openapi.data.openapi))) {
      throw new ContractError(`${this.openapi.place(["openapi"])}: not an OpenAPI 3.x document`);
    }
    stripKeyHeader(this.openapi.data);
    stripMarks(this.openapi.data);
    this.operations = this.#readOperations();
    this.#checkNames();
  }

  /** The node at a path, with `$ref` followed at each step; undefined where there is none. */
  resolve(path: Path): { at: Path; node: Json | undefined } {
    let at: Path = [];
    let node: Json | undefined = this.openapi.data;
    for (const key of path) {
      node = (node as JsonObject | undefined)?.[key];
      at = [...at, key];
      const reference: Json | undefined = (node as JsonObject | null | undefined)?.$ref;
      if (typeof reference === "string") {
        const target = referencePath(reference);
        if (!reference.startsWith("#/")) {
          throw new ContractError(`${this.openapi.place(at)}: only references into this file are read: ${reference}`);
        }
        ({ at, node } = this.resolve(target));
        if (node === undefined) {
          throw new ContractError(`${this.openapi.place(path)}: ${reference} does not exist`);
        }
      }
    }
    return { at, node };
  }

  #readOperations(): Operation[] {
    this.#object(["paths"]);
    return operationNodes(this.openapi.data).map((operation) => this.#readOperation(operation));
  }

  #readOperation({ key, at, node }: OperationNode): Operation {
    const [, path, method] = at;
    const id = node.operationId;
    if (typeof id !== "string") {
      throw new ContractError(`${this.openapi.place(at)}: ${key} has no operationId`);
    }
    const parameters = [["paths", path], at].flatMap((holder) =>
      this.#list([...holder, "parameters"]).map((_, index) => this.#readParameter([...holder, "parameters", index])),
    );
    return {
      key,
      name: String(this.names.data[key] ?? id),
      id,
      method: method.toUpperCase(),
      path,
      // The contract is a collection of published pages. Operations from elsewhere have a mark.
      source: String(node["x-source"] ?? "documented"),
      at,
      node,
      parameters,
      requestBody: this.#readRequestBody([...at, "requestBody"]),
      responses: Object.keys(this.#object([...at, "responses"])).map((status) => this.#readResponse(at, status)),
    };
  }

  #readParameter(at: Path): Parameter {
    const { name, in: location, required, description, schema } = this.#object(at);
    return {
      name: String(name),
      in: String(location),
      required: required === true,
      description: typeof description === "string" ? description : "",
      schema: schema ?? {},
    };
  }

  #readRequestBody(at: Path): Operation["requestBody"] {
    const { node } = this.resolve(at);
    return node === undefined
      ? undefined
      : { required: this.#object(at).required === true, content: this.#readContent(at) };
  }

  #readResponse(operation: Path, status: string): Response {
    const at = [...operation, "responses", status];
    return { status, at, node: this.#object(at), content: this.#readContent(at) };
  }

  #readContent(holder: Path): Content[] {
    const at = [...holder, "content"];
    return Object.keys(this.resolve(at).node ?? {}).map((mediaType) => ({
      mediaType,
      at: this.resolve([...at, mediaType]).at,
      node: this.#object([...at, mediaType]),
    }));
  }

  #checkNames(): void {
    const known = new Set(this.operations.map((operation) => operation.key));
    const taken = new Map<string, string>();
    for (const key of Object.keys(this.names.data)) {
      if (!known.has(key)) {
        throw new ContractError(`${this.names.place([key])}: the contract has no operation "${key}"`);
      }
    }
    for (const { key, name } of this.operations) {
      if (!/^[a-z]\w*(\.[a-z]\w*)*$/i.test(name)) {
        throw new ContractError(`${this.names.place([key])}: "${name}" is not of the form resource.method`);
      }
      const other = taken.get(name);
      if (other) {
        throw new ContractError(`${this.names.place([key])}: ${key} and ${other} are both named "${name}"`);
      }
      taken.set(name, key);
    }
  }

  #object(path: Path): JsonObject {
    const { node } = this.resolve(path);
    if (typeof node !== "object" || node === null || Array.isArray(node)) {
      throw new ContractError(`${this.openapi.place(path)}: expected a mapping at ${path.join(" > ")}`);
    }
    return node;
  }

  #list(path: Path): Json[] {
    const { node } = this.resolve(path);
    return Array.isArray(node) ? node : [];
  }
}
