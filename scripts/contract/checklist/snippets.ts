/** The lines that a new operation needs: its name, its method and its contract test. */
import { isObject, type Json, type JsonObject, KEY_HEADER, type OperationNode, valueAt } from "../document.js";
import { reachable } from "../import/parts.js";

/** `things.list` for `GET /v1/things/`: the resource of the path's neighbours, and a method by its verb. */
export function proposedName({ key, at: [, path, method] }: OperationNode, names: JsonObject): string {
  const parts = path.split("/").filter((part) => part && !/^v\d+$/.test(part));
  const nouns = parts.filter((part) => !part.startsWith("{"));
  const camel = (text: string): string => text.replaceAll(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
  const [noun = "things", ...actions] = nouns;
  const neighbour = Object.keys(names).find((each) => each.split(" ")[1]?.split("/")[2] === noun && each !== key);
  const resource = neighbour ? String(names[neighbour]).split(".").slice(0, -1).join(".") : camel(noun);
  const isOne = parts.at(-1)?.startsWith("{") === true;
  const verbs: Record<string, string> = {
    get: isOne ? "get" : "list",
    post: "create",
    put: "replace",
    patch: "update",
    delete: "delete",
  };
  const action = actions.length > 0 && !isOne ? camel(actions.join("-")) : (verbs[method] ?? method);
  const taken = new Set(Object.values(names));
  return taken.has(`${resource}.${action}`)
    ? `${resource}.${camel(`${verbs[method]}-${actions.join("-") || noun}`)}`
    : `${resource}.${action}`;
}

interface Parameters {
  path: JsonObject[];
  query: JsonObject[];
}

function parametersOf({ node }: OperationNode): Parameters {
  const all = (Array.isArray(node.parameters) ? node.parameters : []).filter(isObject);
  const of = (place: string): JsonObject[] => all.filter((each) => each.in === place && each.name !== KEY_HEADER);
  return { path: of("path"), query: of("query") };
}

export function methodOf(
  operation: OperationNode,
  name: string,
  now: JsonObject,
  file: string,
  source: string,
): string[] {
  const { key, node } = operation;
  const { path, query } = parametersOf(operation);
  const schema = `${"../".repeat(file.split("/").length - 2)}generated/schema.gen.js`;
  const success = schema.replace("generated/schema.gen.js", "http/contract.js");
  const id = JSON.stringify(node.operationId);
  const camel = (text: Json | undefined): string =>
    String(text).replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const isNumber = ({ schema: type }: JsonObject): boolean =>
    ["integer", "number"].includes(String(valueAt(type, ["type"])));
  const isRequired = query.some(({ required }) => required === true);
  const body = node.requestBody === undefined ? [] : [`body: import("${schema}").${bodyType(operation, now)}`];
  const queries =
    query.length === 0
      ? []
      : [`query${isRequired ? "" : "?"}: import("${schema}").operations[${id}]["parameters"]["query"]`];
  const parameters = [
    ...path.map((each) => `${camel(each.name)}: ${isNumber(each) ? "number" : "string"}`),
    ...body,
    ...queries,
    "options?: RequestOptions",
  ];
  const ids = path.map(({ name: each }) => `${each}: ${camel(each)}`).join(", ");
  const init = [
    ...(path.length > 0 ? [`path: { ${ids} }`] : []),
    ...(body.length > 0 ? ["body"] : []),
    ...(query.length > 0 ? ["query"] : []),
  ];
  const method = name.split(".").at(-1);
  const isFlat = /this\.call\(\s*"\w+\./.test(source);
  return [
    `  /** ${String(node.summary ?? node.operationId).replace(/\.?$/, ".")} */`,
    `  ${method}(${parameters.join(", ")}): ApiPromise<import("${success}").Success<"${key}">> {`,
    `    return this.call("${isFlat ? name : method}", "${key}", ${init.length > 0 ? `{ ${init.join(", ")} }` : "{}"}, options);`,
    "  }",
  ];
}

function bodyType({ node }: OperationNode, now: JsonObject): string {
  const [, name] =
    /^#\/components\/schemas\/(\w+)$/.exec(
      String(valueAt(node, ["requestBody", "content", "application/json", "schema", "$ref"])),
    ) ?? [];
  const isKnown = name !== undefined && reachable(now, [node]).has(`schemas/${name}`);
  return isKnown
    ? name
    : `operations[${JSON.stringify(node.operationId)}]["requestBody"]["content"]["application/json"]`;
}

/** A sample of a parameter. */
function sample({ schema }: JsonObject): Json {
  return ["integer", "number"].includes(String(valueAt(schema, ["type"]))) ? 7 : "abc";
}

/** The arguments of a call with samples: ids, the body, and the query with what it requires. */
function argumentsOf(operation: OperationNode, body: string, takesQuery: boolean): string[] {
  const { path, query } = parametersOf(operation);
  const values = query.filter(mustBeSent).map((each) => `${each.name}: ${JSON.stringify(sample(each))}`);
  return [
    ...path.map((each) => JSON.stringify(sample(each))),
    ...(operation.node.requestBody === undefined ? [] : [body]),
    ...(takesQuery ? [values.length > 0 ? `{ ${values.join(", ")} }` : "{}"] : []),
  ];
}

function mustBeSent({ required }: JsonObject): boolean {
  return required === true;
}

export function optionsRow(operation: OperationNode, name: string): string[] {
  const list = argumentsOf(operation, "{} as never", parametersOf(operation).query.length > 0);
  return [`  "${name}": { call: (databar, options) => databar.${name}(${[...list, "options"].join(", ")}) },`];
}

export function tableRow(operation: OperationNode, name: string): string[] {
  const { path, query } = parametersOf(operation);
  const required = query.filter(mustBeSent);
  const body = operation.node.requestBody !== undefined;
  const list = argumentsOf(operation, "body", required.length > 0);
  const pathname = path.reduce((text, each) => text.replace(`{${each.name}}`, String(sample(each))), operation.at[1]);
  const search = required.map((each) => `${each.name}=${sample(each)}`).join("&");
  return [
    `  "${name}": {`,
    `    call: (databar${body ? ", body" : ""}) => databar.${name}(${list.join(", ")}),`,
    `    pathname: "${pathname}",`,
    ...(search ? [`    search: "?${search}",`] : []),
    "  },",
  ];
}
