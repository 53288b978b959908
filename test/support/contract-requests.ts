/** Requests made from the contract's own examples, to test the replay. */
import { examples } from "../../src/generated/examples.gen.js";
import type { OperationName } from "../../src/generated/operations.gen.js";
import { contract, type Schema, successStatus } from "../../src/testing/contract.js";

const UUID = "3fa85f64-5717-4562-b3fc-2c963f66afa6";

export const names = Object.keys(contract.operations) as OperationName[];

export function operationOf(name: OperationName) {
  const operation = contract.operations[name];
  if (!operation) {
    throw new Error(`no operation ${name}`);
  }
  return operation;
}

/** The first example of an operation's success; undefined if it has no body. */
export function firstSuccess(name: OperationName): unknown {
  const operation = operationOf(name);
  const documented = contract.examples[name]?.[successStatus(operation)]?.["application/json"] ?? {};
  return Object.values(documented)[0]?.value;
}

/** A valid path of an operation, with the ids of its first example. Some values may be replaced. */
export function pathOf(name: OperationName, replaced: Record<string, string> = {}): string {
  const { path, parameters } = operationOf(name);
  const body = Object(firstSuccess(name));
  return path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    const schema = parameters.find((each) => each.in === "path" && each.name === parameter)?.schema;
    const valid = schema?.format === "uuid" ? UUID : schema?.type === "string" ? "some-id" : "7";
    const own = path.endsWith(`{${parameter}}`) ? (body.id ?? body.identifier) : undefined;
    return replaced[parameter] ?? String(body[parameter] ?? own ?? valid);
  });
}

/** A valid path with the query parameters that are required, and others. */
export function targetOf(name: OperationName, query: Record<string, string> = {}, path = pathOf(name)): string {
  const required = operationOf(name).parameters.filter((each) => each.in === "query" && each.required);
  const valid = required.map((each): [string, string] => [each.name, each.schema.type === "string" ? "text" : "7"]);
  const all = new URLSearchParams({ ...Object.fromEntries(valid), ...query });
  return all.size > 0 ? `${path}?${all}` : path;
}

/** Copies of the operation's request examples. */
export function bodiesOf(name: OperationName): unknown[] {
  const { request } = examples[name] as { request?: { "application/json": Record<string, { value: unknown }> } };
  return structuredClone(Object.values(request?.["application/json"] ?? {}).map(({ value }) => value));
}

/** The request example with as many rows as the success example has results: its answer is exactly that example. */
export function bodyFor(name: OperationName, success: unknown): unknown {
  const bodies = bodiesOf(name);
  const size = (value: unknown, list: string): unknown => (Object(value)[list] as unknown[] | undefined)?.length;
  return bodies.find((body) => size(body, "rows") === size(success, "results")) ?? bodies[0];
}

export function bodySchema(name: OperationName): Schema | undefined {
  return operationOf(name).requestBody?.content["application/json"];
}

/** A valid request to an operation. */
export function requestFor(name: OperationName, body: unknown = bodiesOf(name)[0], target = targetOf(name)): Request {
  return new Request(`https://api.databar.ai${target}`, {
    method: operationOf(name).method,
    headers: { "x-apikey": "test-key-5f2d", ...(body !== undefined && { "content-type": "application/json" }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** The paths to a schema's required fields in a value. */
export function requiredFields(schema: Schema, value: unknown, at: (string | number)[] = []): (string | number)[][] {
  const { $ref, anyOf, properties, required = [], items } = schema;
  if (typeof $ref === "string") {
    return requiredFields(contract.schemas[$ref.replace(/^.*\//, "")] ?? {}, value, at);
  }
  if (Array.isArray(anyOf)) {
    return anyOf.flatMap((each) => requiredFields(each, value, at));
  }
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => requiredFields((items ?? {}) as Schema, item, [...at, index]));
  }
  if (typeof value !== "object" || value === null || !properties) {
    return [];
  }
  return Object.entries(value).flatMap(([key, inner]) => [
    ...((required as string[]).includes(key) ? [[...at, key]] : []),
    ...requiredFields((properties as Record<string, Schema>)[key] ?? {}, inner, [...at, key]),
  ]);
}

/** The paths to all values inside a value, itself included. */
export function places(value: unknown, at: (string | number)[] = []): (string | number)[][] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [at, ...inner.flatMap(([key, each]) => places(each, [...at, Array.isArray(value) ? Number(key) : key]))];
}

/** A copy with one value replaced. `undefined` removes it. */
export function changed(value: unknown, [key, ...rest]: readonly (string | number)[], to: unknown): unknown {
  if (key === undefined) {
    return to;
  }
  const copy = structuredClone(value) as Record<string | number, unknown>;
  if (rest.length === 0 && to === undefined) {
    if (Array.isArray(copy)) {
      copy.splice(Number(key), 1);
    } else {
      delete copy[key];
    }
  } else {
    copy[key] = changed(copy[key], rest, to);
  }
  return copy;
}
