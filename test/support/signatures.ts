/** Reads the client's methods, with their arguments and results, from the source. The guide for assistants lists them. */
import ts from "typescript";

/** One method, such as `tasks.get`. */
export interface Signature {
  name: string;
  /** `(taskId, query?, options?)` */
  parameters: string;
  /** The type that the promise resolves to or the iterator yields, such as `TaskResponse`. */
  result: string;
  spendsCredits: boolean;
}

/** Reads the methods of `Databar`, in the order of the source. */
export function readSignatures(): Signature[] {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ".");
  const program = ts.createProgram(["src/client.ts"], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile("src/client.ts");
  const declaration = source?.statements.find(ts.isClassDeclaration);
  if (!declaration?.name) {
    throw new Error("src/client.ts declares no class");
  }
  return signaturesOf(checker, checker.getTypeAtLocation(declaration.name), "");
}

function signaturesOf(checker: ts.TypeChecker, type: ts.Type, prefix: string): Signature[] {
  return checker.getPropertiesOfType(type).flatMap((property) => {
    const { valueDeclaration } = property;
    const name = `${prefix}${property.name}`;
    if (valueDeclaration && ts.isMethodDeclaration(valueDeclaration)) {
      return isInternal(valueDeclaration) ? [] : [signatureOf(checker, valueDeclaration, name)];
    }
    const inner = checker.getTypeOfSymbol(property);
    // `api` is not a resource: its type is an interface of openapi-fetch.
    return inner.isClass() ? signaturesOf(checker, inner, `${name}.`) : [];
  });
}

/** `call` of a resource is protected. */
function isInternal(declaration: ts.MethodDeclaration): boolean {
  const isHidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return !ts.isIdentifier(declaration.name) || (ts.getCombinedModifierFlags(declaration) & isHidden) !== 0;
}

function signatureOf(checker: ts.TypeChecker, declaration: ts.MethodDeclaration, name: string): Signature {
  const names = declaration.parameters.map((parameter) => {
    return `${parameter.name.getText()}${checker.isOptionalParameter(parameter) ? "?" : ""}`;
  });
  const documentation = ts
    .getJSDocCommentsAndTags(declaration)
    .map((each) => each.getText())
    .join();
  return {
    name,
    parameters: `(${names.join(", ")})`,
    result: resultOf(declaration),
    spendsCredits: documentation.includes("Spends credits"),
  };
}

/** The result type inside the promise or the async iterator that every method returns. */
function resultOf({ type }: ts.MethodDeclaration): string {
  const [argument] = type && ts.isTypeReferenceNode(type) ? (type.typeArguments ?? []) : [];
  if (!argument) {
    throw new Error(`a method declares neither a promise nor an iterator: ${type?.getText()}`);
  }
  return type?.getText().startsWith("AsyncGenerator<") ? `yields ${argument.getText()}` : argument.getText();
}
