/** Compares recorded traffic with the contract: what can be added to it, and where the two disagree. */
import { isFieldName } from "../../../src/drift/check.js";
import { type Contract, isObject, type Json, type JsonObject, type Operation, type Path } from "../document.js";
import { addSeen, enumSize, type Responses, type Seen, total } from "./traffic.js";

/**
 * A field counts as always present after this many exchanges without a gap. By the rule of three, it is then absent in less
 * than 1 % of all exchanges, with 95 % confidence.
 */
export const REQUIRED_AFTER = 300;

/** A change of the contract's data. */
export interface Proposal {
  /** `flows.get 200 $.usage`. */
  place: string;
  /** `add usage (object): in 12 of 12 responses`. */
  message: string;
  /** How deep in the contract the changed schema is. */
  depth: number;
  apply: (openapi: JsonObject) => void;
}

/** A difference that no edit is proposed for. */
export interface Remark {
  place: string;
  message: string;
}

export interface Findings {
  /** In the order in which they can be applied. */
  proposals: Proposal[];
  remarks: Remark[];
}

/** What the traffic shows that the contract does not say. */
export function propose(contract: Contract, traffic: readonly Responses[]): Findings {
  const visits = new Visits(contract);
  const remarks: Remark[] = [];
  for (const { operation: name, status, exchanges, response: seen } of traffic) {
    const place = `${name} ${status}`;
    const operation = contract.operations.find((each) => each.name === name);
    const response = operation?.responses.find((each) => each.status === String(status));
    const [content] = response?.content ?? [];
    if (!operation) {
      remarks.push({ place, message: "the contract has no such operation" });
    } else if (!response) {
      remarks.push({
        place,
        message: `the status is not documented (${times(exchanges, "exchange")}); add it by hand`,
      });
    } else if (content && seen.exchanges > 0) {
      visits.visit(place, seen, [...content.at, "schema"], "$");
    }
  }
  const judge = new Judge(contract, editable(contract));
  for (const visit of visits.types.values()) {
    judge.types(visit);
  }
  for (const visit of visits.objects.values()) {
    judge.fields(visit);
  }
  return {
    // A schema that accepts another type moves into a union: what is inside is changed before.
    proposals: judge.proposals.sort((a, b) => b.depth - a.depth),
    remarks: [...remarks, ...visits.remarks, ...judge.remarks],
  };
}

/** Whether the schema at a path may be edited: no documented operation uses it. */
function editable(contract: Contract): (at: Path) => boolean {
  const documented = documentedSchemas(contract);
  const open = new Set(contract.operations.filter(isFromClients).map(({ at }) => JSON.stringify(at)));
  return (at) => (at[0] === "components" ? !documented.has(String(at[2])) : open.has(JSON.stringify(at.slice(0, 3))));
}

/** Whether an operation is known from Databar's clients or from traffic only. */
function isFromClients({ source }: Operation): boolean {
  return source === "sdk" || source === "recorded";
}

/** The component schemas that documented operations use. They are never edited. */
function documentedSchemas(contract: Contract): Set<string> {
  const found = new Set<string>();
  const add = (node: Json | undefined): void => {
    if (typeof node !== "object" || node === null) {
      return;
    }
    const name = Array.isArray(node) ? undefined : /^#\/components\/schemas\/(.+)$/.exec(String(node.$ref))?.[1];
    if (name !== undefined && !found.has(name)) {
      found.add(name);
      add(contract.resolve(["components", "schemas", name]).node);
    }
    Object.values(node).forEach(add);
  };
  for (const operation of contract.operations.filter((each) => !isFromClients(each))) {
    add(operation.node);
  }
  return found;
}

interface Place {
  at: Path;
  node: JsonObject;
}

/** What was seen at a place of the contract: in all operations that a schema is used in. */
interface Visit {
  place: Place;
  /** Where it is in bodies, such as `flows.get 200 $.id`. */
  where: string[];
  seen: Seen;
  /** The operation and status of the last body. */
  title: string;
}

/** Collects what was seen at each place of the contract. */
class Visits {
  /** Places of types: a property's own schema, not the one that it refers to. */
  readonly types = new Map<string, Visit>();
  /** Places of fields: schemas of objects. */
  readonly objects = new Map<string, Visit>();
  readonly remarks: Remark[] = [];
  readonly #contract: Contract;

  constructor(contract: Contract) {
    this.#contract = contract;
  }

  visit(title: string, seen: Seen, path: Path, where: string): void {
    const branches = branchesOf(this.#contract, path);
    const parent = this.#contract.resolve(path.slice(0, -1));
    const key = path.at(-1) ?? "";
    const own = (parent.node as JsonObject | undefined)?.[key];
    if (!isObject(own)) {
      return;
    }
    register(this.types, { at: [...parent.at, key], node: own }, title, where, seen);
    const [object, other] = branches.filter(({ node }) => isObject(node.properties));
    if (object && !other) {
      register(this.objects, object, title, where, seen);
      for (const [name, field] of seen.fields) {
        if (Object.hasOwn(object.node.properties as JsonObject, name)) {
          this.visit(title, field, [...object.at, "properties", name], `${where}.${name}`);
        }
      }
    } else if (other && seen.fields.size > 0) {
      const message = "has several kinds of objects in the contract; they were not compared";
      this.remarks.push({ place: `${title} ${where}`, message });
    }
    const list = branches.find(({ node }) => isObject(node.items));
    if (list && seen.items) {
      this.visit(title, seen.items, [...list.at, "items"], `${where}[]`);
    }
    const map = branches.find(({ node }) => isObject(node.additionalProperties));
    if (map && seen.map) {
      this.visit(title, seen.map, [...map.at, "additionalProperties"], `${where}.*`);
    }
  }
}

function register(into: Map<string, Visit>, place: Place, title: string, where: string, seen: Seen): void {
  const key = JSON.stringify(place.at);
  const known = into.get(key);
  into.set(key, {
    place,
    where: [...(known?.where ?? []), `${title} ${where}`],
    seen: addSeen(known?.seen, seen, known?.title === title),
    title,
  });
}

/** The schema at a path, followed by the alternatives of its union. */
function branchesOf(contract: Contract, path: Path): Place[] {
  const { at, node } = contract.resolve(path);
  if (!isObject(node)) {
    return [];
  }
  const parts = ["anyOf", "oneOf", "allOf"].flatMap((key) => {
    const list = node[key];
    return Array.isArray(list) ? list.flatMap((_, index) => branchesOf(contract, [...at, key, index])) : [];
  });
  return [{ at, node }, ...parts];
}

/** Turns what was seen into proposals, or into remarks where nothing may be edited. */
class Judge {
  readonly proposals: Proposal[] = [];
  readonly remarks: Remark[] = [];
  readonly #contract: Contract;
  readonly #isOpen: (at: Path) => boolean;

  constructor(contract: Contract, isOpen: (at: Path) => boolean) {
    this.#contract = contract;
    this.#isOpen = isOpen;
  }

  /** Types, and values of enums. */
  types(visit: Visit): void {
    const { place, seen } = visit;
    const branches = branchesOf(this.#contract, place.at);
    const documented = new Set(branches.flatMap(({ node }) => [node.type ?? []].flat().map(String)));
    const isDocumented = (type: string): boolean =>
      documented.has(type) || (type === "integer" && documented.has("number"));
    const others = documented.size === 0 ? [] : Object.keys(seen.types).filter((type) => !isDocumented(type));
    for (const type of others) {
      const count = `${seen.types[type]} of ${times(total(seen), "value")}`;
      const message = `accept ${type} as well: seen in ${count}, the contract says ${[...documented].join(" | ")}`;
      this.#offer(visit, "", message, (schema) => widen(schema, type, seen));
    }
    const other = seen.values["(other)"] ?? 0;
    if (other > 0) {
      this.#remark(visit, "", `${times(other, "value")} outside the enum; values are not recorded, look at a response`);
    }
    const size = enumSize(seen);
    const isEnum = branches.some(({ node }) => node.enum !== undefined);
    if (size !== undefined && !isEnum && seen.exchanges >= REQUIRED_AFTER) {
      this.#remark(
        visit,
        "",
        `looks like an enum of ${times(size, "value")}; values are not recorded, look at a response`,
      );
    }
  }

  /** New fields, and the presence of documented ones. */
  fields(visit: Visit): void {
    const { seen, place } = visit;
    const properties = place.node.properties as JsonObject;
    const required = Array.isArray(place.node.required) ? place.node.required.map(String) : [];
    for (const [name, field] of seen.fields) {
      if (!Object.hasOwn(properties, name) && isFieldName(name)) {
        this.#newField(visit, field, name);
      }
    }
    for (const name of Object.keys(properties)) {
      this.#presence(visit, name, required.includes(name));
    }
  }

  #newField(visit: Visit, field: Seen, name: string): void {
    const { seen } = visit;
    const isRequired = isAlways(seen, field);
    const message = `add ${name} (${typesOf(field)}${isRequired ? ", required" : ""}): in ${presence(seen, field)}`;
    this.#offer(visit, `.${name}`, message, (schema) => {
      if (isObject(schema.properties)) {
        const description = `Seen in ${presence(seen, field)}.`;
        schema.properties[name] = { ...inferred(field), description, ...mark(seen) };
      }
      if (isRequired) {
        schema.required = [...(Array.isArray(schema.required) ? schema.required : []), name];
      }
    });
  }

  /** Whether a documented field is there as often as the contract says. */
  #presence(visit: Visit, name: string, isRequired: boolean): void {
    const { seen } = visit;
    const field = seen.fields.get(name);
    const count = field ? total(field) : 0;
    if (isRequired && count < seen.objects) {
      const message = `make ${name} optional: in ${count} of ${times(seen.objects, "object")}, the contract says required`;
      this.#offer(visit, `.${name}`, message, (schema) => {
        const { required, properties } = schema;
        schema.required = (Array.isArray(required) ? required : []).filter((each) => each !== name);
        const property = isObject(properties) ? properties[name] : undefined;
        if (isObject(property) && property.$ref === undefined) {
          Object.assign(property, mark(seen));
        }
      });
    } else if (!isRequired && field && isAlways(seen, field)) {
      const message = `is optional in the contract, and in ${presence(seen, field)}: it may be required`;
      this.#remark(visit, `.${name}`, message);
    }
  }

  #offer(visit: Visit, inside: string, message: string, change: (schema: JsonObject) => void): void {
    const { at } = visit.place;
    if (!this.#isOpen(at)) {
      this.#remark(visit, inside, `documented part, not edited: ${message}`);
      return;
    }
    const apply = (openapi: JsonObject): void => {
      const schema = at.reduce<Json | undefined>((node, key) => (node as JsonObject | undefined)?.[key], openapi);
      if (!isObject(schema)) {
        throw new Error(`no schema at ${at.join(" > ")}`);
      }
      change(schema);
    };
    this.proposals.push({ place: placeOf(visit, inside), message, depth: at.length, apply });
  }

  #remark(visit: Visit, inside: string, message: string): void {
    this.remarks.push({ place: placeOf(visit, inside), message });
  }
}

function placeOf({ where }: Visit, inside: string): string {
  const [first = "", ...others] = where;
  return `${first}${inside}${others.length > 0 ? ` (and ${times(others.length, "other place")})` : ""}`;
}

function isAlways(seen: Seen, field: Seen): boolean {
  return total(field) === seen.objects && seen.objectExchanges >= REQUIRED_AFTER;
}

/** Exchanges are independent samples; the items of one list are not. */
function mark({ objectExchanges }: Seen): JsonObject {
  return { "x-source": "recorded", "x-samples": objectExchanges };
}

function presence(seen: Seen, field: Seen): string {
  const exchanges = `${field.exchanges} of ${times(seen.objectExchanges, "response")}`;
  return seen.objects === seen.objectExchanges
    ? exchanges
    : `${exchanges} (${total(field)} of ${times(seen.objects, "object")})`;
}

function typesOf(seen: Seen): string {
  return Object.keys(seen.types).sort().join(" | ");
}

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A schema for what was seen: no narrower than the samples allow. */
export function inferred(seen: Seen): JsonObject {
  const { integer, number, ...others } = seen.types;
  const types = [...Object.keys(others), ...(number ? ["number"] : integer ? ["integer"] : [])].filter(
    (type) => type !== "nothing",
  );
  const schemas = types.sort((a, b) => Number(a === "null") - Number(b === "null")).map((type) => ofType(type, seen));
  const [only] = schemas;
  return schemas.length === 1 && only ? only : { anyOf: schemas };
}

function ofType(type: string, seen: Seen): JsonObject {
  if (type === "string") {
    const format = Object.entries(seen.formats).find(([, count]) => count === seen.types.string)?.[0];
    return { type, ...(format !== undefined && { format }) };
  }
  if (type === "array") {
    return { type, items: seen.items ? inferred(seen.items) : {} };
  }
  if (type === "object") {
    const fields = [...seen.fields].map(([name, field]): [string, Json] => [name, inferred(field)]);
    const required = [...seen.fields].filter(([, field]) => isAlways(seen, field)).map(([name]) => name);
    return {
      type,
      ...(fields.length > 0 && { properties: Object.fromEntries(fields) }),
      ...(required.length > 0 && { required }),
      ...((seen.map || fields.length === 0) && { additionalProperties: true }),
    };
  }
  return { type };
}

/** Adds a type to a schema. */
function widen(schema: JsonObject, type: string, seen: Seen): void {
  const added = ofType(type, seen);
  const key = ["anyOf", "oneOf"].find((each) => Array.isArray(schema[each]));
  if (key) {
    schema[key] = [...(schema[key] as Json[]), added];
  } else {
    const { title, description, "x-source": _, "x-samples": __, ...own } = schema;
    for (const name of Object.keys(own)) {
      delete schema[name];
    }
    Object.assign(schema, {
      anyOf: [own, added],
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
    });
  }
  Object.assign(schema, { "x-source": "recorded", "x-samples": seen.exchanges });
}
