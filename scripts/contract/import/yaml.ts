/** Changes the data of a YAML text through its nodes. Comments and style of unchanged parts survive. */
import { isDeepStrictEqual } from "node:util";
import { type Document, isMap, isNode, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { isObject, type Json, type JsonObject } from "../document.js";

/** The style of the files in `openapi/`. Writing a written file again changes nothing. */
const STYLE = { lineWidth: 0, singleQuote: true, flowCollectionPadding: false };

/** The text in the form in which {@link edited} writes. */
export function normalized(text: string): string {
  return parseDocument(text).toString(STYLE);
}

/** The text with other data; the same text if the data is the same. */
export function edited(text: string, data: JsonObject): string {
  const document = parseDocument(text);
  if (isDeepStrictEqual(document.toJS(), data)) {
    return text;
  }
  document.contents = adapted(document, document.contents, data) as typeof document.contents;
  return document.toString(STYLE);
}

/** Changes a node to a value. Inner nodes that already have their part of the value stay. */
function adapted(document: Document.Parsed, node: unknown, value: Json): unknown {
  if (isNode(node) && isDeepStrictEqual(node.toJS(document), value)) {
    return node;
  }
  if (isMap(node) && isObject(value)) {
    node.items = Object.entries(value).map(([key, inner]) => {
      const pair = node.items.find((each) => keyOf(each.key) === key);
      if (!pair) {
        return document.createPair(key, inner);
      }
      pair.value = adapted(document, pair.value, inner) as Node;
      return pair;
    });
    return node;
  }
  if (isSeq(node) && Array.isArray(value)) {
    const left = node.items.map((item) => ({ item, old: (item as Node).toJS(document) as Json }));
    const take = (fits: (old: Json) => boolean) => {
      const index = left.findIndex(({ old }) => fits(old));
      return index < 0 ? undefined : left.splice(index, 1)[0]?.item;
    };
    const same = value.map((item) => take((old) => isDeepStrictEqual(old, item)));
    node.items = value.map((item, index) => {
      const old = same[index] ?? take((each) => isObject(each) && isObject(item) && each.name === item.name);
      return old ? adapted(document, old, item) : document.createNode(item);
    });
    return node;
  }
  if (isScalar(node) && (typeof value !== "object" || value === null)) {
    node.value = value;
    return node;
  }
  return document.createNode(value);
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}
