/** Compares recorded traffic with the contract: what can be added to it, and where the two disagree. */
import { isFieldName } from "../../../src/drift/check.js";
import { type Contract, isObject, type Json, type JsonObject, type Operation, type Path } from "../document.js";
import { inferred, isAlways, mark, presence, REQUIRED_AFTER, times, typesOf, widen } from "./infer.js";
import { enumSize, type Responses, type Seen, total } from "./traffic.js";
import { branchesOf, type Visit, Visits } from "./visits.js";

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
  for (const visit of visits.objects.values()) {
    judge.fields(visit);
  }
  for (const visit of visits.types.values()) {
    judge.types(visit);
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
  // Sorted: the order of the recorded exchanges does not matter.
  const [first = "", ...others] = [...where].sort();
  return `${first}${inside}${others.length > 0 ? ` (and ${times(others.length, "other place")})` : ""}`;
}
