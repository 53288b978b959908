/** Collects what was seen at each place of the contract. A schema that several operations use is one place. */
import { type Contract, isObject, type JsonObject, type Path } from "../document.js";
import { addSeen, type Seen } from "./traffic.js";

interface Place {
  at: Path;
  node: JsonObject;
}

/** What was seen at a place of the contract: in all operations that a schema is used in. */
export interface Visit {
  place: Place;
  /** Where it is in bodies, such as `flows.get 200 $.id`. */
  where: string[];
  seen: Seen;
  /** The operation and status of the last body. */
  title: string;
}

/** Collects what was seen at each place of the contract. */
export class Visits {
  /** Places of types: a property's own schema, not the one that it refers to. */
  readonly types = new Map<string, Visit>();
  /** Places of fields: schemas of objects. */
  readonly objects = new Map<string, Visit>();
  /** Places that were not compared, and why. */
  readonly remarks: { place: string; message: string }[] = [];
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
export function branchesOf(contract: Contract, path: Path): Place[] {
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
