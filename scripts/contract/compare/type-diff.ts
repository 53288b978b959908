/** Compares two types member by member and reports where old code stops compiling. */
import ts from "typescript";
import type { Level } from "./change.js";

export interface Finding {
  level: Level;
  where: string;
  message: string;
}

/** `response`: old code reads new values. `request`: old code's values meet the new type. */
export type Direction = "request" | "response";

interface Member {
  type: ts.Type;
  isOptional: boolean;
}

/**
 * The compiler decides whether one type fits another. The walk finds the smallest place to report. It also sees what
 * assignability does not: a removed field can no longer be read, or written in a literal.
 */
export class TypeDiff {
  readonly findings: Finding[] = [];
  readonly #checker: ts.TypeChecker;
  /** Compared pairs of types, and whether they break; types may contain themselves. */
  readonly #seen = new Map<string, boolean>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  /** Compares two types; true if old code breaks. */
  compare(old: ts.Type, now: ts.Type, where: string, direction: Direction): boolean {
    const key = `${direction} ${(old as { id?: number }).id} ${(now as { id?: number }).id}`;
    const known = this.#seen.get(key);
    if (known !== undefined) {
      return known;
    }
    this.#seen.set(key, false);
    const isBroken = this.#compareMembers(old, now, where, direction);
    this.#seen.set(key, isBroken);
    return isBroken;
  }

  add(level: Level, where: string, message: string): boolean {
    if (!this.findings.some((finding) => finding.where === where && finding.message === message)) {
      this.findings.push({ level, where, message });
    }
    return level === "major";
  }

  #compareMembers(old: ts.Type, now: ts.Type, where: string, direction: Direction): boolean {
    const { pairs, oldRest, nowRest } = this.#pair(membersOf(old), membersOf(now));
    let isBroken = false;
    for (const [from, to] of pairs) {
      isBroken = this.#comparePair(from, to, where, direction) || isBroken;
    }
    const source = direction === "response" ? nowRest : oldRest;
    const target = direction === "response" ? old : now;
    const fits = source.every((type) => this.#checker.isTypeAssignableTo(type, target));
    if (!fits || oldRest.length > 0 || nowRest.length > 0) {
      const message = `${where}: ${this.print(old)} -> ${this.print(now)}`;
      isBroken = this.add(fits ? "minor" : "major", where, message) || isBroken;
    }
    return isBroken;
  }

  /** Pairs the members of two unions; equal members are left out. */
  #pair(old: readonly ts.Type[], now: readonly ts.Type[]) {
    const pairs: [ts.Type, ts.Type][] = [];
    const nowRest = [...now];
    const take = (matches: (type: ts.Type) => boolean): ts.Type | undefined => {
      const index = nowRest.findIndex(matches);
      return index < 0 ? undefined : nowRest.splice(index, 1)[0];
    };
    const kinds = (types: readonly ts.Type[], kind: string) => types.filter((type) => this.#kind(type) === kind).length;
    const oldRest = old.filter((type) => {
      const kind = this.#kind(type);
      const name = this.#schemaName(type);
      const isOnly = kinds(old, kind) === 1 && kinds(now, kind) === 1;
      if (kind === "other") {
        return !take((each) => this.#kind(each) === kind && this.print(each) === this.print(type));
      }
      const other =
        (name && take((each) => this.#schemaName(each) === name)) ||
        take((each) => this.#kind(each) === kind && (isOnly || this.print(each) === this.print(type)));
      if (other) {
        pairs.push([type, other]);
      }
      return !other;
    });
    return { pairs, oldRest, nowRest };
  }

  #comparePair(old: ts.Type, now: ts.Type, where: string, direction: Direction): boolean {
    if (this.#kind(old) === "array") {
      const [from] = this.#checker.getTypeArguments(old as ts.TypeReference);
      const [to] = this.#checker.getTypeArguments(now as ts.TypeReference);
      return from && to ? this.compare(from, to, `${where}[]`, direction) : false;
    }
    const place = this.#schemaName(old) ?? where;
    const isBroken = this.#compareProperties(old, now, place, direction);
    const [source, target] = direction === "response" ? [now, old] : [old, now];
    // Everything that the compiler refuses is reported.
    return isBroken || this.#checker.isTypeAssignableTo(source, target)
      ? isBroken
      : this.add("major", place, `${place}: ${this.#text(old)} -> ${this.#text(now)}`);
  }

  #compareProperties(old: ts.Type, now: ts.Type, where: string, direction: Direction): boolean {
    const from = this.propertiesOf(old);
    const to = this.propertiesOf(now);
    const oldIndex = this.#checker.getIndexTypeOfType(old, ts.IndexKind.String);
    const nowIndex = this.#checker.getIndexTypeOfType(now, ts.IndexKind.String);
    let isBroken = false;
    for (const [name, member] of from) {
      const other = to.get(name) ?? (nowIndex && { type: nowIndex, isOptional: member.isOptional });
      isBroken = this.#compareProperty(member, other, join(where, name), direction) || isBroken;
    }
    for (const [name, { type, isOptional }] of to) {
      if (!from.has(name)) {
        const place = join(where, name);
        const isAsked = direction === "request" && !isOptional;
        const message = isAsked
          ? `${place}: new and required (${this.print(type)})`
          : `${place}: new (${this.print(type)})`;
        isBroken = this.add(isAsked ? "major" : "minor", place, message) || isBroken;
      }
    }
    if (oldIndex && nowIndex) {
      return this.compare(oldIndex, nowIndex, `${where}[key]`, direction) || isBroken;
    }
    if (oldIndex || nowIndex) {
      const message = oldIndex ? `${where}: other keys are no longer allowed` : `${where}: other keys are allowed`;
      return this.add(oldIndex ? "major" : "minor", where, message) || isBroken;
    }
    return isBroken;
  }

  #compareProperty(old: Member, now: Member | undefined, where: string, direction: Direction): boolean {
    if (!now) {
      const loss = direction === "response" ? "can no longer be read" : "is no longer accepted";
      return this.add("major", where, `${where}: ${loss} (was ${this.print(old.type)})`);
    }
    const isBroken = this.compareOptionality(old.isOptional, now.isOptional, where, direction);
    return this.compare(old.type, now.type, where, direction) || isBroken;
  }

  compareOptionality(old: boolean, now: boolean, where: string, direction: Direction): boolean {
    if (old === now) {
      return false;
    }
    const breaks = direction === "response" ? now : old;
    return this.add(
      breaks ? "major" : "minor",
      where,
      `${where}: ${old ? "optional -> required" : "required -> optional"}`,
    );
  }

  /** The properties of an object type, none of a type that has no values. */
  propertiesOf(type: ts.Type): Map<string, Member> {
    const properties = this.#checker.getPropertiesOfType(type);
    return new Map(
      properties.map((symbol) => {
        const isOptional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
        return [symbol.name, { type: this.#checker.getTypeOfSymbol(symbol), isOptional }];
      }),
    );
  }

  /** A type with the contract's names. */
  print(type: ts.Type): string {
    const members = type.isUnion() ? type.types : [type];
    const isOptional = members.some(({ flags }) => flags & ts.TypeFlags.Undefined) && members.length > 1;
    const texts = members
      .filter(({ flags }) => !(isOptional && flags & ts.TypeFlags.Undefined))
      .map((each) => this.#text(each));
    // null is printed last, and boolean is a union that TypeScript splits.
    const sorted = [...texts.filter((text) => text !== "null"), ...texts.filter((text) => text === "null")];
    return sorted.join(" | ").replace("false | true", "boolean");
  }

  #text(type: ts.Type): string {
    const name = this.#schemaName(type);
    if (name) {
      return name;
    }
    if (this.#kind(type) === "array") {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      const text = item ? this.print(item) : "unknown";
      return text.includes(" | ") ? `(${text})[]` : `${text}[]`;
    }
    const text = this.#checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation).replaceAll(/\s+/g, " ");
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
  }

  #kind(type: ts.Type): "array" | "object" | "other" {
    if (this.#checker.isArrayType(type)) {
      return "array";
    }
    return type.flags & ts.TypeFlags.Object ? "object" : "other";
  }

  /** `Connector` for the type with that name in `components.schemas`. */
  #schemaName(type: ts.Type): string | undefined {
    const entry = type.symbol?.declarations?.[0]?.parent;
    const holder = entry?.parent?.parent;
    const isSchema = holder && ts.isPropertySignature(holder) && holder.name.getText() === "schemas";
    return isSchema && ts.isPropertySignature(entry) ? entry.name.getText().replace(/^"|"$/g, "") : undefined;
  }
}

/** The members of a union, or the type itself; none for `never`. Optionality is compared separately. */
function membersOf(type: ts.Type): ts.Type[] {
  const members = type.isUnion() ? type.types : [type];
  return members.filter(({ flags }) => !(flags & (ts.TypeFlags.Never | ts.TypeFlags.Undefined)));
}

function join(where: string, name: string): string {
  return where === "" ? name : `${where}.${name}`;
}
