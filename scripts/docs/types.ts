/**
 * Shows the fields of the contract's types. openapi-typescript writes each of them as `components["schemas"]["Name"]`,
 * and TypeDoc would show no more than that.
 */
import {
  type Application,
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

/** Call it before the conversion. */
export function showContractTypes({ converter }: Application): void {
  const named = new Map<string, DeclarationReflection>();
  converter.on(Converter.EVENT_CREATE_DECLARATION, (context: Context, reflection: DeclarationReflection) => {
    const symbol = context.getSymbolFromReflection(reflection);
    if (symbol && reflection.kindOf(ReflectionKind.TypeAlias) && schemaOf(reflection.type) === reflection.name) {
      const type = context.checker.getDeclaredTypeOfSymbol(symbol);
      reflection.type = context.converter.convertType(context.withScope(reflection), type);
      named.set(reflection.name, reflection);
    }
  });
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => {
    for (const reflection of Object.values(project.reflections)) {
      linkTypes(reflection, named, project);
    }
  });
}

/** Replaces the contract's types in an object of TypeDoc, at any depth, by links to their pages. */
function linkTypes(holder: Reflection | Type, named: ReadonlyMap<string, Reflection>, project: ProjectReflection): void {
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
