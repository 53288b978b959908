/**
 * Shows the fields of the contract's types. openapi-typescript writes each of them as `components["schemas"]["Name"]`,
 * and TypeDoc would show no more than that.
 */
import {
  type Application,
  Comment,
  type Context,
  Converter,
  type DeclarationReflection,
  IndexedAccessType,
  LiteralType,
  type ProjectReflection,
  ReferenceType,
  type Reflection,
  ReflectionKind,
  Type,
} from "typedoc";
import ts from "typescript";

/** Call it before the conversion. */
export function showContractTypes({ converter }: Application): void {
  const aliases: { context: Context; reflection: DeclarationReflection }[] = [];
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context: Context, reflection: DeclarationReflection) => {
    if (reflection.kindOf(ReflectionKind.TypeAlias)) {
      aliases.push({ context, reflection });
    }
  });
  // The type of a reflection is set after the event above.
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    const schemas = aliases.filter(({ reflection }) => schemaOf(reflection.type) === reflection.name);
    const named = new Map(schemas.map(({ reflection }) => [reflection.name, reflection]));
    for (const { context, reflection } of schemas) {
      showFields(context, reflection, named);
    }
    for (const reflection of Object.values(project.reflections)) {
      linkTypes(reflection, named, project);
      tidyComment(reflection);
    }
  });
}

/** Replaces the type by its fields. */
function showFields(context: Context, reflection: DeclarationReflection, named: ReadonlyMap<string, Reflection>): void {
  const symbol = context.getSymbolFromReflection(reflection);
  if (!symbol) {
    return;
  }
  const { converter } = context;
  const scope = context.withScope(reflection);
  const type = context.checker.getDeclaredTypeOfSymbol(symbol);
  const [declaration] = type.symbol?.declarations ?? [];
  const isLinked = ([, name = ""]: RegExpMatchArray): boolean => named.has(name);
  // A declaration names the types of its fields. A type is expanded at every depth.
  reflection.type =
    declaration &&
    ts.isTypeLiteralNode(declaration) &&
    [...declaration.getText().matchAll(/\["schemas"\]\["(\w+)"\]/g)].every(isLinked)
      ? converter.convertType(scope, declaration)
      : converter.convertType(scope, type);
}

/** Replaces the contract's types in an object of TypeDoc, at any depth, by links to their pages. */
function linkTypes(
  holder: Reflection | Type,
  named: ReadonlyMap<string, Reflection>,
  project: ProjectReflection,
): void {
  const linked = (value: Type): Type => {
    const name = schemaOf(value);
    const target = name === undefined ? undefined : named.get(name);
    if (target) {
      return ReferenceType.createResolvedReference(target.name, target, project);
    }
    linkTypes(value, named, project);
    return value;
  };
  for (const [key, value] of Object.entries(holder)) {
    if (value instanceof Type) {
      Reflect.set(holder, key, linked(value));
    } else if (Array.isArray(value) && value.some((item) => item instanceof Type)) {
      Reflect.set(
        holder,
        key,
        value.map((item) => (item instanceof Type ? linked(item) : item)),
      );
    }
  }
}

/** The contract has a title for each field, which is its name again, and then perhaps its description. */
function tidyComment({ name, comment }: Reflection): void {
  const letters = (text: string): string => text.toLowerCase().replace(/[^a-z\d]/g, "");
  const isTitle = comment && [letters(name), ""].includes(letters(Comment.combineDisplayParts(comment.summary)));
  if (isTitle) {
    comment.summary = comment.getTag("@description")?.content ?? [];
    comment.removeTags("@description");
  }
}

/** `Name` of the type `components["schemas"]["Name"]`. */
function schemaOf(type: unknown): string | undefined {
  if (
    type instanceof IndexedAccessType &&
    type.indexType instanceof LiteralType &&
    typeof type.indexType.value === "string" &&
    /^components\[["']schemas["']\]$/.test(type.objectType.toString())
  ) {
    return type.indexType.value;
  }
  return undefined;
}
