/**
 * The CommonJS build of the client, for Jest and for TypeScript's `module: node16`.
 *
 * Node never loads it: the condition `module-sync` makes `require` load the ES module, so a program has one copy.
 */
import { writeFileSync } from "node:fs";
import { build, type Plugin } from "esbuild";
import ts from "typescript";
import { root } from "../project.js";

/**
 * Keeps dependencies external. This package has "type": "module", so esbuild would import a CommonJS dependency as Node
 * does, with `module.exports` as its default export. A module in between uses the `__esModule` convention instead.
 */
const interop: Plugin = {
  name: "interop",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/, namespace: "file" }, ({ path, kind }) =>
      kind === "entry-point" ? undefined : { path, namespace: "interop" },
    );
    onResolve({ filter: /./, namespace: "interop" }, ({ path }) => ({ path, external: true }));
    onLoad({ filter: /./, namespace: "interop" }, ({ path }) => ({
      contents: `export * from "${path}"; export { default } from "${path}";`,
      resolveDir: root,
    }));
  },
};

/** Writes `dist/index.cjs`, `dist/schema.cjs` and their types, after the ES modules and theirs. */
export async function buildCommonJs(): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ["src/index.ts"],
    outfile: "dist/index.cjs",
    bundle: true,
    plugins: [interop],
    format: "cjs",
    platform: "neutral",
    target: "es2022",
    minify: true,
    // A printed error begins with the name of its class.
    keepNames: true,
  });
  const values = Object.keys(await import(`${root}/dist/index.js`));
  writeFileSync(`${root}/dist/index.d.cts`, typesOf("./index.js", declarations(`${root}/dist/index.d.ts`, values)));
  // Types only: `require` gets an empty module, as `import` does.
  writeFileSync(`${root}/dist/schema.cjs`, "");
  writeFileSync(`${root}/dist/schema.d.cts`, typesOf("./generated/schema.gen.js", []));
}

/** Types of a CommonJS module that refer to the types of an ES module. A copy of the types would be ten times as large. */
function typesOf(module: string, values: readonly string[]): string {
  const importing = `from "${module}" with { "resolution-mode": "import" };`;
  const esm = values.length > 0 ? [`import type * as esm ${importing}`] : [];
  return [...esm, `export type * ${importing}`, ...values, ""].join("\n");
}

/** Declares the values that a module exports. */
function declarations(file: string, values: readonly string[]): string[] {
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, skipLibCheck: true, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const symbols = module ? checker.getExportsOfModule(module) : [];
  return values.map((name) => {
    const symbol = symbols.find((each) => each.name === name);
    if (!symbol) {
      throw new Error(`${file} does not declare ${name}`);
    }
    return declare(name, symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  });
}

/** Declares an exported value, and its type if it is a class. */
function declare(name: string, { declarations = [] }: ts.Symbol): string {
  const value = `export declare const ${name}: typeof esm.${name};`;
  const declaration = declarations.find(ts.isClassDeclaration);
  if (!declaration) {
    return value;
  }
  const list = (texts: string[]): string => (texts.length > 0 ? `<${texts.join(", ")}>` : "");
  const parameters = declaration.typeParameters ?? [];
  const declared = list(parameters.map((parameter) => parameter.getText()));
  const passed = list(parameters.map((parameter) => parameter.name.text));
  return `${value}\nexport type ${name}${declared} = esm.${name}${passed};`;
}
