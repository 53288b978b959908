/** Rates what a change means for the build of a program. TypeScript's checker compares the types of both contracts. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../../project.js";
import { METHODS } from "../document.js";
import type { Change } from "./change.js";
import { type Direction, TypeDiff } from "./type-diff.js";

const OLD = "/old/results.ts";
const NEW = "/new/results.ts";
const LIB = "lib.es5.d.ts";

const SCHEMA = "generated/schema.gen";

let lib: ts.SourceFile | undefined;

/** The changes between two generated type files that a build may notice. */
export function compileChanges(oldTypes: string, newTypes: string): Change[] {
  if (oldTypes === newTypes) {
    return [];
  }
  const success = successModule();
  const results = `
    export type * from "./${SCHEMA}.js";
    import type { paths } from "./${SCHEMA}.js";
    import type { Success } from "./${success.name}.js";
    export type Results = {
      [Path in keyof paths & string]: {
        [Method in keyof paths[Path] & string]: Success<\`\${Uppercase<Method>} \${Path}\`>;
      };
    };`;
  const side = (folder: string, types: string): [string, string][] => [
    [`/${folder}/results.ts`, results],
    [`/${folder}/${SCHEMA}.ts`, types],
    [`/${folder}/${success.name}.ts`, success.text],
  ];
  const program = createProgram(new Map([...side("old", oldTypes), ...side("new", newTypes)]));
  return new ContractTypes(program).changes();
}

/** The module of `src` with the result type of a method. It is used as it is, so a copy cannot become stale. */
function successModule(): { name: string; text: string } {
  const folder = join(root, "src");
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const text = file.endsWith(".ts") ? readFileSync(join(folder, file), "utf8") : "";
    if (/^export type Success</m.test(text)) {
      return { name: file.replaceAll("\\", "/").replace(/\.ts$/, ""), text };
    }
  }
  throw new Error("No file in src exports the type Success, the result type of a method");
}

/** A program of files in memory; the library is parsed once. */
function createProgram(files: ReadonlyMap<string, string>): ts.Program {
  const options: ts.CompilerOptions = { strict: true, noEmit: true, types: [], lib: [LIB], skipLibCheck: true };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.directoryExists = () => true;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, version) => {
    const text = files.get(name);
    if (text !== undefined) {
      return ts.createSourceFile(name, text, version, true);
    }
    if (name.endsWith(LIB)) {
      lib ??= getSourceFile(name, version);
      return lib;
    }
    return getSourceFile(name, version);
  };
  return ts.createProgram([OLD, NEW], options, host);
}

class ContractTypes {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  readonly #changes: Change[] = [];

  constructor(program: ts.Program) {
    this.#program = program;
    this.#checker = program.getTypeChecker();
  }

  changes(): Change[] {
    this.#compareNames("type", (file) => this.#members(file, "components", "schemas"));
    this.#compareNames("operations entry", (file) => this.#members(file, "operations"));
    this.#compareOperations();
    return this.#changes;
  }

  /** Names that programs may import. */
  #compareNames(noun: string, namesOf: (file: string) => ReadonlyMap<string, ts.Type>): void {
    const old = namesOf(OLD);
    const now = namesOf(NEW);
    for (const name of old.keys()) {
      if (!now.has(name)) {
        this.#changes.push(change("major", "", name, `${name}: the ${noun} is gone`));
      }
    }
    for (const name of now.keys()) {
      if (!old.has(name)) {
        this.#changes.push(change("minor", "", name, `${name}: new ${noun}`));
      }
    }
  }

  #compareOperations(): void {
    const old = this.#operations(OLD);
    const now = this.#operations(NEW);
    for (const [key, type] of old) {
      const other = now.get(key);
      if (!other) {
        this.#changes.push(change("major", key, "", `${key}: the operation is gone`));
      } else {
        this.#compareOperation(key, type, other);
      }
    }
    for (const key of now.keys()) {
      if (!old.has(key)) {
        this.#changes.push(change("minor", key, "", `${key}: new operation`));
      }
    }
  }

  #compareOperation(key: string, old: ts.Type, now: ts.Type): void {
    const diff = new TypeDiff(this.#checker);
    const [from, to] = [diff.propertiesOf(old), diff.propertiesOf(now)];
    const parts = ["parameters", "responses"].map((name) => [from.get(name)?.type, to.get(name)?.type]);
    const [[oldParameters, newParameters] = [], [oldResponses, newResponses] = []] = parts;
    if (oldParameters && newParameters) {
      this.#compareParameters(diff, oldParameters, newParameters);
    }
    this.#compareBody(diff, this.#property(old, "requestBody"), this.#property(now, "requestBody"));
    if (oldResponses && newResponses) {
      this.#compareResponses(diff, oldResponses, newResponses);
    }
    this.#compareResults(diff, key);
    for (const { level, where, message } of diff.findings) {
      this.#changes.push(change(level, key, where, message));
    }
  }

  /** Query, header, path and cookie; a group that has no parameters is `never`. */
  #compareParameters(diff: TypeDiff, old: ts.Type, now: ts.Type): void {
    for (const group of ["path", "query", "header", "cookie"]) {
      const from = this.#object(this.#property(old, group));
      const to = this.#object(this.#property(now, group));
      if (from && to) {
        diff.compare(from, to, group, "request");
      } else {
        for (const [name, { type }] of from ? diff.propertiesOf(from) : []) {
          diff.add("major", `${group}.${name}`, `${group}.${name}: is no longer accepted (was ${diff.print(type)})`);
        }
        for (const [name, { type, isOptional }] of to ? diff.propertiesOf(to) : []) {
          const words = isOptional ? "new" : "new and required";
          diff.add(
            isOptional ? "minor" : "major",
            `${group}.${name}`,
            `${group}.${name}: ${words} (${diff.print(type)})`,
          );
        }
      }
    }
  }

  #compareBody(diff: TypeDiff, old: ts.Type | undefined, now: ts.Type | undefined): void {
    const [from, to] = [this.#object(old), this.#object(now)];
    const isOptional = (type: ts.Type | undefined): boolean => type !== undefined && this.#object(type) !== type;
    if (from && to) {
      diff.compareOptionality(isOptional(old), isOptional(now), "body", "request");
      this.#compareContent(diff, from, to, "body", "request");
    } else if (from) {
      diff.add("major", "body", "body: is no longer accepted");
    } else if (to) {
      const words = isOptional(now) ? "new" : "new and required";
      diff.add(isOptional(now) ? "minor" : "major", "body", `body: ${words}`);
    }
  }

  #compareResponses(diff: TypeDiff, old: ts.Type, now: ts.Type): void {
    const [from, to] = [diff.propertiesOf(old), diff.propertiesOf(now)];
    for (const [status, { type }] of from) {
      const other = to.get(status);
      if (!other) {
        diff.add("major", status, `${status}: the response is gone`);
      } else {
        this.#compareContent(diff, type, other.type, status, "response");
        const [headers, newHeaders] = [this.#property(type, "headers"), this.#property(other.type, "headers")];
        if (headers && newHeaders) {
          diff.compare(headers, newHeaders, `${status} headers`, "response");
        }
      }
    }
    for (const status of to.keys()) {
      if (!from.has(status)) {
        diff.add("minor", status, `${status}: new response`);
      }
    }
  }

  #compareContent(diff: TypeDiff, old: ts.Type, now: ts.Type, where: string, direction: Direction): void {
    const [from, to] = [old, now].map((holder) => {
      const content = this.#object(this.#property(holder, "content"));
      return content ? diff.propertiesOf(content) : new Map<string, never>();
    });
    for (const [mediaType, { type }] of from ?? []) {
      const other = to?.get(mediaType);
      if (other) {
        diff.compare(type, other.type, `${where} ${mediaType}`, direction);
      } else {
        diff.add("major", `${where} ${mediaType}`, `${where} ${mediaType}: the media type is gone`);
      }
    }
    for (const mediaType of to?.keys() ?? []) {
      if (!from?.has(mediaType)) {
        diff.add("minor", `${where} ${mediaType}`, `${where} ${mediaType}: new media type`);
      }
    }
  }

  /** The results of the client's methods: the bodies of all successful responses. */
  #compareResults(diff: TypeDiff, key: string): void {
    const [verb = "", path = ""] = key.split(" ");
    const [old, now] = [OLD, NEW].map((file) => {
      const item = this.#members(file, "Results").get(path);
      return item && this.#property(item, verb.toLowerCase());
    });
    const isBroken = diff.findings.some(({ level, where }) => level === "major" && /^2/.test(where));
    const wasVoid = old && old.flags & ts.TypeFlags.Void;
    if (old && now && !wasVoid && !isBroken && !this.#checker.isTypeAssignableTo(now, old)) {
      diff.compare(old, now, "result", "response");
    }
  }

  /** The object in an optional member's type; undefined for `never`. */
  #object(type: ts.Type | undefined): ts.Type | undefined {
    const object = type && this.#checker.getNonNullableType(type);
    return object && !(object.flags & ts.TypeFlags.Never) ? object : undefined;
  }

  #operations(file: string): Map<string, ts.Type> {
    const found = new Map<string, ts.Type>();
    for (const [path, item] of this.#members(file, "paths")) {
      for (const method of METHODS) {
        const type = this.#property(item, method);
        const operation = this.#object(type);
        if (operation) {
          found.set(`${method.toUpperCase()} ${path}`, operation);
        }
      }
    }
    return found;
  }

  /** The members of an exported interface, or of one of its properties. */
  #members(file: string, name: string, property?: string): Map<string, ts.Type> {
    const source = this.#program.getSourceFile(file);
    const module = source && this.#checker.getSymbolAtLocation(source);
    const symbol = module && this.#checker.getExportsOfModule(module).find((each) => each.name === name);
    const type = symbol && this.#checker.getDeclaredTypeOfSymbol(symbol);
    const holder = type && property ? this.#property(type, property) : type;
    const members = holder ? this.#checker.getPropertiesOfType(holder) : [];
    return new Map(members.map((member) => [member.name, this.#checker.getTypeOfSymbol(member)]));
  }

  #property(type: ts.Type, name: string): ts.Type | undefined {
    const symbol = this.#checker.getPropertyOfType(type, name);
    return symbol && this.#checker.getTypeOfSymbol(symbol);
  }
}

function change(level: Change["level"], operation: string, where: string, message: string): Change {
  return { level, kind: "compile", operation, where, message };
}
